"""How a progressive loan is folded anew: charges and transactions take their turns, as they came.

A payment does not see a charge that was put on the loan after it, unless the charge is dated back before it. What was
charged back is taken out of the installments first, and comes in again with its transaction.
Source: Fineract's `AdvancedPaymentScheduleTransactionProcessor.reprocessLoanTransactions`, `ChargeOrTransaction`.
"""

from __future__ import annotations

from datetime import date

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.charging import charges_only_row, spread
from dirisha.core.native.loans.life.folding import FOLDS, fold, tidy
from dirisha.core.native.loans.life.open_charges import OpenCharge
from dirisha.core.native.loans.life.plans import PLANS, FixedPlan
from dirisha.core.native.loans.life.transactions import Transaction
from dirisha.core.native.loans.terms import ScheduleType

Turn = tuple[date, date, int, int]


class ProgressivePlan(FixedPlan):
    """The installments are those of the first day; what falls on them depends on the order in which it came."""

    def fold_all(self, book: Book) -> None:
        _forget(book)
        charges: list[OpenCharge] = []
        entries: list[OpenCharge | Transaction] = [*book.charges, *book.standing()]
        for entry in sorted(entries, key=_turn):
            if isinstance(entry, OpenCharge):
                charges.append(entry)
                spread(book.rows, charges, book.amounts, book.disbursed_on)
            elif entry.kind in FOLDS:
                fold(book, entry)
        tidy(book)


PLANS.append((lambda terms: terms.loan.schedule_type is ScheduleType.PROGRESSIVE, ProgressivePlan()))


def _turn(entry: OpenCharge | Transaction) -> Turn:
    """Value date, day of entry, and which came first of one day."""
    if isinstance(entry, Transaction):
        return entry.on, entry.booked_on, entry.number, 0
    submitted_on = entry.frozen.submitted_on
    return min(entry.frozen.due_on or submitted_on, submitted_on), submitted_on, entry.frozen.after_transaction, 1


def _forget(book: Book) -> None:
    """Rows and charges as on the first day, none of the charges put on yet."""
    for charge in book.charges:
        charge.forget_payments()
    book.rows = [row for row in book.rows if not row.is_charges_only]
    for row in book.rows:
        row.forget_payments()
    if (row_for_late_charges := charges_only_row(book.rows, book.charges)) is not None:
        book.rows.append(row_for_late_charges)
    spread(book.rows, (), book.amounts, book.disbursed_on)
    for row in book.rows:
        row.look_whether_met(book.disbursed_on)
