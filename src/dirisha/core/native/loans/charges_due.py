"""What charges add to the installments, and what is kept back at disbursement.

Percentages of interest that fall due on a date are of the interest of the whole loan, so that they can be worked out
only when all installments stand. Source: Fineract's `cumulativeFeeChargesDueWithin`, `LoanCharge`; loan-math §7, §17.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.charges import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.loans.periods import Period
from dirisha.core.native.rounding import UNROUNDED
from dirisha.core.parts import Parts

OF_INTEREST = {ChargeCalculation.PERCENT_OF_INTEREST, ChargeCalculation.PERCENT_OF_AMOUNT_AND_INTEREST}
AT_DISBURSEMENT = {ChargeTime.DISBURSEMENT, ChargeTime.TRANCHE_DISBURSEMENT}


class Charges:
    """All charges of a loan that its installments ask for, fees and penalties apart."""

    __slots__ = ("_fees", "_penalties")

    def __init__(self, charges: Iterable[ChargeTerms], amounts: Amounts) -> None:
        charges = tuple(charges)
        self._fees = _Sums([charge for charge in charges if not charge.is_penalty], amounts)
        self._penalties = _Sums([charge for charge in charges if charge.is_penalty], amounts)

    def __bool__(self) -> bool:
        return bool(self._fees or self._penalties)

    @property
    def wait_for_all_interest(self) -> bool:
        return bool(self._fees.waiting or self._penalties.waiting)

    def added_to(self, due: Parts, period: Period, lent_minor: int) -> Parts:
        """What an installment asks for, with its own charges and those dated within its period."""
        fees = self._fees.within(period, due, lent_minor)
        return Parts(due.principal, due.interest, fees, self._penalties.within(period, due, lent_minor))

    def of_all_interest(self, from_date: date, due_date: date, lent_minor: int, interest_minor: int) -> Parts:
        """Those that are a percentage of the interest of the whole loan; none on the day of disbursement itself."""
        within = (from_date, due_date, lent_minor, interest_minor)
        return Parts(fees=self._fees.of_all_interest(*within), penalties=self._penalties.of_all_interest(*within))


class _Sums:
    """Charges of one kind, as an installment adds them up."""

    __slots__ = ("_amounts", "_dated", "_each", "waiting")

    def __init__(self, charges: Iterable[ChargeTerms], amounts: Amounts) -> None:
        self._amounts = amounts
        self._each: list[ChargeTerms] = []
        self._dated: list[tuple[date, ChargeTerms]] = []
        self.waiting: list[tuple[date, ChargeTerms]] = []
        for charge in charges:
            if charge.time is ChargeTime.INSTALLMENT_FEE:
                self._each.append(charge)
            elif charge.time is ChargeTime.SPECIFIED_DUE_DATE and charge.due_on is not None:
                dated = self.waiting if charge.calculation in OF_INTEREST else self._dated
                dated.append((charge.due_on, charge))

    def __bool__(self) -> bool:
        return bool(self._each or self._dated)

    def within(self, period: Period, due: Parts, lent_minor: int) -> int:
        """The first day of a loan is in its first period; that of any other period belongs to the one before."""
        total_minor = 0
        for charge in self._each:
            total_minor = self._plus(total_minor, charge, due.principal, due.interest)
        for on, charge in self._dated:
            if period.from_date < on <= period.due_date or (period.number == 1 and on == period.from_date):
                total_minor = self._plus(total_minor, charge, lent_minor, 0)
        return total_minor

    def of_all_interest(self, from_date: date, due_date: date, lent_minor: int, interest_minor: int) -> int:
        total_minor = 0
        for on, charge in self.waiting:
            if from_date < on <= due_date:
                total_minor = self._plus(total_minor, charge, lent_minor, interest_minor)
        return total_minor

    def _plus(self, total_minor: int, charge: ChargeTerms, principal_minor: int, interest_minor: int) -> int:
        amount = charge_amount(charge, self._amounts, principal_minor, interest_minor)
        return self._amounts.rounded(UNROUNDED.add(total_minor, amount))


def charge_amount(charge: ChargeTerms, amounts: Amounts, principal_minor: int, interest_minor: int) -> Decimal:
    """In minor units, not rounded; without the charge's own least and most, which the schedule's rows do not heed."""
    if charge.calculation is ChargeCalculation.FLAT:
        return UNROUNDED.scaleb(charge.amount, amounts.scale)
    base = base_minor(charge.calculation, principal_minor, interest_minor)
    return amounts.digits.divide(UNROUNDED.multiply(charge.amount, base), 100)


def base_minor(calculation: ChargeCalculation, principal_minor: int, interest_minor: int) -> int:
    """What a percentage is of."""
    if calculation is ChargeCalculation.PERCENT_OF_AMOUNT_AND_INTEREST:
        return principal_minor + interest_minor
    return interest_minor if calculation is ChargeCalculation.PERCENT_OF_INTEREST else principal_minor


def at_disbursement_minor(
    charges: Iterable[ChargeTerms], amounts: Amounts, principal_minor: int, interest_minor: int
) -> int:
    """What all charges at disbursement come to, each within its least and most."""
    total = Decimal(0)
    for charge in charges:
        if charge.time in AT_DISBURSEMENT:
            total = UNROUNDED.add(
                total, capped(charge, charge_amount(charge, amounts, principal_minor, interest_minor))
            )
    return amounts.rounded(total)


def capped(charge: ChargeTerms, amount_minor: Decimal) -> Decimal:
    """No less than the charge's least, no more than its most."""
    if charge.least is not None and amount_minor < charge.least.minor:
        return Decimal(charge.least.minor)
    if charge.most is not None and amount_minor > charge.most.minor:
        return Decimal(charge.most.minor)
    return amount_minor
