"""A charge is put on the loan, paid by itself, or waived."""

from __future__ import annotations

from dataclasses import replace

from dirisha.core.native.loans.charges import ChargeTime
from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.charging import is_at_disbursement, new_charge
from dirisha.core.native.loans.life.checks import (
    check_amount,
    check_at_most,
    check_not_before_disbursement,
    check_status,
)
from dirisha.core.native.loans.life.disbursing import earn_charge
from dirisha.core.native.loans.life.events import AddCharge, PayCharge, WaiveCharge
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.folding import fold
from dirisha.core.native.loans.life.open_charges import OpenCharge, OpenFee
from dirisha.core.native.loans.life.plans import plan_of
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.repaying import fold_again
from dirisha.core.native.loans.life.state import Status
from dirisha.core.native.loans.life.status import conclude
from dirisha.core.native.loans.life.transactions import ChargeShare, TransactionKind
from dirisha.core.native.loans.limits import check_charge
from dirisha.core.parts import Parts


@handles(AddCharge)
def add_charge(book: Book, event: AddCharge) -> None:
    check_status(book, Status.ACTIVE, Status.CLOSED, Status.OVERPAID)
    terms = event.charge
    check_charge(terms, book.terms.currency)
    if is_at_disbursement(terms):
        raise EventRefused(EventRule.CHARGE_OPEN, limit="before disbursement", given=terms.time.name.lower())
    if terms.time is ChargeTime.SPECIFIED_DUE_DATE:
        if terms.due_on is None:
            raise EventRefused(EventRule.CHARGE_OPEN, limit="a due date", given="none")
        check_not_before_disbursement(book, terms.due_on)
    charge = book.open_charge(
        new_charge(
            terms,
            book.rows,
            book.amounts,
            number=len(book.charges) + 1,
            submitted_on=event.booked,
            lent_minor=book.principal_minor,
        )
    )
    check_amount(charge.amount_minor)
    if not book.terms.accrues_by_period:
        earn_charge(book, charge, min(charge.frozen.due_on or event.booked, event.booked))
    plan_of(book.terms).fold_all(book)
    conclude(book, book.last_on() or event.on)


@handles(PayCharge)
def pay_charge(book: Book, event: PayCharge) -> None:
    check_status(book, Status.ACTIVE)
    check_amount(event.amount_minor)
    check_not_before_disbursement(book, event.on)
    charge, outstanding_minor = _open_charge(book, event.charge, event.installment)
    check_at_most(EventRule.AT_MOST_CHARGE, event.amount_minor, outstanding_minor)
    last_on = book.last_on()
    entered = book.enter(TransactionKind.CHARGE_PAYMENT, event.on, event.amount_minor)
    entered = replace(entered, charges=(ChargeShare(charge.number, event.amount_minor, event.installment),))
    book.put(entered)
    if last_on is None or event.on >= last_on:
        fold(book, entered)
    else:
        fold_again(book, (entered.on, entered.number))
    conclude(book, event.on)


@handles(WaiveCharge)
def waive_charge(book: Book, event: WaiveCharge) -> None:
    """Valued on the day on which the charge falls due, or today where that is still to come."""
    check_status(book, Status.ACTIVE, Status.OVERPAID)
    charge, _ = _open_charge(book, event.charge, event.installment)
    fee = charge.of_installment(event.installment) if event.installment is not None else None
    on = min(fee.due_date if fee else (charge.frozen.due_on or book.disbursed_on), event.booked)
    amount = charge.waive(fee)
    unrecognized = max(0, amount - _receivable_minor(book, charge, fee)) if book.terms.accrues_by_period else 0
    recognized = amount - unrecognized
    split = Parts(penalties=recognized) if charge.is_penalty else Parts(fees=recognized)
    entered = book.enter(TransactionKind.WAIVE_CHARGES, on, amount, split=split)
    share = ChargeShare(charge.number, amount, event.installment)
    book.put(replace(entered, charges=(share,), unrecognized_minor=unrecognized))
    plan_of(book.terms).fold_all(book)
    conclude(book, on)


def _receivable_minor(book: Book, charge: OpenCharge, fee: OpenFee | None) -> int:
    """What is accrued of the charge, or of its part on one installment, and not paid."""
    accrued = sum(
        share.amount_minor
        for transaction in book.transactions
        if transaction.stands and transaction.kind is TransactionKind.ACCRUAL
        for share in transaction.charges
        if share.charge == charge.number and (fee is None or share.installment == fee.installment)
    )
    return max(0, accrued - (fee.paid_minor if fee else charge.paid_minor))


def _open_charge(book: Book, number: int, installment: int | None) -> tuple[OpenCharge, int]:
    """A charge with something left to pay, and how much that is."""
    if not 1 <= number <= len(book.charges):
        raise EventRefused(EventRule.CHARGE_OPEN, limit=len(book.charges), given=number)
    charge = book.charges[number - 1]
    outstanding = charge.outstanding_minor
    if installment is not None or charge.is_installment_fee:
        fee = next((fee for fee in charge.fees if fee.installment == installment), None)
        if fee is None:
            raise EventRefused(EventRule.CHARGE_OPEN, limit="one of its installments", given=str(installment))
        outstanding = fee.outstanding_minor
    if outstanding <= 0:
        raise EventRefused(EventRule.CHARGE_OPEN, limit=0, given=outstanding)
    return charge, outstanding
