"""Money that goes back to the borrower is owed again, as far as it was not overpaid: chargebacks and refunds of credit.

It falls due with the next installment; after the last one it has a row of its own. Source: Fineract's
`AbstractLoanRepaymentScheduleTransactionProcessor.processCreditTransaction`.
"""

from __future__ import annotations

from dataclasses import replace

from dirisha.core.installments import Installment, InstallmentKind
from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.folding import folds
from dirisha.core.native.loans.life.payment import Payment
from dirisha.core.native.loans.life.rows import Portion, Row
from dirisha.core.native.loans.life.transactions import CREDITS, PAYS_INSTALLMENTS, Transaction
from dirisha.core.parts import Parts


@folds(*CREDITS)
def credit(book: Book, transaction: Transaction) -> Transaction:
    """What was overpaid until then goes back first, and is no debt."""
    overpaid_minor = min(transaction.amount_minor, max(0, overpaid_before(book, transaction)))
    owed_minor = transaction.amount_minor - overpaid_minor
    folded = replace(transaction, split=Parts(owed_minor), overpaid_minor=overpaid_minor, shares=())
    if not owed_minor:
        return folded
    row = _row_for(book, transaction)
    row.credit(transaction.amount_minor)
    payment = Payment(transaction.kind, transaction.on, overpaid_minor)
    payment.pay(row, Portion.PRINCIPAL)
    row.look_whether_met(transaction.on)
    return replace(folded, shares=payment.shares)


def overpaid_before(book: Book, transaction: Transaction) -> int:
    """What no installment took of the payments before it, less what of that went back."""
    overpaid_minor = 0
    for earlier in book.standing():
        if earlier.number == transaction.number:
            break
        if earlier.kind in PAYS_INSTALLMENTS:
            overpaid_minor += earlier.overpaid_minor
        elif earlier.kind in CREDITS:
            overpaid_minor -= earlier.overpaid_minor
    return overpaid_minor


def _row_for(book: Book, transaction: Transaction) -> Row:
    last = book.rows[-1]
    for row in book.rows:
        if row.due_date > transaction.on and not row.is_charges_only:
            return row
    if last.is_charges_only:
        last.due_date = max(last.due_date, transaction.on)
        return last
    if last.due_date == transaction.on:
        return last
    added = Row(
        Installment(
            number=len(book.rows) + 1,
            from_date=last.due_date,
            due_date=transaction.on,
            due=Parts(),
            kind=InstallmentKind.CHARGES_ONLY,
        )
    )
    book.rows.append(added)
    return added
