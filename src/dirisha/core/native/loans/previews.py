"""What a part of a loan that is repaid ahead of its time would change: fewer installments, or smaller ones.

The borrower pays what is due, and more: from then on interest is on what is left. Where interest counts no days, the
running period keeps its own. Nothing is entered, and charges to come are left out. Loan-math §4, §5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from dirisha.core.installments import Installment, InstallmentKind
from dirisha.core.native.loans.basis import Basis
from dirisha.core.native.loans.course import Course, InterestRule, PrincipalRule
from dirisha.core.native.loans.declining_interest import DecliningInterest
from dirisha.core.native.loans.interest import Interest
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.state import State, Status
from dirisha.core.native.loans.periods import Period, periods
from dirisha.core.native.loans.principal import EqualInstallments, EqualPrincipal, level_installment
from dirisha.core.native.loans.terms import Amortization, InterestMethod, InterestPeriod, LoanTerms, ScheduleType
from dirisha.core.native.loans.tranches import Disbursement


class Wish(StrEnum):
    """What the borrower wants of a prepayment."""

    SHORTER_TERM = "shorter_term"
    SMALLER_INSTALLMENTS = "smaller_installments"


@dataclass(frozen=True, slots=True)
class PartPrepaid:
    """`prepaid_minor` of the payment is ahead of its time; `rest` are the installments to come, without charges."""

    prepaid_minor: int
    rest: tuple[Installment, ...]
    interest_saved_minor: int


def prepay_part(state: State, amount_minor: int, on: date, wish: Wish) -> PartPrepaid:
    """Raises `EventRefused`: the loan must be active and plain, and not repaid in full by the amount.

    Raises `TermsRefused` where the smaller installment would not even cover the interest of the running period.
    """
    if state.status is not Status.ACTIVE:
        raise EventRefused(EventRule.STATUS, limit=Status.ACTIVE.name.lower(), given=state.status.name.lower())
    rest = [row for row in state.installments if row.due_date > on and row.kind is InstallmentKind.REPAYMENT]
    _check_is_plain(state.terms.loan, rest)
    due_minor = sum(row.outstanding_minor for row in state.installments if row.due_date <= on)
    out_minor = sum(row.due.principal for row in rest)
    prepaid_minor = amount_minor - due_minor
    if not 0 < prepaid_minor < out_minor:
        limit = f"more than {due_minor}, less than {due_minor + out_minor}"
        raise EventRefused(EventRule.PREPAYS_A_PART, limit=limit, given=amount_minor)
    spread_anew = tuple(_spread_anew(state, rest, prepaid_minor, on, wish))
    saved_minor = sum(row.due.interest for row in rest) - sum(row.due.interest for row in spread_anew)
    return PartPrepaid(prepaid_minor, spread_anew, saved_minor)


def _check_is_plain(loan: LoanTerms, rest: list[Installment]) -> None:
    """Declining balance, lent at once and never agreed anew; nothing paid ahead; each installment repays principal."""
    plain = loan.schedule_type is ScheduleType.CUMULATIVE and loan.interest_method is InterestMethod.DECLINING_BALANCE
    special = (
        loan.tranches, loan.reschedules, loan.equal_amortization, loan.fixed_principal_percentage,
        loan.fixed_installment, loan.recalculation, loan.interest_from, loan.grace.on_interest_payment,
        loan.grace.interest_free,
    )  # fmt: skip
    if not plain or any(special) or any(row.due.principal <= 0 or row.due != row.outstanding for row in rest):
        raise EventRefused(EventRule.PREPAYS_PLAIN_LOAN, limit="a plain loan not paid ahead", given="another loan")


def _spread_anew(
    state: State, rest: list[Installment], prepaid_minor: int, on: date, wish: Wish
) -> Iterator[Installment]:
    """The periods to come, from the running one on, until what is left is repaid."""
    disbursed_on, running = state.dates.disbursed_on, rest[0]
    assert disbursed_on is not None
    basis = Basis.of(state.terms.loan, disbursed_on)
    out_minor = sum(row.due.principal for row in rest)
    left_minor = out_minor - prepaid_minor
    interest: InterestRule = DecliningInterest(basis.amounts, basis.rates, basis.terms.grace)
    lent = [
        Disbursement(running.from_date, out_minor),
        Disbursement(max(on, running.from_date), -prepaid_minor),
    ]
    if basis.terms.interest_period is not InterestPeriod.DAILY and not basis.terms.partial_periods:
        interest = _RunningKept(interest, running)
        lent = [Disbursement(running.from_date, left_minor)]
    terms = replace(basis.terms, number_of_repayments=rest[-1].number)
    course = Course(terms, basis.amounts, interest, _principal(basis, rest, left_minor, wish), lent)
    for period in periods(basis.terms, disbursed_on):
        if period.number < running.number:
            continue
        due = course.through(period)
        yield Installment(number=period.number, from_date=period.from_date, due_date=period.due_date, due=due)
        if course.is_over:
            return


class _RunningKept:
    """The running period asks for the interest that it asked for before; the later ones follow the rule."""

    def __init__(self, rule: InterestRule, running: Installment) -> None:
        self.total_minor: int | None = None
        self._rule = rule
        self._running = running

    def of(
        self, period: Period, balance_minor: int, carried_minor: int, changes: Iterable[tuple[date, int]] = ()
    ) -> Interest:
        if period.number == self._running.number:
            return Interest(self._running.due.interest, self._running.due.interest, 0)
        return self._rule.of(period, balance_minor, carried_minor, changes)


def _principal(basis: Basis, rest: list[Installment], left_minor: int, wish: Wish) -> PrincipalRule:
    """The running installment stays as large as it is, or smaller ones repay what is left in as many as before."""
    kept = rest[0].due
    equal_installments = basis.terms.amortization is Amortization.EQUAL_INSTALLMENTS
    if wish is Wish.SHORTER_TERM and equal_installments:
        return EqualInstallments(kept.principal + kept.interest)
    if wish is Wish.SHORTER_TERM:
        return EqualPrincipal(kept.principal, frozenset())
    if equal_installments:
        return EqualInstallments(level_installment(basis.amounts, left_minor, basis.rates, len(rest)))
    return EqualPrincipal(basis.amounts.share(left_minor, len(rest)), frozenset())
