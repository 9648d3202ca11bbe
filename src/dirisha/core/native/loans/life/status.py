"""What an event leaves the loan as: repaid, overpaid or still owed, and what of it is overdue (loan-math §11, §12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import accumulate

from dirisha.core.native.loans.life.accruing import accrue_the_rest
from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.rows import Portion, Row, parts
from dirisha.core.native.loans.life.state import Arrears, Status
from dirisha.core.native.loans.life.transactions import Transaction, TransactionKind

_ADDS_TO_BALANCE = (TransactionKind.DISBURSEMENT, TransactionKind.CREDIT_BALANCE_REFUND, TransactionKind.CHARGEBACK)
# They tell of income or of the loan's standing, and leave the principal that is out alone.
_NO_BALANCE = (TransactionKind.ACCRUAL, TransactionKind.CHARGE_OFF, TransactionKind.CLOSE_AS_RESCHEDULED)


def conclude(book: Book, on: date) -> None:
    """After an event valued on the day `on` has changed what is paid or owed.

    A loan counts as repaid on its latest value date, in whatever order its payments arrive.
    """
    on = max(on, book.last_on() or on)
    _check_refunds(book)
    book.overpaid_minor = max(0, book.received_minor() - sum(sum(row.paid) for row in book.rows))
    _change_status(book, on)
    if book.status in (Status.CLOSED, Status.OVERPAID):
        accrue_the_rest(book, on)
    update_balances(book)
    update_arrears(book)


def _check_refunds(book: Book) -> None:
    """No money goes back, by its value date, before so much has come in."""
    uncovered_minor = sum(
        one.overpaid_minor for one in book.transactions if one.kind is TransactionKind.REFUND_BY_CASH and one.stands
    )
    if uncovered_minor:
        raise EventRefused(EventRule.REFUNDS_ARE_COVERED, limit=0, given=uncovered_minor)


def _change_status(book: Book, on: date) -> None:
    if book.overpaid_minor > 0:
        book.status = Status.OVERPAID
        book.dates = replace(book.dates, overpaid_on=on, closed_on=None)
        return
    if book.outstanding_minor == 0 and not any(charge.is_pending and charge.amount_minor for charge in book.charges):
        book.status = Status.CLOSED
        book.dates = replace(book.dates, overpaid_on=None, closed_on=on)
        return
    if book.status is not Status.ACTIVE:
        book.status = Status.ACTIVE
    book.dates = replace(book.dates, overpaid_on=None, closed_on=None)


def update_balances(book: Book) -> None:
    """The principal that is out after each transaction, in the order of value dates."""
    moving = [transaction for transaction in book.standing() if transaction.kind not in _NO_BALANCE]
    balances = accumulate(_moved(transaction) for transaction in moving)
    for transaction, balance in zip(moving, balances, strict=True):
        if transaction.balance_minor != balance:
            book.put(replace(transaction, balance_minor=balance))


def _moved(transaction: Transaction) -> int:
    if transaction.kind in _ADDS_TO_BALANCE:
        return transaction.amount_minor - transaction.overpaid_minor
    if transaction.kind is TransactionKind.REFUND_BY_CASH:
        return transaction.split.principal
    return -transaction.split.principal


def update_arrears(book: Book, *, grace_days: int = 0) -> None:
    """What is overdue on the business day, where the loan is still owed; `grace_days` are left out of it."""
    book.arrears = arrears_of(book.rows, book.on, grace_days) if book.status is Status.ACTIVE else None


def arrears_of(rows: list[Row], on: date, grace_days: int = 0) -> Arrears | None:
    overdue = [row for row in rows if row.met_on is None and (on - row.due_date).days > grace_days]
    amounts = [sum(row.outstanding(portion) for row in overdue) for portion in Portion]
    return Arrears(parts(amounts), overdue[0].due_date) if sum(amounts) > 0 else None
