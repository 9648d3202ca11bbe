"""How a reschedule changes a loan's course: what is out is spread anew over the installments that are left.

Source: Fineract's `AbstractCumulativeLoanScheduleGenerator.applyLoanTermVariations`; loan-math §8.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import date

from dirisha.core.native.loans.basis import Basis
from dirisha.core.native.loans.course import Course
from dirisha.core.native.loans.declining_interest import DecliningInterest
from dirisha.core.native.loans.grace import repaying_principal, without_principal
from dirisha.core.native.loans.periods import Period
from dirisha.core.native.loans.principal import EqualInstallments, EqualPrincipal, level_installment
from dirisha.core.native.loans.rates import Rates
from dirisha.core.native.loans.reschedule import Reschedule
from dirisha.core.native.loans.terms import Amortization


class Rescheduling:
    """The reschedules of a loan that its course has not come to yet."""

    __slots__ = ("_basis", "_fixed_until", "_pending", "_rates", "_spared")

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._pending = deque(sorted(basis.terms.reschedules, key=lambda change: change.from_due))
        self._fixed_until: date | None = None
        self._rates = basis.rates
        self._spared = without_principal(basis.terms)

    def ahead_of(self, period: Period, course: Course) -> None:
        """Change the course before it goes through a period."""
        if self._fixed_until is not None and period.due_date > self._fixed_until:
            self._fixed_until = None
            self._spread(period, course)
        while self._pending and self._pending[0].from_due <= period.due_date:
            self._change(self._pending.popleft(), period, course)

    def _change(self, change: Reschedule, period: Period, course: Course) -> None:
        if not change.changes_amounts:
            return
        number_of_repayments = course.terms.number_of_repayments + change.longer_by
        course.terms = replace(course.terms, number_of_repayments=number_of_repayments)
        self._spare(change, period.number, course)
        if change.interest_rate is not None and isinstance(course.interest, DecliningInterest):
            self._rates = course.interest.rates = Rates(course.terms, self._basis.first.seed, change.interest_rate)
        if change.installment is None:
            self._spread(period, course)
        else:
            course.principal = EqualInstallments(change.installment.minor, self._spared)
            self._fixed_until = change.installment_until

    def _spare(self, change: Reschedule, number: int, course: Course) -> None:
        self._spared = self._spared.union(range(number, number + change.grace_on_principal))
        if isinstance(course.interest, DecliningInterest):
            numbers = range(number, number + change.grace_on_interest_payment)
            course.interest.unasked = course.interest.unasked.union(numbers)

    def _spread(self, period: Period, course: Course) -> None:
        """What is out, over the installments that still repay principal."""
        count = repaying_principal(course.terms, self._spared, after=period.number - 1)
        if course.terms.amortization is Amortization.EQUAL_INSTALLMENTS:
            level_minor = level_installment(course.amounts, course.balance_minor, self._rates, count)
            course.principal = EqualInstallments(level_minor, self._spared)
        else:
            course.principal = EqualPrincipal(course.amounts.share(course.balance_minor, count), self._spared)
