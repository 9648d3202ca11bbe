"""The money goes out, with charges kept back from it; or that never was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.loans.life.application import work_out
from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.checks import (
    check_amount,
    check_at_most,
    check_not_before,
    check_not_before_disbursement,
    check_status,
)
from dirisha.core.native.loans.life.events import Disburse, UndoDisbursal, UndoLastTranche
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.folding import fold
from dirisha.core.native.loans.life.open_charges import OpenCharge
from dirisha.core.native.loans.life.plans import plan_of
from dirisha.core.native.loans.life.refusals import EventRule
from dirisha.core.native.loans.life.rows import Portion
from dirisha.core.native.loans.life.state import Status
from dirisha.core.native.loans.life.status import conclude
from dirisha.core.native.loans.life.tranches import with_next_out, with_none_out, without_last_out
from dirisha.core.native.loans.life.transactions import ChargeShare, TransactionKind
from dirisha.core.parts import Parts


@handles(Disburse)
def disburse(book: Book, event: Disburse) -> None:
    if book.terms.loan.tranches:
        _disburse_tranche(book, event)
    else:
        check_status(book, Status.APPROVED)
        _disburse_first(book, event)


def _disburse_tranche(book: Book, event: Disburse) -> None:
    check_status(book, Status.APPROVED, Status.ACTIVE)
    check_amount(event.amount_minor)
    check_at_most(EventRule.AT_MOST_APPROVED, book.principal_minor + event.amount_minor, book.approved_minor)
    loan = with_next_out(book.terms.loan, event.on, event.amount_minor)
    book.change_terms(replace(book.terms, loan=loan))
    if book.status is Status.APPROVED:
        _disburse_first(book, event)
        return
    check_not_before_disbursement(book, event.on)
    book.principal_minor += event.amount_minor
    book.enter(TransactionKind.DISBURSEMENT, event.on, event.amount_minor)
    _spread_tranches(book, event.on)


@handles(UndoLastTranche)
def undo_last_tranche(book: Book, event: UndoLastTranche) -> None:
    """Raises `EventRefused` once anything has been paid since."""
    check_status(book, Status.ACTIVE)
    loan, taken_back_minor = without_last_out(book.terms.loan)
    last = [one for one in book.standing() if one.kind is TransactionKind.DISBURSEMENT][-1]
    check_not_before(EventRule.NOT_BEFORE_LAST_TRANSACTION, last.on, book.last_on())
    book.change_terms(replace(book.terms, loan=loan))
    book.principal_minor -= taken_back_minor
    book.reverse(last)
    _spread_tranches(book, event.on)


def _spread_tranches(book: Book, on: date) -> None:
    """The schedule is worked out from what is out and what is still expected, and all payments fall on it anew."""
    plan = plan_of(book.terms)
    book.rows = plan.rows(book, book.disbursed_on, book.principal_minor)
    for row in book.rows:
        row.touched = True
    plan.fold_all(book)
    if not book.terms.accrues_by_period:
        earn_interest(book, book.disbursed_on)
    conclude(book, on)


def _disburse_first(book: Book, event: Disburse) -> None:
    check_amount(event.amount_minor)
    check_at_most(EventRule.AT_MOST_APPROVED, event.amount_minor, book.approved_minor)
    check_at_most(EventRule.SETTLES_AT_MOST_PRINCIPAL, event.settles_minor, event.amount_minor)
    check_not_before(EventRule.NOT_BEFORE_APPROVAL, event.on, book.dates.approved_on)
    work_out(book, event.on, event.amount_minor)
    book.dates = replace(book.dates, disbursed_on=event.on)
    book.principal_minor = event.amount_minor
    book.status = Status.ACTIVE
    for amount_minor in (event.settles_minor, event.amount_minor - event.settles_minor):
        if amount_minor:
            book.enter(TransactionKind.DISBURSEMENT, event.on, amount_minor)
    _keep_back_charges(book, event.on)
    if not book.terms.accrues_by_period:
        _earn_everything(book, event.on)
    if plan_of(book.terms).moves_with_every_payment(book):
        plan_of(book.terms).fold_all(book)
    for row in book.rows:
        row.look_whether_met(event.on)
    _pay_down(book, event.on)
    conclude(book, event.on)


def _pay_down(book: Book, on: date) -> None:
    """The down payment, where it is paid at once out of what goes out."""
    agreed = book.terms.loan.down_payment
    if agreed is not None and agreed.automatic:
        amount = sum(row.due[Portion.PRINCIPAL] for row in book.rows if row.is_down_payment and row.due_date == on)
        if amount:
            fold(book, book.enter(TransactionKind.DOWN_PAYMENT, on, amount))


def _keep_back_charges(book: Book, on: date) -> None:
    """Charges at disbursement are paid out of what goes out, and never fall on an installment."""
    due = [charge for charge in book.charges if charge.is_at_disbursement and charge.outstanding_minor > 0]
    shares = tuple(ChargeShare(charge.number, charge.pay(charge.outstanding_minor, None)) for charge in due)
    if shares:
        fees = sum(share.amount_minor for share in shares)
        kept = book.enter(TransactionKind.REPAYMENT_AT_DISBURSEMENT, on, fees, split=Parts(fees=fees))
        book.put(replace(kept, charges=shares))


def _earn_everything(book: Book, on: date) -> None:
    """Where no job accrues income over time, all interest and all charges count as earned at once."""
    earn_interest(book, on)
    for charge in book.charges:
        if not charge.is_at_disbursement:
            earn_charge(book, charge, on)


def earn_interest(book: Book, on: date) -> None:
    """All interest of the schedule, were it none; where it has changed, instead of what was earned before."""
    interest_minor = sum(row.due[Portion.INTEREST] for row in book.rows)
    earned = [one for one in book.standing() if one.kind is TransactionKind.ACCRUAL and not one.charges]
    if earned and sum(one.split.interest for one in earned) == interest_minor:
        return
    for one in earned:
        book.reverse(one)
    book.enter(TransactionKind.ACCRUAL, on, interest_minor, split=Parts(interest=interest_minor))


def earn_charge(book: Book, charge: OpenCharge, on: date) -> None:
    amount = charge.amount_minor
    if amount:
        split = Parts(penalties=amount) if charge.is_penalty else Parts(fees=amount)
        earned = book.enter(TransactionKind.ACCRUAL, on, amount, split=split)
        book.put(replace(earned, charges=(ChargeShare(charge.number, amount),)))


@handles(UndoDisbursal)
def undo_disbursal(book: Book, event: UndoDisbursal) -> None:
    """Everything since the approval is reversed; the schedule stays that of the last disbursement until the next."""
    check_status(book, Status.ACTIVE, Status.CLOSED, Status.OVERPAID)
    for transaction in list(book.transactions):
        if transaction.stands:
            book.reverse(transaction)
    book.charges = [charge for charge in book.charges if charge.frozen.overdue_installment is None]
    if book.terms.loan.tranches:
        book.change_terms(replace(book.terms, loan=with_none_out(book.terms.loan)))
    work_out(book, book.disbursed_on, book.approved_minor)
    book.status = Status.APPROVED
    book.dates = replace(book.dates, disbursed_on=None, closed_on=None, overpaid_on=None, charged_off_on=None)
    book.principal_minor = 0
    book.overpaid_minor = 0
    book.arrears = None
    book.non_performing = False
