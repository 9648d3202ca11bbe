"""Interest on the principal still out, and what a grace does to it.

While a grace on payment lasts, interest is not asked for but carried: all of it comes with the first interest that is.
In an interest-free installment none arises. Source: Fineract's `LoanApplicationTerms.calculateTotalInterestForPeriod`
and `CumulativeDecliningBalanceInterestLoanScheduleGenerator`; loan-math §4, §6.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.interest import Interest
from dirisha.core.native.loans.periods import Period
from dirisha.core.native.loans.rates import Rates
from dirisha.core.native.loans.terms import Grace


class DecliningInterest:
    """`unasked` are the numbers of the installments whose interest a grace on payment carries.

    `total_minor` is known only when all installments are.
    """

    __slots__ = ("_amounts", "_free_until", "rates", "total_minor", "unasked")

    def __init__(self, amounts: Amounts, rates: Rates, grace: Grace) -> None:
        self._amounts = amounts
        self._free_until = grace.interest_free
        self.unasked = frozenset(range(1, grace.on_interest_payment + 1))
        self.rates = rates
        self.total_minor: int | None = None

    def of(
        self, period: Period, balance_minor: int, carried_minor: int, changes: Iterable[tuple[date, int]] = ()
    ) -> Interest:
        """`changes` of the balance within the period, by date; each stretch of one balance is rounded by itself."""
        asked_minor, carries_minor, start = 0, carried_minor, period.interest_from
        for on, change_minor in changes:
            if on > start:
                piece_minor, carries_minor = self._stretch(period, balance_minor, start, on, carries_minor)
                asked_minor, start = asked_minor + piece_minor, on
            balance_minor += change_minor
        piece_minor, carries_minor = self._stretch(period, balance_minor, start, period.due_date, carries_minor)
        asked_minor += piece_minor
        own_minor = asked_minor - carried_minor if asked_minor > 0 else carries_minor - carried_minor
        return Interest(asked_minor, own_minor, carries_minor)

    def _stretch(
        self, period: Period, balance_minor: int, start: date, end: date, carried_minor: int
    ) -> tuple[int, int]:
        """What is asked for a stretch, and what is carried after it."""
        if period.number <= self._free_until:
            return 0, carried_minor
        arises_minor = self._amounts.times(balance_minor, self.rates.of_period(start, end))
        spared = period.postponed or period.number in self.unasked
        if arises_minor > 0 and not spared:
            return carried_minor + arises_minor, 0
        return 0 if spared else arises_minor, carried_minor + arises_minor
