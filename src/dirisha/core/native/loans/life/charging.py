"""Charges of a loan in life: what they come to, which installment carries them, which of them a payment settles.

Source: Fineract's `LoanCharge`, `LoanRepaymentScheduleProcessingWrapper` and `updateChargesPaidAmountBy`; loan-math §7,
§10, §17.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Context, Decimal

from dirisha.core.installments import Installment, InstallmentKind
from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.charges import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.loans.charges_due import AT_DISBURSEMENT, base_minor, capped, charge_amount
from dirisha.core.native.loans.life.open_charges import OpenCharge, OpenFee
from dirisha.core.native.loans.life.payment import Payment
from dirisha.core.native.loans.life.rows import Portion, Row
from dirisha.core.native.loans.life.state import InstallmentFee, LoanCharge
from dirisha.core.native.loans.life.transactions import ChargeShare
from dirisha.core.native.rounding import UNROUNDED
from dirisha.core.parts import Parts

_DATED = (ChargeTime.SPECIFIED_DUE_DATE, ChargeTime.OVERDUE_INSTALLMENT)

# A charge's own amount is a percentage taken at eight digits; its share of an installment is not (loan-math §17).
_EIGHT_DIGITS = 8


def new_charge(
    terms: ChargeTerms, rows: Sequence[Row], amounts: Amounts, *, number: int, submitted_on: date, lent_minor: int
) -> LoanCharge:
    """A charge that is put on a loan with these installments, of which `lent_minor` is lent."""
    interest_minor = sum(row.due[Portion.INTEREST] for row in rows)
    base = base_minor(terms.calculation, lent_minor, interest_minor)
    fees = _installment_fees(terms, rows, amounts) if terms.time is ChargeTime.INSTALLMENT_FEE else ()
    if terms.calculation is ChargeCalculation.FLAT:
        amount = sum(fee.amount_minor for fee in fees) if fees else amounts.from_major(terms.amount)
        outstanding = amount
    else:
        whole = sum(fee.amount_minor for fee in fees)
        outstanding = amounts.rounded(capped(terms, Decimal(whole))) if fees else charged_minor(terms, base, amounts)
        amount = whole if fees else outstanding
    return LoanCharge(
        number=number,
        terms=terms,
        due_on=terms.due_on,
        amount_minor=amount,
        submitted_on=submitted_on,
        base_minor=0 if terms.calculation is ChargeCalculation.FLAT else base,
        outstanding_minor=outstanding,
        fees=fees,
    )


def charged_minor(terms: ChargeTerms, base: int, amounts: Amounts) -> int:
    """What a charge comes to: its amount, or its percentage of `base`, within its least and most."""
    if terms.calculation is ChargeCalculation.FLAT:
        return amounts.from_major(terms.amount)
    digits = Context(prec=_EIGHT_DIGITS, rounding=amounts.mode)
    percentage = digits.multiply(Decimal(base), digits.divide(terms.amount, 100))
    return amounts.rounded(capped(terms, percentage))


def _installment_fees(terms: ChargeTerms, rows: Sequence[Row], amounts: Amounts) -> tuple[InstallmentFee, ...]:
    return tuple(
        InstallmentFee(
            installment=row.number,
            amount_minor=installment_fee_minor(terms, row, amounts),
        )
        for row in rows
        if not row.is_charges_only and not row.is_down_payment
    )


def installment_fee_minor(terms: ChargeTerms, row: Row, amounts: Amounts) -> int:
    """The fee of one installment; its least and most are those of the whole charge."""
    return amounts.rounded(charge_amount(terms, amounts, row.due[Portion.PRINCIPAL], row.due[Portion.INTEREST]))


def spread(rows: Sequence[Row], charges: Sequence[OpenCharge], amounts: Amounts, disbursed_on: date) -> None:
    """Put what charges ask for, and what is waived of them, on the installments; earlier figures are forgotten."""
    lent_minor = sum(row.due[Portion.PRINCIPAL] for row in rows)
    interest_minor = sum(row.due[Portion.INTEREST] for row in rows)
    carried = [charge for charge in charges if not charge.is_at_disbursement and charge.frozen.active]
    from_date, is_first = disbursed_on, True
    for row in rows:
        if row.is_down_payment:
            continue
        due, waived = [0, 0], [0, 0]
        for charge in carried:
            amount = _amount_within(charge, row, from_date, is_first, amounts, lent_minor, interest_minor)
            if amount is not None:
                before = due[charge.is_penalty]
                due[charge.is_penalty] = amounts.rounded(UNROUNDED.add(before, amount))
                # A charge's least may be above what the row asks for it.
                waived[charge.is_penalty] += min(_waived_of(charge, row), due[charge.is_penalty] - before)
        row.touched = True
        row.due[Portion.FEES :] = due
        row.waived[Portion.FEES :] = waived
        if row.met_on is not None and row.outstanding_minor != 0:
            row.met_on = None
        from_date, is_first = row.due_date, False


def _amount_within(
    charge: OpenCharge,
    row: Row,
    from_date: date,
    is_first: bool,
    amounts: Amounts,
    lent_minor: int,
    interest_minor: int,
) -> Decimal | None:
    """What the charge asks of the installment, not rounded; None where it does not fall on it."""
    terms = charge.frozen.terms
    if charge.is_installment_fee:
        if row.is_charges_only:
            return None
        return charge_amount(terms, amounts, row.due[Portion.PRINCIPAL], row.due[Portion.INTEREST])
    on = charge.frozen.due_on
    if on is None or not (from_date < on <= row.due_date or (is_first and on == from_date)):
        return None
    if terms.time is ChargeTime.OVERDUE_INSTALLMENT or terms.calculation is ChargeCalculation.FLAT:
        return Decimal(charge.amount_minor)
    return charge_amount(terms, amounts, lent_minor, interest_minor)


def _waived_of(charge: OpenCharge, row: Row) -> int:
    if not charge.is_installment_fee:
        return charge.waived_minor
    return next((fee.waived_minor for fee in charge.fees if fee.installment == row.number), 0)


def charges_only_row(rows: Sequence[Row], charges: Sequence[OpenCharge]) -> Row | None:
    """The row for charges that fall due after the last repayment, where there is one and no such row yet.

    A row that stands already is moved to the latest of them.
    """
    latest = max(
        (
            charge.frozen.due_on
            for charge in charges
            if charge.frozen.terms.time in _DATED and charge.frozen.due_on is not None
        ),
        default=None,
    )
    last = rows[-1]
    if latest is None or latest <= last.due_date:
        return None
    if last.is_charges_only:
        last.touched = True
        last.due_date = latest
        return None
    return Row(
        Installment(
            number=len(rows) + 1,
            from_date=last.due_date,
            due_date=latest,
            due=Parts(),
            kind=InstallmentKind.CHARGES_ONLY,
        )
    )


Open = tuple[OpenCharge, OpenFee | None]


def settle(charges: Sequence[OpenCharge], payment: Payment, amounts: Sequence[int]) -> None:
    """Which charges the fees and penalties of `amounts` settle: the unpaid one that falls due first, and so on."""
    for portion in (Portion.FEES, Portion.PENALTIES):
        _share_out(payment, amounts[portion], _of_kind(charges, portion), _earliest_unpaid, OpenCharge.pay, 1)


def unsettle(charges: Sequence[OpenCharge], payment: Payment, amounts: Sequence[int]) -> None:
    """Which charges a refund takes money back from: the paid one that falls due last, and so on."""
    for portion in (Portion.FEES, Portion.PENALTIES):
        _share_out(payment, amounts[portion], _of_kind(charges, portion), _latest_paid, OpenCharge.take_back, -1)


def _of_kind(charges: Sequence[OpenCharge], portion: Portion) -> Sequence[OpenCharge]:
    return [charge for charge in charges if charge.is_penalty is (portion is Portion.PENALTIES)]


def _share_out(
    payment: Payment,
    left_minor: int,
    charges: Sequence[OpenCharge],
    following: Callable[[Sequence[OpenCharge]], Open | None],
    take: Callable[[OpenCharge, int, OpenFee | None], int],
    sign: int,
) -> None:
    while left_minor > 0:
        found = following(charges)
        if found is None:
            return
        charge, fee = found
        taken = take(charge, left_minor, fee)
        if taken <= 0:
            return
        payment.charges.append(ChargeShare(charge.number, sign * taken, fee.installment if fee else None))
        left_minor -= taken


def _earliest_unpaid(charges: Sequence[OpenCharge]) -> Open | None:
    """Of charges due on one day, installment fees come last, and of these the one that was put on the loan last.

    The reference keeps charges in a set: which of two comes first is by chance there.
    """
    return min(_unpaid(charges), key=_settled_first, default=None)


def _settled_first(found: Open) -> tuple[date, bool, int]:
    charge, fee = found
    return _due(found), fee is not None, -charge.number if fee else charge.number


def _unpaid(charges: Sequence[OpenCharge]) -> Iterator[Open]:
    for charge in charges:
        if charge.outstanding_minor > 0 and not charge.is_at_disbursement:
            if charge.is_installment_fee:
                if (fee := charge.earliest_unpaid_fee) is not None:
                    yield charge, fee
            else:
                yield charge, None


def _latest_paid(charges: Sequence[OpenCharge]) -> Open | None:
    paid: list[Open] = []
    for charge in charges:
        if charge.paid_minor > 0 and not charge.is_at_disbursement:
            if charge.is_installment_fee:
                if (fee := charge.latest_paid_fee) is not None:
                    paid.append((charge, fee))
            else:
                paid.append((charge, None))
    return max(paid, key=lambda found: (_due(found), found[1] is not None), default=None)


def _due(found: Open) -> date:
    charge, fee = found
    return fee.due_date if fee else (charge.frozen.due_on or date.max)


def is_at_disbursement(terms: ChargeTerms) -> bool:
    return terms.time in AT_DISBURSEMENT
