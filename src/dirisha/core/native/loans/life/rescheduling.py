"""The rest of a loan is agreed anew, from an installment on that is not paid yet.

Source: Fineract's `LoanRescheduleRequestWritePlatformServiceImpl.approve`: the schedule is worked out again with the
change in it, and all transactions fall on it anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.checks import check_not_before_disbursement, check_status
from dirisha.core.native.loans.life.disbursing import earn_interest
from dirisha.core.native.loans.life.events import Event
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.plans import plan_of
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.state import Status
from dirisha.core.native.loans.life.status import conclude
from dirisha.core.native.loans.reschedule import Reschedule


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleLoan(Event):
    """`change` is what has been agreed; the terms of the loan have it from then on."""

    change: Reschedule


@handles(RescheduleLoan)
def reschedule_loan(book: Book, event: RescheduleLoan) -> None:
    """Raises `TermsRefused` as well, where the schedule cannot be worked out with the change."""
    check_status(book, Status.ACTIVE)
    check_not_before_disbursement(book, event.on)
    _check_can_change(book, event.change)
    loan = book.terms.loan
    book.change_terms(replace(book.terms, loan=replace(loan, reschedules=(*loan.reschedules, event.change))))
    plan = plan_of(book.terms)
    book.rows = plan.rows(book, book.disbursed_on, book.principal_minor)
    for row in book.rows:
        row.touched = True
    plan.fold_all(book)
    if not book.terms.accrues_by_period:
        earn_interest(book, book.disbursed_on)
    conclude(book, event.on)


def _check_can_change(book: Book, change: Reschedule) -> None:
    """From an installment with something outstanding; not where each installment owes a fee that is its own."""
    unpaid = [row.due_date for row in book.rows if row.due_date == change.from_due and row.outstanding_minor]
    if not unpaid:
        raise EventRefused(EventRule.RESCHEDULES_UNPAID_INSTALLMENT, limit="its due date", given=change.from_due)
    if any(charge.is_installment_fee for charge in book.charges):
        raise EventRefused(EventRule.RESCHEDULES_WITHOUT_INSTALLMENT_FEES, limit="no such fee", given="a fee")
