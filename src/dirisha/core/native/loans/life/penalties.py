"""The overdue job: a penalty of the product on each installment that stays unpaid (loan-math §11).

Source: Fineract's `applyChargeToOverdueLoanInstallment`. Deciding and charging are apart: the event carries what the
job decided, so that a replay charges the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from dirisha.core.installments import Installment
from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.calendar_units import later
from dirisha.core.native.loans.charges import ChargeCalculation
from dirisha.core.native.loans.charges_due import base_minor
from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.charging import charged_minor
from dirisha.core.native.loans.life.checks import check_status
from dirisha.core.native.loans.life.disbursing import earn_charge
from dirisha.core.native.loans.life.events import ChargePenalties, Penalty
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.plans import plan_of
from dirisha.core.native.loans.life.state import LoanCharge, State, Status
from dirisha.core.native.loans.life.status import conclude
from dirisha.core.native.loans.life.terms import OverduePenalty


def overdue_penalties(state: State, on: date, *, overdue_by: date | None = None) -> tuple[Penalty, ...]:
    """What the job charges on the day `on`: for each unpaid installment, whatever it has not been charged yet.

    An installment is late when its wait is over before `overdue_by` (None: before `on`).
    """
    rule = state.terms.overdue_penalty
    if rule is None or state.status is not Status.ACTIVE or state.dates.charged_off_on is not None:
        return ()
    amounts = Amounts(state.terms.loan)
    charged = {(one.overdue_installment, one.sequence) for one in state.charges if one.overdue_installment is not None}
    late = [
        row
        for row in state.installments
        if row.met_on is None and row.due_date + timedelta(days=rule.wait_days) < (overdue_by or on)
    ]
    return tuple(
        penalty
        for row in late
        for sequence, due_on in enumerate(_due_dates(rule, row.due_date, on), 1)
        if (row.number, sequence) not in charged and (penalty := _penalty(rule, row, sequence, due_on, amounts))
    )


def _due_dates(rule: OverduePenalty, due_date: date, on: date) -> Iterator[date]:
    """One, or one each time that the interval has passed by the day `on`; dated back by what is granted."""
    back = timedelta(days=max(1, rule.wait_days + 1 - rule.grace_on_posting_days))
    falls_on = due_date + timedelta(days=rule.wait_days + 1)
    if rule.every is None:
        yield falls_on - back
        return
    while falls_on <= on:
        yield falls_on - back
        falls_on = later(falls_on, rule.every, rule.unit)


def _penalty(rule: OverduePenalty, row: Installment, sequence: int, due_on: date, amounts: Amounts) -> Penalty | None:
    outstanding = row.outstanding
    base = base_minor(rule.charge.calculation, outstanding.principal, outstanding.interest)
    amount = charged_minor(rule.charge, base, amounts)
    if amount <= 0:
        return None
    shown_base = 0 if rule.charge.calculation is ChargeCalculation.FLAT else base
    return Penalty(row.number, sequence, due_on, amount, rule.charge, shown_base)


@handles(ChargePenalties)
def charge_penalties(book: Book, event: ChargePenalties) -> None:
    check_status(book, Status.ACTIVE)
    if not event.penalties:
        return
    for penalty in event.penalties:
        charge = book.open_charge(_charged(penalty, number=len(book.charges) + 1, on=event.on))
        if not book.terms.accrues_by_period:
            earn_charge(book, charge, min(penalty.due_on, event.on))
    plan_of(book.terms).fold_all(book)
    conclude(book, book.last_on() or event.on)


def _charged(penalty: Penalty, *, number: int, on: date) -> LoanCharge:
    return LoanCharge(
        number=number,
        terms=replace(penalty.charge, due_on=penalty.due_on),
        due_on=penalty.due_on,
        amount_minor=penalty.amount_minor,
        submitted_on=on,
        base_minor=penalty.base_minor,
        outstanding_minor=penalty.amount_minor,
        overdue_installment=penalty.installment,
        sequence=penalty.sequence,
    )
