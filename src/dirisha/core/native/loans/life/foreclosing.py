"""A loan is repaid in full before its time, with interest only to the day.

Source: Fineract's `handleForeClosureTransactions`, `updateInstallmentsPostDate`, `retriveIncomeForOverlappingPeriod`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.installments import Installment
from dirisha.core.native.doubles import times_share
from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.charging import installment_fee_minor
from dirisha.core.native.loans.life.checks import check_not_before, check_not_before_disbursement, check_status
from dirisha.core.native.loans.life.disbursing import earn_interest
from dirisha.core.native.loans.life.events import Foreclose
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.folding import fold, fold_all
from dirisha.core.native.loans.life.refusals import EventRule
from dirisha.core.native.loans.life.rows import Portion, Row
from dirisha.core.native.loans.life.state import State, Status
from dirisha.core.native.loans.life.status import conclude
from dirisha.core.native.loans.life.transactions import TransactionKind
from dirisha.core.parts import Parts


def payoff(state: State, on: date) -> Parts:
    """What repays the loan on the day, when it is foreclosed."""
    book = Book(state)
    _cut(book, on)
    return _owed(book)


@handles(Foreclose)
def foreclose(book: Book, event: Foreclose) -> None:
    check_status(book, Status.ACTIVE)
    check_not_before_disbursement(book, event.on)
    check_not_before(EventRule.NOT_BEFORE_LAST_TRANSACTION, event.on, book.last_on())
    _cut(book, event.on)
    book.dates = replace(book.dates, foreclosed_on=event.on)
    if owed_minor := _owed(book).total:
        fold(book, book.enter(TransactionKind.REPAYMENT, event.on, owed_minor))
    if not book.terms.accrues_by_period:
        earn_interest(book, book.disbursed_on)
    conclude(book, event.on)


def _cut(book: Book, on: date) -> None:
    """The schedule ends on the day: all that is left falls due then, and what was paid falls on it anew."""
    past = [row for row in book.rows if row.due_date < on]
    rest = [row for row in book.rows if row.due_date >= on]
    if rest:
        book.rows = [*past, _last_row(past, rest, on, book)]
        _drop_later_charges(book, on)
        fold_all(book)


def _owed(book: Book) -> Parts:
    return Parts(*(sum(row.outstanding(portion) for row in book.rows) for portion in Portion))


def _last_row(past: list[Row], rest: list[Row], on: date, book: Book) -> Row:
    from_date = past[-1].due_date if past else book.disbursed_on
    current = rest[0]
    row = Row(Installment(number=len(past) + 1, from_date=from_date, due_date=on, due=Parts()))
    row.touched = True
    row.due[Portion.PRINCIPAL] = sum(one.due[Portion.PRINCIPAL] for one in rest)
    row.due[Portion.INTEREST] = _interest_to_the_day(current, on, book.amounts.scale)
    return row


def _interest_to_the_day(row: Row, on: date, scale: int) -> int:
    """The share of the period's interest that its days so far have earned."""
    days, of = (on - row.from_date).days, (row.due_date - row.from_date).days
    return row.due[Portion.INTEREST] if days >= of else times_share(row.due[Portion.INTEREST], of, max(0, days), scale)


def _drop_later_charges(book: Book, on: date) -> None:
    """Charges that fall due after the day are not asked for any more, nor fees of installments that are gone."""
    last = book.rows[-1]
    for charge in book.charges:
        if charge.is_installment_fee:
            charge.fees = [fee for fee in charge.fees if fee.installment <= last.number]
            if charge.fees and charge.fees[-1].installment == last.number:
                charge.fees[-1].amount_minor = installment_fee_minor(charge.frozen.terms, last, book.amounts)
            charge.amount_minor = sum(fee.amount_minor for fee in charge.fees)
        elif charge.frozen.due_on is not None and charge.frozen.due_on > on:
            charge.frozen = replace(charge.frozen, active=False)
            charge.amount_minor = charge.outstanding_minor = charge.waived_minor
