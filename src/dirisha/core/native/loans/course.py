"""A loan on its course through the repayment periods: what each asks for, and what stands after it.

This is the loop of every cumulative schedule. Whoever rebuilds a schedule in the middle of a loan's life (another rate,
another installment, principal paid early) changes a course between two of its periods. Source: Fineract's
`AbstractCumulativeLoanScheduleGenerator`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import date
from typing import Protocol

from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.interest import Interest
from dirisha.core.native.loans.last_installment import last_flat_interest, last_principal
from dirisha.core.native.loans.periods import Period
from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.terms import LoanTerms
from dirisha.core.native.loans.tranches import Disbursement
from dirisha.core.parts import Parts
from dirisha.kit.money import Money


class InterestRule(Protocol):
    """How the interest of an installment is found. `total_minor` is the loan's, where it is known beforehand."""

    total_minor: int | None

    def of(
        self, period: Period, balance_minor: int, carried_minor: int, changes: Iterable[tuple[date, int]] = ()
    ) -> Interest: ...


class PrincipalRule(Protocol):
    """How the principal of an installment is found. `level_minor` is the equal installment, where there is one."""

    level_minor: int | None

    def of(self, number: int, interest: Interest, lent_minor: int) -> int: ...


class Course:
    """Where a loan stands between two periods, in minor units.

    `balance_minor` is still out of `lent_minor`; `repaid_minor` and `charged_minor` are the principal and the interest
    of the installments so far; `carried_minor` is interest borne and not asked for yet; `ahead_minor` is principal that
    later installments need not repay, since a negative one (which is shown as none) stands for it.
    """

    __slots__ = (
        "ahead_minor", "amounts", "balance_minor", "carried_minor", "charged_minor", "interest", "lent_minor",
        "principal", "repaid_minor", "terms", "to_come",
    )  # fmt: skip

    def __init__(
        self,
        terms: LoanTerms,
        amounts: Amounts,
        interest: InterestRule,
        principal: PrincipalRule,
        disbursements: Iterable[Disbursement],
    ) -> None:
        self.terms, self.amounts = terms, amounts
        self.interest, self.principal = interest, principal
        self.to_come = deque(disbursements)
        self.balance_minor = self.lent_minor = self.to_come.popleft().lent_minor
        self.repaid_minor = self.charged_minor = self.carried_minor = self.ahead_minor = 0

    @property
    def is_over(self) -> bool:
        return not self.balance_minor and not self.to_come

    def through(self, period: Period) -> Parts:
        """What the period asks for; the course then stands behind it. Raises `TermsRefused`."""
        balance_minor = self.balance_minor
        changes = self._lent_until(period.due_date)
        interest = self.interest.of(period, balance_minor, self.carried_minor, changes)
        principal_minor = self.principal.of(period.number, interest, self.lent_minor)
        principal_minor = last_principal(
            self.terms, self.amounts, period.number, principal_minor,
            self.repaid_minor - self.ahead_minor, self.lent_minor,
        )  # fmt: skip
        asked_minor = interest.asked
        if self.interest.total_minor is not None:
            asked_minor = last_flat_interest(
                self.terms, period.number, asked_minor, self.charged_minor, self.interest.total_minor
            )
        self._check_covers(asked_minor, period)
        self.carried_minor = interest.carries
        principal_minor = self._repay(principal_minor)
        self.charged_minor += asked_minor
        return Parts(principal_minor, asked_minor)

    def _lent_until(self, due_date: date) -> list[tuple[date, int]]:
        """The tranches that go out in the period."""
        changes: list[tuple[date, int]] = []
        while self.to_come and self.to_come[0].on <= due_date:
            tranche = self.to_come.popleft()
            self._check_outstanding(self.balance_minor + tranche.principal_minor)
            self.balance_minor += tranche.lent_minor
            self.lent_minor += tranche.lent_minor
            changes.append((tranche.on, tranche.lent_minor))
        return changes

    def _repay(self, principal_minor: int) -> int:
        """No installment repays less than nothing, nor more than is out; gives what it does repay."""
        if principal_minor > self.ahead_minor:
            principal_minor -= self.ahead_minor
            self.ahead_minor = 0
        else:
            self.ahead_minor -= principal_minor
            principal_minor = 0
        principal_minor = min(principal_minor, self.balance_minor)
        self.balance_minor -= principal_minor
        self.repaid_minor += principal_minor
        return principal_minor

    def _check_outstanding(self, balance_minor: int) -> None:
        most = self.terms.most_outstanding
        if most is not None and balance_minor > most.minor:
            raise TermsRefused(Rule.MOST_OUTSTANDING, limit=most, given=Money(balance_minor, most.currency))

    def _check_covers(self, interest_minor: int, period: Period) -> None:
        """An installment below its interest would raise the debt: refused, as the reference core refuses it.

        So is interest that starts so late that the days before it would take more from it than it comes to.
        """
        currency, level_minor = self.terms.principal.currency, self.principal.level_minor
        if level_minor is not None and level_minor < interest_minor:
            raise TermsRefused(
                Rule.INSTALLMENT_COVERS_INTEREST,
                limit=Money(interest_minor, currency),
                given=Money(level_minor, currency),
            )
        if interest_minor < 0:
            starts = self.terms.interest_from or period.from_date
            raise TermsRefused(Rule.INTEREST_FROM, limit=period.due_date, given=starts)
