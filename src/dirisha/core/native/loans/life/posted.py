"""Posted splits are facts: where today's rule splits an earlier transaction otherwise, it is held to what was posted.

`facts_before` of a book is the place in the order of value dates from which a back-dated event changes the past; what
lies before it has not changed. `changes.disagreements` tells where the rules of today would split otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.rows import figures
from dirisha.core.native.loans.life.transactions import (
    PAYS_INSTALLMENTS,
    ChargeShare,
    InstallmentShare,
    Transaction,
    TransactionKind,
)
from dirisha.core.parts import NOTHING, Parts


def is_fact(book: Book, transaction: Transaction) -> bool:
    return (
        book.facts_before is not None
        and (transaction.on, transaction.number) < book.facts_before
        and (transaction.kind in PAYS_INSTALLMENTS or transaction.kind is TransactionKind.WAIVE_INTEREST)
    )


def hold_to(posted: Transaction, folded: Transaction, book: Book) -> Transaction:
    """Move what the rule of today has put elsewhere to where it was posted."""
    rows = {row.number: row for row in book.rows}
    was, is_now = _by_installment(posted.shares), _by_installment(folded.shares)
    for number in was.keys() | is_now.keys():
        row = rows[number]
        moved = was.get(number, NOTHING) - is_now.get(number, NOTHING)
        kept = row.waived if posted.kind is TransactionKind.WAIVE_INTEREST else row.paid
        for portion, amount in enumerate(figures(moved)):
            kept[portion] += amount
        if kept is row.paid:
            row.in_advance += moved.total if posted.on < row.due_date else 0
            row.late += moved.total if posted.on > row.due_date else 0
        row.look_whether_met(posted.on)
    _move_charges(posted.charges, folded.charges, book)
    return replace(posted, balance_minor=folded.balance_minor)


def _by_installment(shares: Iterable[InstallmentShare]) -> dict[int, Parts]:
    found: dict[int, Parts] = {}
    for share in shares:
        found[share.installment] = found.get(share.installment, NOTHING) + share.parts
    return found


def _move_charges(posted: Iterable[ChargeShare], folded: Iterable[ChargeShare], book: Book) -> None:
    for share in folded:
        charge = book.charges[share.charge - 1]
        charge.take_back(share.amount_minor, charge.of_installment(share.installment) if share.installment else None)
    for share in posted:
        charge = book.charges[share.charge - 1]
        charge.pay(share.amount_minor, charge.of_installment(share.installment) if share.installment else None)
