"""Before the money goes out: an application is submitted, approved, rejected or withdrawn (loan-math §12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.loans.charges import ChargeTerms
from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.charging import new_charge, spread
from dirisha.core.native.loans.life.checks import check_amount, check_at_most, check_not_before, check_status
from dirisha.core.native.loans.life.events import (
    Approve,
    ChangeApplication,
    Reject,
    Submit,
    UndoApproval,
    WithdrawApplication,
)
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.plans import plan_of
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.state import Status
from dirisha.core.native.loans.terms import LoanTerms


@handles(Submit)
def submit(book: Book, event: Submit) -> None:
    if book.dates.submitted_on is not None:
        raise EventRefused(EventRule.STATUS, limit="nothing submitted", given=book.status.name.lower())
    check_not_before(EventRule.NOT_BEFORE_SUBMISSION, event.expected_on, event.on)
    _check_is_followed(book.terms.loan)
    book.dates = replace(book.dates, submitted_on=event.on, expected_on=event.expected_on)
    book.approved_minor = book.terms.loan.principal.minor
    work_out(book, event.expected_on, book.approved_minor, submitted_on=event.on)


@handles(ChangeApplication)
def change_application(book: Book, event: ChangeApplication) -> None:
    check_status(book, Status.SUBMITTED)
    check_not_before(EventRule.NOT_BEFORE_SUBMISSION, event.expected_on, book.dates.submitted_on)
    _check_is_followed(event.terms)
    book.change_terms(replace(book.terms, loan=event.terms))
    book.dates = replace(book.dates, expected_on=event.expected_on)
    book.approved_minor = event.terms.principal.minor
    work_out(book, event.expected_on, book.approved_minor, submitted_on=book.dates.submitted_on)


def _check_is_followed(loan: LoanTerms) -> None:
    """A loan whose interest is recalculated has a schedule, but no life here: its later figures would be wrong."""
    if loan.recalculation is not None:
        raise EventRefused(EventRule.INTEREST_STAYS_AS_AGREED, limit="no recalculation", given="recalculation")


def work_out(book: Book, on: date, principal_minor: int, *, submitted_on: date | None = None) -> None:
    """The installments of a loan that goes out on the day `on`, and the charges of the application on them."""
    book.rows = plan_of(book.terms).rows(book, on, principal_minor)
    for row in book.rows:
        row.touched = True
    standing = [charge.frozen for charge in book.charges]
    charges: list[tuple[ChargeTerms, date]] = (
        [(charge.terms, charge.submitted_on) for charge in standing]
        if submitted_on is None
        else [(terms, submitted_on) for terms in book.terms.loan.charges]
    )
    book.charges = []
    for number, (terms, submitted) in enumerate(charges, 1):
        charge = new_charge(
            terms, book.rows, book.amounts, number=number, submitted_on=submitted, lent_minor=principal_minor
        )
        book.open_charge(charge)
    spread(book.rows, book.charges, book.amounts, on)


@handles(Approve)
def approve(book: Book, event: Approve) -> None:
    check_status(book, Status.SUBMITTED)
    check_not_before(EventRule.NOT_BEFORE_SUBMISSION, event.on, book.dates.submitted_on)
    expected_on = event.expected_on or book.dates.expected_on
    assert expected_on is not None
    check_not_before(EventRule.NOT_BEFORE_APPROVAL, expected_on, event.on)
    approved_minor = book.approved_minor if event.principal_minor is None else event.principal_minor
    check_amount(approved_minor)
    check_at_most(EventRule.AT_MOST_APPROVED, approved_minor, book.terms.loan.principal.minor)
    if approved_minor != book.approved_minor or expected_on != book.dates.expected_on:
        work_out(book, expected_on, approved_minor)
    book.approved_minor = approved_minor
    book.dates = replace(book.dates, approved_on=event.on, expected_on=expected_on)
    book.status = Status.APPROVED


@handles(UndoApproval)
def undo_approval(book: Book, event: UndoApproval) -> None:
    check_status(book, Status.APPROVED)
    applied_minor, expected_on = book.terms.loan.principal.minor, book.dates.expected_on
    if applied_minor != book.approved_minor and expected_on is not None:
        work_out(book, expected_on, applied_minor)
    book.approved_minor = applied_minor
    book.dates = replace(book.dates, approved_on=None)
    book.status = Status.SUBMITTED


@handles(Reject)
def reject(book: Book, event: Reject) -> None:
    check_status(book, Status.SUBMITTED)
    check_not_before(EventRule.NOT_BEFORE_SUBMISSION, event.on, book.dates.submitted_on)
    book.dates = replace(book.dates, rejected_on=event.on, closed_on=event.on)
    book.status = Status.REJECTED


@handles(WithdrawApplication)
def withdraw(book: Book, event: WithdrawApplication) -> None:
    check_status(book, Status.SUBMITTED)
    check_not_before(EventRule.NOT_BEFORE_SUBMISSION, event.on, book.dates.submitted_on)
    book.dates = replace(book.dates, withdrawn_on=event.on, closed_on=event.on)
    book.status = Status.WITHDRAWN
