"""Where the installments come from, and when they are worked out anew in the middle of a loan's life.

A kind of loan whose schedule moves is another class with the methods of `Plan`, put into `PLANS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Protocol

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.folding import fold_all
from dirisha.core.native.loans.life.rows import Row
from dirisha.core.native.loans.life.terms import LifeTerms
from dirisha.core.native.loans.schedule import schedule
from dirisha.kit.money import Money


class Plan(Protocol):
    def rows(self, book: Book, on: date, principal_minor: int) -> list[Row]:
        """The installments of a loan that goes out on the day `on`, nothing paid, no charges."""

    def moves_with_every_payment(self, book: Book) -> bool:
        """Whether even a payment on top of all others changes the installments, so that all is folded anew."""

    def fold_all(self, book: Book) -> None:
        """Work out the installments from what has happened, and let all transactions fall on them."""


class FixedPlan:
    """The installments are those of the first day."""

    def rows(self, book: Book, on: date, principal_minor: int) -> list[Row]:
        terms = book.terms.loan
        lent = replace(terms, charges=())
        if not terms.tranches:
            lent = replace(lent, principal=Money(principal_minor, terms.principal.currency))
        return [Row(installment) for installment in schedule(lent, on)]

    def moves_with_every_payment(self, book: Book) -> bool:
        return False

    def fold_all(self, book: Book) -> None:
        fold_all(book)


FIXED = FixedPlan()

# The first whose condition holds for the terms of a loan; FIXED where none does.
PLANS: list[tuple[Callable[[LifeTerms], bool], Plan]] = []


def plan_of(terms: LifeTerms) -> Plan:
    return next((plan for applies, plan in PLANS if applies(terms)), FIXED)
