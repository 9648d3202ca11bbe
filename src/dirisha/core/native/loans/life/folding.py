"""How each kind of transaction falls on the installments, and all of them anew when the past has changed.

A transaction whose split stays as it was posted stays the same; the others show in `changes`. Another kind of
transaction joins by `@folds(kind)`. Source: Fineract's `AbstractLoanRepaymentScheduleTransactionProcessor`,
loan-math §10.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.charging import charges_only_row, settle, spread, unsettle
from dirisha.core.native.loans.life.open_charges import OpenCharge
from dirisha.core.native.loans.life.payment import Payment
from dirisha.core.native.loans.life.posted import hold_to, is_fact
from dirisha.core.native.loans.life.rows import Portion, Row, parts
from dirisha.core.native.loans.life.transactions import (
    REPAYMENT_LIKE,
    ChargeShare,
    Transaction,
    TransactionKind,
    same_split,
)

Fold = Callable[[Book, Transaction], Transaction]

FOLDS: dict[TransactionKind, Fold] = {}


def folds(*kinds: TransactionKind) -> Callable[[Fold], Fold]:
    """Registers how transactions of these kinds fall on the rows of a book; the result has the split."""

    def register(fold: Fold) -> Fold:
        FOLDS.update(dict.fromkeys(kinds, fold))
        return fold

    return register


def fold(book: Book, transaction: Transaction) -> Transaction:
    """Let one transaction fall on the rows, and keep it with its split."""
    folded = FOLDS[transaction.kind](book, transaction)
    if same_split(folded, transaction):
        # Which charge a posted transaction settled is a fact as well.
        folded = replace(transaction, shares=folded.shares, charges=transaction.charges or folded.charges)
    elif is_fact(book, transaction):
        folded = hold_to(transaction, folded, book)
    book.put(folded)
    return folded


def fold_all(book: Book) -> None:
    """Let all transactions fall on the rows, in the order of value dates, as if for the first time."""
    forget_payments(book)
    standing = [transaction for transaction in book.standing() if transaction.kind in FOLDS]
    # Charge payments pay their own charge before anything else can (loan-math §10).
    for transaction in standing:
        if transaction.kind is TransactionKind.CHARGE_PAYMENT:
            fold(book, transaction)
    for transaction in standing:
        if transaction.kind is not TransactionKind.CHARGE_PAYMENT:
            fold(book, transaction)
    tidy(book)


def forget_payments(book: Book) -> None:
    """Rows and charges as on the first day, with what charges ask for now."""
    for charge in book.charges:
        charge.forget_payments()
    if (row := charges_only_row(book.rows, book.charges)) is not None:
        book.rows.append(row)
        row.touched = True
    for row in book.rows:
        row.forget_payments()
    spread(book.rows, book.charges, book.amounts, book.disbursed_on)
    for row in book.rows:
        row.look_whether_met(book.disbursed_on)


def tidy(book: Book) -> None:
    """Without a row for charges that are gone; waivers may have completed the last one."""
    last = book.rows[-1]
    if last.is_charges_only and not any(last.due):
        book.rows.pop()
    elif last.met_on == book.disbursed_on:
        waivers = [t.on for t in book.standing() if t.kind is TransactionKind.WAIVE_CHARGES and t.on > last.from_date]
        if waivers:
            last.look_whether_met(max(waivers))


@folds(*REPAYMENT_LIKE)
def repayment(book: Book, transaction: Transaction) -> Transaction:
    payment = Payment(transaction.kind, transaction.on, transaction.amount_minor)
    book.terms.allocation.allocate(book, payment)
    for charges, amounts in book.terms.allocation.settles(book, payment):
        settle(charges, payment, amounts)
    return with_split(transaction, payment)


@folds(TransactionKind.RECOVERY)
def recovery(book: Book, transaction: Transaction) -> Transaction:
    """Nothing is outstanding any more: no installment takes it."""
    return replace(transaction, overpaid_minor=transaction.amount_minor)


@folds(TransactionKind.WAIVE_INTEREST)
def interest_waiver(book: Book, transaction: Transaction) -> Transaction:
    payment = Payment(transaction.kind, transaction.on, transaction.amount_minor)
    book.terms.allocation.waive_interest(book, payment)
    return replace(with_split(transaction, payment), overpaid_minor=0)


@folds(TransactionKind.WRITE_OFF)
def write_off(book: Book, transaction: Transaction) -> Transaction:
    """Whatever is outstanding is given up."""
    amounts = [0, 0, 0, 0]
    for row in book.rows:
        if row.met_on is None:
            amounts = [total + amount for total, amount in zip(amounts, row.write_off(transaction.on), strict=True)]
    return replace(transaction, amount_minor=sum(amounts), split=parts(amounts))


@folds(TransactionKind.CHARGE_OFF)
def charge_off(book: Book, transaction: Transaction) -> Transaction:
    """What is outstanding is told, and stays owed. Charge payments fold first; later ones have not been made yet."""
    amounts = [sum(row.outstanding(portion) for row in book.rows) for portion in Portion]
    for one in book.standing():
        if one.kind is TransactionKind.CHARGE_PAYMENT and (one.on, one.number) > (transaction.on, transaction.number):
            amounts[Portion.FEES] += one.split.fees
            amounts[Portion.PENALTIES] += one.split.penalties
    return replace(transaction, amount_minor=sum(amounts), split=parts(amounts))


@folds(TransactionKind.REFUND_BY_CASH)
def refund_by_cash(book: Book, transaction: Transaction) -> Transaction:
    """What was paid last is owed again, from the last installment with something paid."""
    payment = Payment(transaction.kind, transaction.on, transaction.amount_minor)
    book.terms.allocation.take_back(book, payment)
    for charges, amounts in book.terms.allocation.settles(book, payment):
        unsettle(charges, payment, amounts)
    return with_split(transaction, payment)


@folds(TransactionKind.CHARGE_PAYMENT)
def charge_payment(book: Book, transaction: Transaction) -> Transaction:
    """Pays its own charge, on the installment that carries it."""
    share = transaction.charges[0]
    charge = book.charges[share.charge - 1]
    payment = Payment(transaction.kind, transaction.on, transaction.amount_minor)
    portion = Portion.PENALTIES if charge.is_penalty else Portion.FEES
    row = carrier(book, charge, share.installment)
    taken = payment.pay(row, portion)
    fee = charge.of_installment(share.installment) if share.installment is not None else charge.earliest_unpaid_fee
    charge.pay(taken, fee)
    payment.charges.append(ChargeShare(share.charge, taken, share.installment))
    return with_split(transaction, payment)


def carrier(book: Book, charge: OpenCharge, installment: int | None) -> Row:
    """The row that carries the charge; of an installment fee, the given one or the first unpaid."""
    if charge.is_installment_fee:
        fee = charge.earliest_unpaid_fee
        number = installment if installment is not None else (fee.installment if fee else charge.fees[-1].installment)
        return next(row for row in book.rows if row.number == number)
    on = charge.frozen.due_on or book.disbursed_on
    return next((row for row in book.rows if not row.is_down_payment and on <= row.due_date), book.rows[-1])


def with_split(transaction: Transaction, payment: Payment) -> Transaction:
    return replace(
        transaction,
        split=payment.parts,
        overpaid_minor=payment.left_minor,
        shares=payment.shares,
        charges=tuple(payment.charges),
    )
