"""A loan is written off, charged off or closed; money may still come for what was written off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.loans.life.accruing import take_back_unfinished_accruals
from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.checks import (
    check_amount,
    check_at_most,
    check_not_before,
    check_not_before_disbursement,
    check_status,
)
from dirisha.core.native.loans.life.events import (
    ChargeOff,
    Close,
    CloseAsRescheduled,
    Recover,
    UndoChargeOff,
    UndoWriteOff,
    WriteOff,
)
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.folding import fold
from dirisha.core.native.loans.life.plans import plan_of
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.state import Status
from dirisha.core.native.loans.life.status import update_arrears, update_balances
from dirisha.core.native.loans.life.transactions import Transaction, TransactionKind


@handles(WriteOff)
def write_off(book: Book, event: WriteOff) -> None:
    check_status(book, Status.ACTIVE)
    _check_after_all(book, event.on)
    take_back_unfinished_accruals(book)
    fold(book, book.enter(TransactionKind.WRITE_OFF, event.on, 0))
    book.status = Status.WRITTEN_OFF
    book.dates = replace(book.dates, closed_on=event.on, written_off_on=event.on)
    _look_again(book)


@handles(UndoWriteOff)
def undo_write_off(book: Book, event: UndoWriteOff) -> None:
    check_status(book, Status.WRITTEN_OFF)
    if any(one.stands and one.kind is TransactionKind.RECOVERY for one in book.transactions):
        raise EventRefused(EventRule.STATUS, limit="nothing recovered", given="recovered")
    book.reverse(_standing(book, TransactionKind.WRITE_OFF))
    book.status = Status.ACTIVE
    book.dates = replace(book.dates, closed_on=None, written_off_on=None)
    plan_of(book.terms).fold_all(book)
    _look_again(book)


@handles(Recover)
def recover(book: Book, event: Recover) -> None:
    check_status(book, Status.WRITTEN_OFF)
    check_amount(event.amount_minor)
    check_not_before(EventRule.NOT_BEFORE_WRITE_OFF, event.on, book.dates.written_off_on)
    recovered = sum(one.amount_minor for one in book.standing() if one.kind is TransactionKind.RECOVERY)
    written_off = sum(sum(row.written_off) for row in book.rows)
    check_at_most(EventRule.AT_MOST_WRITTEN_OFF, event.amount_minor, written_off - recovered)
    fold(book, book.enter(TransactionKind.RECOVERY, event.on, event.amount_minor))
    update_balances(book)


@handles(ChargeOff)
def charge_off(book: Book, event: ChargeOff) -> None:
    """The loan counts as lost, and is owed as before."""
    check_status(book, Status.ACTIVE)
    if book.dates.charged_off_on is not None:
        raise EventRefused(EventRule.NOT_CHARGED_OFF, limit="once", given=book.dates.charged_off_on)
    _check_after_all(book, event.on)
    fold(book, book.enter(TransactionKind.CHARGE_OFF, event.on, 0))
    book.dates = replace(book.dates, charged_off_on=event.on)


@handles(UndoChargeOff)
def undo_charge_off(book: Book, event: UndoChargeOff) -> None:
    if book.dates.charged_off_on is None:
        raise EventRefused(EventRule.NOT_CHARGED_OFF, limit="charged off", given="not charged off")
    book.reverse(_standing(book, TransactionKind.CHARGE_OFF))
    book.dates = replace(book.dates, charged_off_on=None)


@handles(Close)
def close(book: Book, event: Close) -> None:
    check_status(book, Status.ACTIVE)
    _check_after_all(book, event.on)
    if book.outstanding_minor:
        raise EventRefused(EventRule.NOTHING_OUTSTANDING, limit=0, given=book.outstanding_minor)
    book.status = Status.CLOSED
    book.dates = replace(book.dates, closed_on=event.on)
    _look_again(book)


@handles(CloseAsRescheduled)
def close_as_rescheduled(book: Book, event: CloseAsRescheduled) -> None:
    """What is outstanding stays so, and is no longer asked for here."""
    check_status(book, Status.ACTIVE)
    _check_after_all(book, event.on)
    book.status = Status.RESCHEDULED
    book.dates = replace(book.dates, closed_on=event.on)
    _look_again(book)


def _check_after_all(book: Book, on: date) -> None:
    check_not_before_disbursement(book, on)
    check_not_before(EventRule.NOT_BEFORE_LAST_TRANSACTION, on, book.last_on())


def _standing(book: Book, kind: TransactionKind) -> Transaction:
    return next(one for one in reversed(book.transactions) if one.kind is kind and one.stands)


def _look_again(book: Book) -> None:
    update_balances(book)
    update_arrears(book)
