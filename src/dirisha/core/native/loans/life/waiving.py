"""Interest that need not be paid."""

from __future__ import annotations

from datetime import date

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.checks import (
    check_amount,
    check_at_most,
    check_not_before_disbursement,
    check_status,
)
from dirisha.core.native.loans.life.events import WaiveInterest
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.refusals import EventRule
from dirisha.core.native.loans.life.repaying import enter_and_fold
from dirisha.core.native.loans.life.rows import Portion
from dirisha.core.native.loans.life.state import Status
from dirisha.core.native.loans.life.transactions import REPAYMENT_LIKE, TransactionKind


@handles(WaiveInterest)
def waive_interest(book: Book, event: WaiveInterest) -> None:
    """What jobs have not accrued by then is no income that is given up: it stays unrecognized."""
    check_status(book, Status.ACTIVE)
    check_amount(event.amount_minor)
    check_not_before_disbursement(book, event.on)
    outstanding_minor = sum(row.outstanding(Portion.INTEREST) for row in book.rows)
    check_at_most(EventRule.AT_MOST_OUTSTANDING_INTEREST, event.amount_minor, outstanding_minor)
    unrecognized_minor = 0
    if book.terms.accrues_by_period:
        unrecognized_minor = max(0, event.amount_minor - _receivable_minor(book, event.on))
    enter_and_fold(
        book, TransactionKind.WAIVE_INTEREST, event.on, event.amount_minor, unrecognized_minor=unrecognized_minor
    )


def _receivable_minor(book: Book, on: date) -> int:
    """Interest that is accrued by the day and neither paid nor waived; what is paid before it is accrued is no debt."""
    receivable = 0
    for transaction in book.standing():
        if transaction.on <= on:
            if transaction.kind is TransactionKind.ACCRUAL:
                receivable += transaction.split.interest
            elif transaction.kind in REPAYMENT_LIKE or transaction.kind is TransactionKind.WAIVE_INTEREST:
                receivable = max(0, receivable - transaction.split.interest)
    return receivable
