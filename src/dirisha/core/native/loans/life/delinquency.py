"""How far behind its plan a loan is on a day (loan-math §11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from dirisha.core.native.loans.life.state import State, Status
from dirisha.core.native.loans.life.summary import last_payment, total
from dirisha.core.parts import NOTHING, Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Delinquency:
    """`since` is the day from which the loan counts as delinquent, the product's grace after the oldest due date.

    `next_due_on` is the due date of the first unpaid installment, or the day of the last payment where that is later.
    """

    past_due_days: int = 0
    delinquent_days: int = 0
    since: date | None = None
    amount: Parts = NOTHING
    next_due_on: date | None = None


def delinquency(state: State) -> Delinquency:
    """As of the day on which the state is seen; a loan that is not active is never behind."""
    unpaid = [row for row in state.installments if row.met_on is None and row.outstanding_minor]
    if state.dates.disbursed_on is None or not unpaid:
        return Delinquency()
    payment = last_payment(state)
    next_due_on = max(unpaid[0].due_date, payment.on) if payment else unpaid[0].due_date
    overdue = [row for row in unpaid if row.due_date < state.on]
    if not overdue or state.status is not Status.ACTIVE:
        return Delinquency(next_due_on=next_due_on)
    grace = state.terms.arrears_grace_days
    past_due_days = (state.on - overdue[0].due_date).days
    return Delinquency(
        past_due_days=past_due_days,
        delinquent_days=max(0, past_due_days - grace),
        since=overdue[0].due_date + timedelta(days=grace),
        amount=total(row.outstanding for row in overdue),
        next_due_on=next_due_on,
    )
