"""Money goes back: what was paid too much, or what was paid before its time."""

from __future__ import annotations

from dataclasses import replace

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.checks import (
    check_amount,
    check_at_most,
    check_not_before,
    check_not_before_disbursement,
    check_status,
)
from dirisha.core.native.loans.life.events import RefundByCash, RefundCreditBalance
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.refusals import EventRule
from dirisha.core.native.loans.life.repaying import enter_and_fold
from dirisha.core.native.loans.life.state import Status
from dirisha.core.native.loans.life.status import update_arrears
from dirisha.core.native.loans.life.transactions import TransactionKind


@handles(RefundCreditBalance)
def refund_credit_balance(book: Book, event: RefundCreditBalance) -> None:
    check_status(book, Status.OVERPAID)
    check_amount(event.amount_minor)
    check_at_most(EventRule.AT_MOST_OVERPAID, event.amount_minor, book.overpaid_minor)
    check_not_before(EventRule.NOT_BEFORE_LAST_TRANSACTION, event.on, book.dates.overpaid_on)
    enter_and_fold(book, TransactionKind.CREDIT_BALANCE_REFUND, event.on, event.amount_minor)
    if book.overpaid_minor == 0:
        # The last of it closes the loan, also where its strategy has left interest unpaid (loan-math §12: 700 to 600).
        book.status = Status.CLOSED
        book.dates = replace(book.dates, overpaid_on=None, closed_on=event.on)
        update_arrears(book)


@handles(RefundByCash)
def refund_by_cash(book: Book, event: RefundByCash) -> None:
    """At most what is paid of installments that are not past yet."""
    check_status(book, Status.ACTIVE)
    check_amount(event.amount_minor)
    check_not_before_disbursement(book, event.on)
    in_advance_minor = sum(sum(row.paid) for row in book.rows if row.due_date >= event.booked)
    check_at_most(EventRule.AT_MOST_PAID_IN_ADVANCE, event.amount_minor, in_advance_minor)
    enter_and_fold(book, TransactionKind.REFUND_BY_CASH, event.on, event.amount_minor)
