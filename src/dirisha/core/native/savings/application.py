"""From application to an active account: approval, its undoing, rejection, withdrawal, activation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.savings import allowed
from dirisha.core.native.savings.cash import credited
from dirisha.core.native.savings.charge_acts import charge_paid
from dirisha.core.native.savings.charge_terms import ChargeTime
from dirisha.core.native.savings.charges import Charge, dated_from
from dirisha.core.native.savings.deposit_rate import deposit_start, maturity_on, put_away_minor
from dirisha.core.native.savings.events import Activate, Approve, Reject, UndoApproval, WithdrawApplication
from dirisha.core.native.savings.maturity import with_maturity
from dirisha.core.native.savings.recurring import due_deposits
from dirisha.core.native.savings.refusals import Rule, not_before
from dirisha.core.native.savings.state import Overdue, State, Status
from dirisha.core.native.savings.terms import AccountKind, SavingsTerms


def applied(terms: SavingsTerms, on: date) -> State:
    """The application; raises `SavingsRefused` where a deposit's term or chart does not allow it."""
    state = State(
        status=Status.SUBMITTED,
        submitted_on=on,
        annual_rate=terms.interest.annual_rate,
        charges=tuple(Charge.agreed(number, charge) for number, charge in enumerate(terms.charges, 1)),
    )
    return _deposit_planned(terms, state)


def _deposit_planned(terms: SavingsTerms, state: State) -> State:
    """Installments, rate and maturity, from the first day as it is known now."""
    if terms.deposit is None:
        return state
    terms.deposit.check(deposit_start(terms, state))
    if terms.deposit.recurring is not None:
        state = replace(state, due_deposits=due_deposits(terms, state))
    start = deposit_start(terms, state)
    terms.deposit.chart.offered_rate(put_away_minor(terms, state), start, maturity_on(terms, state))
    return with_maturity(terms, state)


def approve(terms: SavingsTerms, state: State, event: Approve) -> State:
    allowed.in_status(state, Status.SUBMITTED)
    not_before(Rule.BEFORE_ACTIVATION, event.on, state.submitted_on)
    return replace(state, status=Status.APPROVED, approved_on=event.on)


def undo_approval(terms: SavingsTerms, state: State, event: UndoApproval) -> State:
    allowed.in_status(state, Status.APPROVED)
    return replace(state, status=Status.SUBMITTED, approved_on=None)


def reject(terms: SavingsTerms, state: State, event: Reject) -> State:
    allowed.in_status(state, Status.SUBMITTED)
    return replace(state, status=Status.REJECTED, closed_on=event.on)


def withdraw_application(terms: SavingsTerms, state: State, event: WithdrawApplication) -> State:
    allowed.in_status(state, Status.SUBMITTED)
    return replace(state, status=Status.WITHDRAWN, closed_on=event.on)


def activate(terms: SavingsTerms, state: State, event: Activate) -> State:
    """The opening deposit is booked, charges on activation are paid, recurring ones get their first date."""
    allowed.in_status(state, Status.APPROVED)
    state = replace(
        state,
        status=Status.ACTIVE,
        activated_on=event.on,
        locked_until=terms.lock_in.after(event.on) if terms.lock_in else None,
        charges=tuple(dated_from(charge, event.on) for charge in state.charges),
        overdue=Overdue() if terms.kind is AccountKind.RECURRING_DEPOSIT else None,
    )
    opening = (
        terms.deposit.amount_minor if terms.kind is AccountKind.FIXED_DEPOSIT and terms.deposit else terms.opening_minor
    )
    if opening:
        state = credited(terms, state, event.on, event.on, opening)
    for charge in state.charges:
        if charge.terms.time is ChargeTime.ACTIVATION and charge.outstanding_minor:
            state = charge_paid(terms, state, event.on, event.on, charge.number, charge.outstanding_minor)
    if terms.deposit is not None:
        state = replace(state, interest_earned_minor=0, interest_calculated_on=None, reckoned_to=event.on)
    return _deposit_planned(terms, state)
