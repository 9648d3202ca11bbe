"""A repayment goes back to who paid it, and is owed again; a charge is made good."""

from __future__ import annotations

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.checks import (
    TAKES_PAYMENTS,
    check_amount,
    check_at_most,
    check_status,
    standing_transaction,
)
from dirisha.core.native.loans.life.events import AdjustCharge, Chargeback
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.repaying import enter_and_fold
from dirisha.core.native.loans.life.transactions import REPAYMENT_LIKE, TransactionKind


@handles(Chargeback)
def charge_back(book: Book, event: Chargeback) -> None:
    """At most what the transaction was of, all its chargebacks together."""
    check_status(book, *TAKES_PAYMENTS)
    check_amount(event.amount_minor)
    original = standing_transaction(book, event.transaction)
    if original.kind not in REPAYMENT_LIKE:
        limit = ", ".join(sorted(kind.name.lower() for kind in REPAYMENT_LIKE))
        raise EventRefused(EventRule.TRANSACTION_STANDS, limit=limit, given=original.kind.name.lower())
    earlier_minor = sum(
        one.amount_minor
        for one in book.standing()
        if one.kind is TransactionKind.CHARGEBACK and one.of_transaction == original.number
    )
    check_at_most(EventRule.AT_MOST_CHARGED_BACK, event.amount_minor, original.amount_minor - earlier_minor)
    enter_and_fold(book, TransactionKind.CHARGEBACK, event.on, event.amount_minor, of_transaction=original.number)


@handles(AdjustCharge)
def adjust_charge(book: Book, event: AdjustCharge) -> None:
    """Falls on the installments as a repayment does; at most what the charge was, all its adjustments together."""
    check_status(book, *TAKES_PAYMENTS)
    check_amount(event.amount_minor)
    if not 1 <= event.charge <= len(book.charges):
        raise EventRefused(EventRule.CHARGE_OPEN, limit=len(book.charges), given=event.charge)
    earlier_minor = sum(
        one.amount_minor
        for one in book.standing()
        if one.kind is TransactionKind.CHARGE_ADJUSTMENT and one.of_charge == event.charge
    )
    left_minor = book.charges[event.charge - 1].amount_minor - earlier_minor
    check_at_most(EventRule.AT_MOST_CHARGE, event.amount_minor, left_minor)
    enter_and_fold(book, TransactionKind.CHARGE_ADJUSTMENT, event.on, event.amount_minor, of_charge=event.charge)
