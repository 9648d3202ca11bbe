"""Money comes back; a repayment is undone, or was of another amount or day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.checks import (
    TAKES_PAYMENTS,
    check_amount,
    check_not_before_disbursement,
    check_status,
    standing_transaction,
)
from dirisha.core.native.loans.life.events import Adjust, Repay, Undo
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.folding import fold
from dirisha.core.native.loans.life.plans import plan_of
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.status import conclude
from dirisha.core.native.loans.life.transactions import REPAYMENT_LIKE, Transaction, TransactionKind

_CAN_BE_ADJUSTED = REPAYMENT_LIKE | {TransactionKind.WAIVE_INTEREST}
_CAN_BE_UNDONE = _CAN_BE_ADJUSTED | {TransactionKind.CREDIT_BALANCE_REFUND}


@handles(Repay)
def repay(book: Book, event: Repay) -> None:
    check_status(book, *TAKES_PAYMENTS)
    check_amount(event.amount_minor)
    check_not_before_disbursement(book, event.on)
    enter_and_fold(book, TransactionKind(event.kind), event.on, event.amount_minor)


def enter_and_fold(
    book: Book,
    kind: TransactionKind,
    on: date,
    amount_minor: int,
    *,
    unrecognized_minor: int = 0,
    of_transaction: int | None = None,
    of_charge: int | None = None,
) -> None:
    """One more transaction, which falls on what is left; or on what was, where it is dated back."""
    last_on = book.last_on()
    transaction = book.enter(kind, on, amount_minor)
    transaction = replace(
        transaction, unrecognized_minor=unrecognized_minor, of_transaction=of_transaction, of_charge=of_charge
    )
    book.put(transaction)
    if (last_on is None or on >= last_on) and not plan_of(book.terms).moves_with_every_payment(book):
        fold(book, transaction)
    else:
        fold_again(book, (on, transaction.number))
    conclude(book, on)


def fold_again(book: Book, changed_from: tuple[date, int]) -> None:
    """What was posted before the change stays as it was; unless the installments themselves have moved."""
    plan = plan_of(book.terms)
    if not plan.moves_with_every_payment(book):
        book.facts_before = changed_from
    plan.fold_all(book)


@handles(Undo)
def undo(book: Book, event: Undo) -> None:
    transaction = _changeable(book, event.transaction, _CAN_BE_UNDONE)
    book.reverse(transaction)
    fold_again(book, (transaction.on, transaction.number))
    conclude(book, transaction.on)


@handles(Adjust)
def adjust(book: Book, event: Adjust) -> None:
    transaction = _changeable(book, event.transaction, _CAN_BE_ADJUSTED)
    check_amount(event.amount_minor)
    check_not_before_disbursement(book, event.on)
    book.reverse(transaction)
    entered = book.enter(transaction.kind, event.on, event.amount_minor)
    fold_again(book, min((transaction.on, transaction.number), (entered.on, entered.number)))
    conclude(book, event.on)


def _changeable(book: Book, number: int, kinds: frozenset[TransactionKind]) -> Transaction:
    check_status(book, *TAKES_PAYMENTS)
    transaction = standing_transaction(book, number)
    if transaction.kind not in kinds:
        limit = ", ".join(sorted(kind.name.lower() for kind in kinds))
        raise EventRefused(EventRule.TRANSACTION_STANDS, limit=limit, given=transaction.kind.name.lower())
    if any(one.of_transaction == number and one.stands for one in book.transactions):
        raise EventRefused(EventRule.TRANSACTION_STANDS, limit="not charged back", given="charged back")
    return transaction
