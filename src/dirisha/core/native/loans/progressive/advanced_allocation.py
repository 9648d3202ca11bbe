"""The advanced payment allocation: a payment walks the product's rule list over the installments.

A payment in advance falls on the next installment to come, on the last one, or in equal parts on all. Money that
is taken back walks the list the same way, from the latest installment with something paid.
Source: Fineract's `AdvancedPaymentScheduleTransactionProcessor`; loan-math §10, last row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Protocol

from dirisha.core.native.loans.life.payment import Payment
from dirisha.core.native.loans.life.rows import Portion, Row
from dirisha.core.native.loans.progressive.payment_rules import Future, PaymentRules, Processing, RuleList, When

if TYPE_CHECKING:
    from dirisha.core.native.loans.life.book import Book
    from dirisha.core.native.loans.life.open_charges import OpenCharge

CODE = "advanced-payment-allocation-strategy"


@dataclass(frozen=True, slots=True)
class AdvancedAllocation:
    """`rounding` is how a payment in advance is divided where it falls on all installments to come."""

    rules: PaymentRules
    rounding: str = ROUND_HALF_EVEN

    @property
    def code(self) -> str:
        return CODE

    @property
    def pays_what_is_waived(self) -> bool:
        return True

    def allocate(self, book: Book, payment: Payment) -> None:
        self.spread(book.rows, payment)

    def take_back(self, book: Book, payment: Payment) -> None:
        rules = self.rules.list_for_taking_back(payment.kind)
        self._walk(rules, _Walk(book.rows, payment, TakingBack(), rules.future, self.rounding))

    def waive_interest(self, book: Book, payment: Payment) -> None:
        """A waiver walks the list as a payment does, in the reference core: what it falls on counts as paid."""
        self.spread(book.rows, payment)

    def settles(self, book: Book, payment: Payment) -> Iterator[tuple[Sequence[OpenCharge], Sequence[int]]]:
        """The charges dated within the installment that is paid; no installment fee (loan-math §12, §17)."""
        first = next((row.number for row in book.rows if not row.is_down_payment), 1)
        by_number = {row.number: row for row in book.rows}
        for number, amounts in payment.by_installment.items():
            if amounts[Portion.FEES] or amounts[Portion.PENALTIES]:
                row = by_number[number]
                yield [charge for charge in book.charges if _is_within(charge, row, number == first)], amounts

    def spread(self, rows: Sequence[Row], payment: Payment) -> None:
        """Rows in due-date order; what none of them takes stays `left_minor`."""
        rules = self.rules.list_for(payment.kind)
        self._walk(rules, _Walk(rows, payment, Paying(), rules.future, self.rounding))

    def _walk(self, rules: RuleList, walk: _Walk) -> None:
        if self.rules.processing is Processing.HORIZONTAL:
            for when, portions in rules.by_when():
                walk.installment_by_installment(when, portions)
        else:
            for rule in rules.rules:
                walk.portion_by_portion(rule.when, rule.portion)


def _is_within(charge: OpenCharge, row: Row, is_first: bool) -> bool:
    """The first day of a loan is in its first installment; that of any other belongs to the one before."""
    on = charge.frozen.due_on
    return on is not None and (row.from_date < on <= row.due_date or (is_first and on == row.from_date))


class Way(Protocol):
    """Money that is paid, or taken back."""

    def is_open(self, row: Row) -> bool: ...

    def has(self, row: Row, portion: Portion) -> bool: ...

    def nearest(self, rows: list[Row]) -> Row: ...

    def move(self, payment: Payment, row: Row, portion: Portion, most_minor: int) -> int: ...


class Paying:
    """The oldest installment first."""

    def is_open(self, row: Row) -> bool:
        return row.met_on is None

    def has(self, row: Row, portion: Portion) -> bool:
        return row.outstanding(portion) > 0

    def nearest(self, rows: list[Row]) -> Row:
        return rows[0]

    def move(self, payment: Payment, row: Row, portion: Portion, most_minor: int) -> int:
        return payment.pay(row, portion, most_minor)


class TakingBack:
    """The latest installment with something paid first."""

    def is_open(self, row: Row) -> bool:
        return any(row.paid)

    def has(self, row: Row, portion: Portion) -> bool:
        return any(row.paid)

    def nearest(self, rows: list[Row]) -> Row:
        return rows[-1]

    def move(self, payment: Payment, row: Row, portion: Portion, most_minor: int) -> int:
        return payment.take_back(row, portion, most_minor)


class _Walk:
    """The installments are chosen anew after each step, since a step may have completed some."""

    __slots__ = ("_future", "_payment", "_rounding", "_rows", "_way")

    def __init__(self, rows: Sequence[Row], payment: Payment, way: Way, future: Future, rounding: str) -> None:
        self._rows = rows
        self._payment = payment
        self._way = way
        self._future = future
        self._rounding = rounding

    def installment_by_installment(self, when: When, portions: Sequence[Portion]) -> None:
        moved_minor = 1
        while self._payment.left_minor > 0 and moved_minor:
            chosen = self._chosen(when, [row for row in self._rows if self._way.is_open(row)])
            moved_minor = sum(self._move(chosen, portion) for portion in portions)

    def portion_by_portion(self, when: When, portion: Portion) -> None:
        moved_minor = 1
        while self._payment.left_minor > 0 and moved_minor:
            chosen = self._chosen(when, [row for row in self._rows if self._way.has(row, portion)])
            moved_minor = self._move(chosen, portion)

    def _chosen(self, when: When, rows: Sequence[Row]) -> list[Row]:
        there = [row for row in rows if When.of(row.due_date, self._payment.on) is when]
        if not there or (when is When.IN_ADVANCE and self._future is Future.REAMORTIZATION):
            return there
        if when is not When.IN_ADVANCE:
            return [self._way.nearest(there)]
        return [there[0] if self._future is Future.NEXT_INSTALLMENT else there[-1]]

    def _move(self, rows: Sequence[Row], portion: Portion) -> int:
        if not rows:
            return 0
        moved_minor = 0
        for row, share_minor in zip(rows, self._divided(len(rows)), strict=True):
            if share_minor > 0:
                moved_minor += self._way.move(self._payment, row, portion, share_minor)
        return moved_minor

    def _divided(self, count: int) -> list[int]:
        """Equal parts of what is left; the last one has what rounding has left over or taken too much."""
        left_minor = self._payment.left_minor
        if count == 1:
            return [left_minor]
        even_minor = int((Decimal(left_minor) / count).to_integral_value(self._rounding))
        return [even_minor] * (count - 1) + [left_minor - even_minor * (count - 1)]
