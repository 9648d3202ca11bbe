"""The repayments of a progressive loan, and its down payments: what falls due when.

Graces and a day from which interest is charged have no effect on a progressive loan (the reference core heeds neither);
what would need another method is refused by `limits`. Source: Fineract's `ProgressiveLoanScheduleGenerator`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from dirisha.core.installments import Installment, InstallmentKind
from dirisha.core.native.loans.basis import Basis
from dirisha.core.native.loans.charges_due import Charges
from dirisha.core.native.loans.periods import Period, periods
from dirisha.core.native.loans.progressive.period_rates import PeriodRates
from dirisha.core.native.loans.progressive.repayment_plan import RepaymentPlan, Share
from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.tranches import Disbursement
from dirisha.core.parts import Parts
from dirisha.kit.money import Money


def repayments(basis: Basis, charges: Charges) -> list[Installment]:
    """In due-date order and numbered, a down payment ahead of the repayment in whose period the money goes out.

    Raises `TermsRefused` where an installment does not cover its interest, or money goes out when the last is due.
    """
    terms = basis.terms
    stretches = list(islice(periods(terms, basis.disbursed_on), terms.number_of_repayments))
    plan = RepaymentPlan([(p.from_date, p.due_date) for p in stretches], PeriodRates(terms), basis.amounts)
    rows: list[Installment] = []
    lent_minor = placed = 0
    for at, period in enumerate(stretches):
        lent = [part for part in basis.disbursements if period.from_date <= part.on < period.due_date]
        placed += len(lent)
        if lent:
            lent_minor += sum(part.lent_minor for part in lent)
            plan.lend(at, [(part.on, part.lent_minor) for part in lent])
        if terms.down_payment is not None:
            rows += _down_payments(lent, len(rows))
        share = plan.shares[at]
        _check_covers_interest(basis, share)
        due = charges.added_to(Parts(share.principal, share.interest), period, lent_minor)
        rows.append(_repayment(period, len(rows) + 1, due))
    if placed < len(basis.disbursements):
        last = basis.disbursements[-1]
        raise TermsRefused(Rule.TRANCHE_WITHIN_TERM, limit=stretches[-1].due_date, given=last.on)
    return rows


def _down_payments(lent: list[Disbursement], before: int) -> Iterator[Installment]:
    for number, part in enumerate(lent, before + 1):
        yield Installment(
            number=number,
            from_date=part.on,
            due_date=part.on,
            due=Parts(part.down_payment_minor),
            kind=InstallmentKind.DOWN_PAYMENT,
        )


def _repayment(period: Period, number: int, due: Parts) -> Installment:
    return Installment(number=number, from_date=period.from_date, due_date=period.due_date, due=due)


def _check_covers_interest(basis: Basis, share: Share) -> None:
    if share.principal < 0:
        currency = basis.terms.principal.currency
        raise TermsRefused(
            Rule.INSTALLMENT_COVERS_INTEREST,
            limit=Money(share.interest, currency),
            given=Money(share.principal + share.interest, currency),
        )
