"""Transactions whose split has moved: what a ledger reverses and posts again.

Posted splits are facts. Where the rules of today would fold them otherwise, that is told, and nothing is posted again.
"""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.plans import plan_of
from dirisha.core.native.loans.life.state import State
from dirisha.core.native.loans.life.transactions import Transaction, same_split


@dataclass(frozen=True, slots=True)
class Change:
    """`reverse` was posted and is no more, `post` takes its place; None: nothing takes it, or it is new."""

    reverse: Transaction | None
    post: Transaction | None


def changes(before: State, after: State) -> tuple[Change, ...]:
    """What has to be posted to come from one state to the next; new transactions last."""
    moved = [
        Change(was if was.stands else None, now if now.stands else None)
        for was, now in zip(before.transactions, after.transactions, strict=False)
        if was.stands is not now.stands or (now.stands and not same_split(was, now))
    ]
    new = [Change(None, now) for now in after.transactions[len(before.transactions) :]]
    return (*moved, *new)


def disagreements(state: State) -> tuple[Change, ...]:
    """Standing transactions that the rules of today would split otherwise than they were posted."""
    book = Book(state)
    plan_of(state.terms).fold_all(book)
    return changes(state, book.closed())
