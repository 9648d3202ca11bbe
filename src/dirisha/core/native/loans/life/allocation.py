"""How a repayment falls on installments: the reference core's strategies as data (loan-math §10).

A strategy says in which order the portions of an installment are paid, when the payment comes before its due date and
when not. Installments are walked in due-date order; the rest of a payment goes to the next one. Another kind of
strategy is another class with the methods of `Allocation`, given in the terms of the loan's life.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dirisha.core.native.loans.life.payment import Payment
from dirisha.core.native.loans.life.rows import Portion, Row

if TYPE_CHECKING:
    from dirisha.core.native.loans.life.book import Book
    from dirisha.core.native.loans.life.open_charges import OpenCharge

PRINCIPAL, INTEREST, FEES, PENALTIES = Portion

Order = tuple[Portion, ...]


class Allocation(Protocol):
    """How payments and refunds fall on the rows of a book."""

    @property
    def code(self) -> str: ...

    @property
    def pays_what_is_waived(self) -> bool:
        """Whether waived interest counts as paid."""

    def allocate(self, book: Book, payment: Payment) -> None:
        """Spread the payment over the rows; what none takes stays `left_minor`."""

    def take_back(self, book: Book, payment: Payment) -> None:
        """Take money back out of the rows, from the last installment with something paid."""

    def waive_interest(self, book: Book, payment: Payment) -> None:
        """Spread a waiver of interest over the rows."""

    def settles(self, book: Book, payment: Payment) -> Iterable[tuple[Sequence[OpenCharge], Sequence[int]]]:
        """Which charges the fees and penalties of these amounts may settle, or be taken back from."""


class Rule(Protocol):
    """How a payment falls on the installment `rows[at]`."""

    def __call__(self, book: Book, rows: Sequence[Row], at: int, payment: Payment) -> None: ...


@dataclass(frozen=True, slots=True)
class InOrder:
    """One portion after the other."""

    order: Order

    def __call__(self, book: Book, rows: Sequence[Row], at: int, payment: Payment) -> None:
        for portion in self.order:
            payment.pay(rows[at], portion)


@dataclass(frozen=True, slots=True)
class WhatIsDueFirst:
    """First what is due by the payment's day, in `first` (charges up to what falls due by then), then all the rest.

    Source: Fineract's DuePenFeeIntPriInAdvance… and DuePenIntPriFeeInAdvance… processors.
    """

    first: Order
    rest: Order

    def __call__(self, book: Book, rows: Sequence[Row], at: int, payment: Payment) -> None:
        due_minor = {
            FEES: book.charges_due_minor(payment.on, penalties=False),
            PENALTIES: book.charges_due_minor(payment.on, penalties=True),
        }
        for portion in self.first:
            payment.pay(rows[at], portion, due_minor.get(portion))
        for portion in self.rest:
            payment.pay(rows[at], portion)


@dataclass(frozen=True, slots=True)
class PrincipalAloneThenNoInterest:
    """Principal first; where that completes it, the whole interest of the installment is waived.

    Source: Fineract's HeavensFamily processor.
    """

    order: Order

    def __call__(self, book: Book, rows: Sequence[Row], at: int, payment: Payment) -> None:
        row = rows[at]
        if row.outstanding(PRINCIPAL) > 0:
            payment.pay(row, PRINCIPAL)
            if row.outstanding(PRINCIPAL) == 0:
                row.waive(INTEREST, row.due[INTEREST], payment.on)
        for portion in self.order:
            payment.pay(row, portion)


@dataclass(frozen=True, slots=True)
class CostsOfAllDueThenPrincipal:
    """The costs of every installment up to the last one due by the payment's day, then principal from the first on.

    Source: Fineract's RBI processor; principal of future installments is paid as well (loan-math §17).
    """

    costs: Order

    def __call__(self, book: Book, rows: Sequence[Row], at: int, payment: Payment) -> None:
        nearest = rows[0]
        for row in rows:
            if row.due_date > payment.on:
                break
            nearest = row
        for row in rows:
            if row.due_date < payment.on or row is nearest:
                for portion in self.costs:
                    payment.pay(row, portion)
        for row in rows:
            payment.pay(row, PRINCIPAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """`advance_starts` is how many installments back the due date lies before which a payment is in advance."""

    code: str
    when_due: Rule
    late: Rule
    in_advance: Rule
    taken_back: Order
    advance_starts: int = 0

    @property
    def pays_what_is_waived(self) -> bool:
        return False

    def allocate(self, book: Book, payment: Payment) -> None:
        rows = book.rows
        for at, row in enumerate(rows):
            if payment.left_minor <= 0:
                return
            if row.met_on is not None:
                continue
            if payment.on < rows[max(0, at - self.advance_starts)].due_date:
                self.in_advance(book, rows, at, payment)
            elif payment.on > row.due_date:
                self.late(book, rows, at, payment)
            else:
                self.when_due(book, rows, at, payment)

    def take_back(self, book: Book, payment: Payment) -> None:
        for row in reversed(book.rows):
            for portion in self.taken_back:
                payment.take_back(row, portion)

    def waive_interest(self, book: Book, payment: Payment) -> None:
        """Installment by installment, from the first one that is not paid."""
        for row in book.rows:
            if payment.left_minor > 0 and row.met_on is None:
                payment.waive(row, INTEREST)

    def settles(self, book: Book, payment: Payment) -> Iterable[tuple[Sequence[OpenCharge], Sequence[int]]]:
        """Any charge, whichever installment the payment fell on."""
        return [(book.charges, payment.split)]


_COSTS_FIRST = (PENALTIES, FEES, INTEREST, PRINCIPAL)
_INTEREST_FIRST = (INTEREST, PRINCIPAL, PENALTIES, FEES)
_HEAVENS = (PRINCIPAL, INTEREST, FEES, PENALTIES)


def _in_one_order(code: str, *order: Portion) -> Strategy:
    rule = InOrder(order)
    return Strategy(code=code, when_due=rule, late=rule, in_advance=rule, taken_back=order[::-1])


def _due_first(code: str, order: Order, *, first: Order, rest: Order) -> Strategy:
    rule = InOrder(order)
    return Strategy(
        code=code, when_due=rule, late=rule, in_advance=WhatIsDueFirst(first, rest), taken_back=_COSTS_FIRST[::-1]
    )


MIFOS_STANDARD = _in_one_order("mifos-standard-strategy", *_COSTS_FIRST)

ALLOCATIONS: dict[str, Allocation] = {
    strategy.code: strategy
    for strategy in (
        MIFOS_STANDARD,
        _in_one_order("creocore-strategy", *_COSTS_FIRST),
        _in_one_order("principal-interest-penalties-fees-order-strategy", PRINCIPAL, INTEREST, PENALTIES, FEES),
        _in_one_order("interest-principal-penalties-fees-order-strategy", *_INTEREST_FIRST),
        Strategy(
            code="early-repayment-strategy",
            when_due=InOrder(_INTEREST_FIRST),
            late=InOrder(_INTEREST_FIRST),
            in_advance=InOrder((PRINCIPAL,)),
            taken_back=_INTEREST_FIRST[::-1],
        ),
        Strategy(
            code="heavensfamily-strategy",
            when_due=InOrder(_HEAVENS),
            late=InOrder(_HEAVENS),
            in_advance=PrincipalAloneThenNoInterest(_HEAVENS),
            taken_back=_HEAVENS[::-1],
            advance_starts=1,
        ),
        Strategy(
            code="rbi-india-strategy",
            when_due=InOrder(_COSTS_FIRST),
            late=CostsOfAllDueThenPrincipal((PENALTIES, FEES, INTEREST)),
            in_advance=InOrder(_COSTS_FIRST),
            taken_back=_COSTS_FIRST[::-1],
        ),
        _due_first(
            "due-penalty-fee-interest-principal-in-advance-principal-penalty-fee-interest-strategy",
            _COSTS_FIRST,
            first=(PENALTIES, FEES, PRINCIPAL),
            rest=_COSTS_FIRST,
        ),
        _due_first(
            "due-penalty-interest-principal-fee-in-advance-penalty-interest-principal-fee-strategy",
            (PENALTIES, INTEREST, PRINCIPAL, FEES),
            first=(PENALTIES, FEES),
            rest=(PENALTIES, INTEREST, PRINCIPAL, FEES),
        ),
    )
}
