"""What nightly jobs note of a loan in arrears (loan-math §11)."""

from __future__ import annotations

from datetime import date, timedelta

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.events import AgeArrears, MarkNonPerforming
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.state import State, Status
from dirisha.core.native.loans.life.status import arrears_of


@handles(AgeArrears)
def age_arrears(book: Book, event: AgeArrears) -> None:
    """As of the day `on`, and with the product's grace; events between two jobs do not heed it."""
    if book.status is Status.ACTIVE:
        book.arrears = arrears_of(book.rows, event.on, book.terms.arrears_grace_days)


@handles(MarkNonPerforming)
def mark_non_performing(book: Book, event: MarkNonPerforming) -> None:
    book.non_performing = event.non_performing


def is_non_performing(state: State, on: date) -> bool:
    """Overdue for longer than the product bears; once so, it may stay so until nothing is overdue."""
    days, arrears = state.terms.npa_after_days, state.arrears
    if days is None or state.status is not Status.ACTIVE or arrears is None:
        return False
    if state.non_performing and state.terms.leaves_npa_only_without_arrears:
        return True
    return arrears.since < on - timedelta(days=days)
