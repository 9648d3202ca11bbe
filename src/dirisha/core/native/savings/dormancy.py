"""What becomes of an account that nobody uses: inactive, dormant, and in the end escheated to the state.

Only deposits and withdrawals are activity; interest is not. Source: Fineract's "Update Savings Dormant Accounts" job.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from dirisha.core.native.savings.events import UpdateDormancy
from dirisha.core.native.savings.ledger_lines import added, balanced
from dirisha.core.native.savings.state import State, Status, SubStatus
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.core.native.savings.transactions import Kind, Transaction


def last_active_on(state: State) -> date | None:
    """The last deposit or withdrawal that stands, else the activation."""
    used = (Kind.DEPOSIT, Kind.WITHDRAWAL)
    return next(
        (line.on for line in reversed(state.transactions) if line.kind in used and line.counts), state.activated_on
    )


def update_dormancy(terms: SavingsTerms, state: State, event: UpdateDormancy) -> State:
    """Up to three steps in one run."""
    active_on = last_active_on(state)
    if terms.dormancy is None or state.status is not Status.ACTIVE or active_on is None:
        return state
    idle_days = (event.on - active_on).days
    if state.sub_status is SubStatus.NONE and idle_days >= terms.dormancy.days_to_inactive:
        state = replace(state, sub_status=SubStatus.INACTIVE)
    if state.sub_status is SubStatus.INACTIVE and idle_days >= terms.dormancy.days_to_dormancy:
        state = replace(state, sub_status=SubStatus.DORMANT)
    if state.sub_status is SubStatus.DORMANT and idle_days >= terms.dormancy.days_to_escheat:
        state = _escheated(terms, state, event.on)
    return state


def _escheated(terms: SavingsTerms, state: State, on: date) -> State:
    """The balance is handed over whole; it stays shown on the closed account."""
    if state.balance_minor > 0:
        line = Transaction(number=state.next_number, kind=Kind.ESCHEAT, on=on, amount_minor=state.balance_minor)
        state = balanced(terms, added(state, line), on, line.number)
    return replace(state, status=Status.CLOSED, sub_status=SubStatus.ESCHEAT, closed_on=on)


@dataclass(frozen=True, slots=True)
class DaysLeft:
    """Days until the next steps; None: taken already. Below zero: the job has not run yet."""

    to_inactive: int | None
    to_dormancy: int | None
    to_escheat: int | None


def days_left(terms: SavingsTerms, state: State, on: date) -> DaysLeft:
    active_on = last_active_on(state)
    if terms.dormancy is None or state.status is not Status.ACTIVE or active_on is None:
        return DaysLeft(None, None, None)
    idle = (on - active_on).days
    awake = state.sub_status is SubStatus.NONE
    before_dormancy = awake or state.sub_status is SubStatus.INACTIVE
    before_escheat = before_dormancy or state.sub_status is SubStatus.DORMANT
    return DaysLeft(
        terms.dormancy.days_to_inactive - idle if awake else None,
        terms.dormancy.days_to_dormancy - idle if before_dormancy else None,
        terms.dormancy.days_to_escheat - idle if before_escheat else None,
    )
