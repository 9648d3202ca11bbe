"""The repayment schedule of a loan, as agreed: before any payment, and without interest recalculation.

Source: Fineract's schedule generators; loan-math §3 to §8, for progressive loans §13 (`progressive/`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from dirisha.core.installments import Installment, InstallmentKind
from dirisha.core.native.loans.basis import Basis
from dirisha.core.native.loans.charges_due import Charges, at_disbursement_minor
from dirisha.core.native.loans.course import Course, InterestRule
from dirisha.core.native.loans.flat_interest import EvenInterest
from dirisha.core.native.loans.methods import interest_rule, principal_rule
from dirisha.core.native.loans.periods import periods
from dirisha.core.native.loans.progressive.repayments import repayments
from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.rescheduling import Rescheduling
from dirisha.core.native.loans.terms import InterestMethod, LoanTerms, ScheduleType
from dirisha.core.native.loans.tranches import Disbursement
from dirisha.core.parts import Parts
from dirisha.kit.money import Money

# A loan whose installment the borrower has fixed ends when it is repaid; but end it must.
MOST_INSTALLMENTS = 2_000


@dataclass(frozen=True, slots=True)
class Schedule:
    """`fees_at_disbursement_minor` are kept back when money goes out, and never fall on an installment."""

    installments: tuple[Installment, ...]
    disbursements: tuple[Disbursement, ...]
    fees_at_disbursement_minor: int


def schedule(terms: LoanTerms, disbursed_on: date) -> tuple[Installment, ...]:
    """The installments, nothing paid yet. Raises `TermsRefused`.

    There are fewer than the terms say where rounded-up installments repay the loan sooner.
    """
    return full_schedule(terms, disbursed_on).installments


def full_schedule(terms: LoanTerms, disbursed_on: date) -> Schedule:
    """The installments and what goes out and is kept back at disbursement. Raises `TermsRefused`."""
    basis = Basis.of(terms, disbursed_on)
    charges = Charges(terms.charges, basis.amounts)
    if terms.schedule_type is ScheduleType.PROGRESSIVE:
        rows = repayments(basis, charges)
    else:
        rows = _in_order(basis, _course(basis, _agreed_interest(basis), charges))
    interest_minor = sum(row.due.interest for row in rows)
    if charges.wait_for_all_interest:
        rows = [_with_charges_of_all_interest(row, charges, basis, interest_minor) for row in rows]
    fees_minor = at_disbursement_minor(terms.charges, basis.amounts, terms.principal.minor, interest_minor)
    return Schedule(tuple(rows), basis.disbursements, fees_minor)


def balances_after(installments: Sequence[Installment]) -> tuple[int, ...]:
    """The principal, in minor units, that the schedule leaves after each installment: the plan, whatever was paid.

    What is owed for the second time, since it went back to the borrower, is no part of the plan.
    """
    planned = [installment.due.principal - installment.credited_minor for installment in installments]
    lent_minor = sum(planned)
    return tuple(lent_minor - minor for minor in accumulate(planned))


def _agreed_interest(basis: Basis) -> InterestRule:
    """The rule of the terms; where equal amortization is agreed, the interest that it would bring, spread evenly."""
    rule = interest_rule(basis)
    if not basis.terms.equal_amortization or basis.terms.interest_method is InterestMethod.FLAT:
        return rule
    total_minor = sum(row.due.interest for row in _course(basis, rule, Charges((), basis.amounts)))
    return EvenInterest(basis.amounts, total_minor, basis.terms.number_of_repayments)


def _course(basis: Basis, interest: InterestRule, charges: Charges) -> list[Installment]:
    """The repayments, one period after the other until the loan is repaid."""
    course = Course(basis.terms, basis.amounts, interest, principal_rule(basis), basis.disbursements)
    rows: list[Installment] = []
    rescheduling = Rescheduling(basis) if basis.terms.reschedules else None
    for period in periods(basis.terms, basis.disbursed_on):
        if rescheduling is not None:
            rescheduling.ahead_of(period, course)
        due = course.through(period)
        if charges:
            due = charges.added_to(due, period, course.lent_minor)
        rows.append(Installment(number=period.number, from_date=period.from_date, due_date=period.due_date, due=due))
        if course.is_over:
            break
        _check_ends(basis.terms, len(rows))
    if course.carried_minor > 0:
        # The loan is over before its grace is: what was carried comes with the last installment.
        rows[-1] = replace(rows[-1], due=rows[-1].due + Parts(interest=course.carried_minor))
    return rows


def _in_order(basis: Basis, repayments: list[Installment]) -> list[Installment]:
    """Repayments and down payments, numbered as one."""
    if basis.terms.down_payment is None:
        return repayments
    return [replace(row, number=number) for number, row in enumerate(_with_down_payments(basis, repayments), 1)]


def _with_down_payments(basis: Basis, repayments: list[Installment]) -> Iterator[Installment]:
    """Each ahead of the repayment in whose period the money goes out."""
    lent = deque(basis.disbursements)
    for repayment in repayments:
        while lent and lent[0].on <= repayment.due_date:
            tranche = lent.popleft()
            yield Installment(
                number=0,
                from_date=tranche.on,
                due_date=tranche.on,
                due=Parts(tranche.down_payment_minor),
                kind=InstallmentKind.DOWN_PAYMENT,
            )
        yield repayment


def _with_charges_of_all_interest(row: Installment, charges: Charges, basis: Basis, interest_minor: int) -> Installment:
    if row.kind is not InstallmentKind.REPAYMENT:
        return row
    added = charges.of_all_interest(row.from_date, row.due_date, basis.lent_minor, interest_minor)
    return replace(row, due=row.due + added)


def _check_ends(terms: LoanTerms, count: int) -> None:
    if count == MOST_INSTALLMENTS:
        raise TermsRefused(
            Rule.INSTALLMENT_REPAYS_PRINCIPAL,
            limit=MOST_INSTALLMENTS,
            given=terms.fixed_installment or Money.zero(terms.principal.currency),
        )
