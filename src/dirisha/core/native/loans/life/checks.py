"""What an event must keep to before it changes anything."""

from __future__ import annotations

from datetime import date

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.state import Status
from dirisha.core.native.loans.life.transactions import Transaction
from dirisha.kit.money import LARGEST_MINOR

# Money may come for a loan that is repaid already: it is then overpaid, or reopened.
TAKES_PAYMENTS = (Status.ACTIVE, Status.CLOSED, Status.OVERPAID)


def check_status(book: Book, *allowed: Status) -> None:
    if book.status not in allowed:
        limit = ", ".join(status.name.lower() for status in allowed)
        raise EventRefused(EventRule.STATUS, limit=limit, given=book.status.name.lower())


def check_amount(amount_minor: int) -> None:
    if amount_minor <= 0:
        raise EventRefused(EventRule.AMOUNT_ABOVE_ZERO, limit=0, given=amount_minor)
    if amount_minor > LARGEST_MINOR:
        raise EventRefused(EventRule.LARGEST_AMOUNT, limit=LARGEST_MINOR, given=amount_minor)


def check_at_most(rule: EventRule, amount_minor: int, limit_minor: int) -> None:
    if amount_minor > limit_minor:
        raise EventRefused(rule, limit=limit_minor, given=amount_minor)


def check_not_before(rule: EventRule, on: date, earliest: date | None) -> None:
    if earliest is not None and on < earliest:
        raise EventRefused(rule, limit=earliest, given=on)


def check_not_before_disbursement(book: Book, on: date) -> None:
    check_not_before(EventRule.NOT_BEFORE_DISBURSEMENT, on, book.dates.disbursed_on)


def standing_transaction(book: Book, number: int) -> Transaction:
    """Transaction `number`, not yet reversed."""
    if not 1 <= number <= len(book.transactions) or book.transactions[number - 1].reversed_on is not None:
        raise EventRefused(EventRule.TRANSACTION_STANDS, limit=len(book.transactions), given=number)
    return book.transactions[number - 1]
