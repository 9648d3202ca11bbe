"""Charges added, changed, paid, waived, switched off; and the jobs that collect what is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.savings import allowed
from dirisha.core.native.savings import charges as lives
from dirisha.core.native.savings.account_interest import reckoned
from dirisha.core.native.savings.charge_terms import ChargeTime
from dirisha.core.native.savings.charges import Charge
from dirisha.core.native.savings.events import (
    AddCharge,
    ApplyAnnualFees,
    ChangeCharge,
    DeleteCharge,
    InactivateCharge,
    PayCharge,
    PayDueCharges,
    WaiveCharge,
)
from dirisha.core.native.savings.ledger_lines import added
from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least, at_most
from dirisha.core.native.savings.state import State, Status
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.core.native.savings.transactions import Kind, Transaction


def charge_of(state: State, number: int) -> Charge:
    charge = next((charge for charge in state.charges if charge.number == number), None)
    if charge is None:
        raise SavingsRefused(Rule.NO_SUCH_CHARGE, limit=len(state.charges), given=number)
    return charge


def with_charge(state: State, charge: Charge) -> State:
    return replace(state, charges=tuple(charge if old.number == charge.number else old for old in state.charges))


def add_charge(terms: SavingsTerms, state: State, event: AddCharge) -> State:
    allowed.in_status(state, Status.SUBMITTED, Status.APPROVED, Status.ACTIVE)
    charge = Charge.agreed(max((charge.number for charge in state.charges), default=0) + 1, event.terms)
    if state.activated_on is not None:
        charge = lives.dated_from(charge, state.activated_on)
        if event.terms.due_on is not None:
            allowed.dated(state, min(event.terms.due_on, event.on), event.on)
    return replace(state, charges=(*state.charges, charge))


def change_charge(terms: SavingsTerms, state: State, event: ChangeCharge) -> State:
    allowed.in_status(state, Status.SUBMITTED, Status.APPROVED, Status.ACTIVE)
    return with_charge(state, lives.changed(charge_of(state, event.charge), event.amount))


def delete_charge(terms: SavingsTerms, state: State, event: DeleteCharge) -> State:
    """Of an application only: an active account's charges are waived or switched off."""
    charge_of(state, event.charge)
    if state.status is not Status.SUBMITTED:
        raise SavingsRefused(Rule.CHARGE_OF_ACTIVE_ACCOUNT, limit="an application", given=state.status.name.lower())
    return replace(state, charges=tuple(charge for charge in state.charges if charge.number != event.charge))


def inactivate_charge(terms: SavingsTerms, state: State, event: InactivateCharge) -> State:
    allowed.active(state)
    return with_charge(state, lives.inactivated(_open(state, event.charge), event.on))


def waive_charge(terms: SavingsTerms, state: State, event: WaiveCharge) -> State:
    allowed.active(state)
    charge = _open(state, event.charge)
    at_least(Rule.CHARGE_NOT_OPEN, charge.outstanding_minor, 1)
    line = Transaction(
        number=state.next_number,
        kind=Kind.WAIVE_CHARGE,
        on=event.on,
        amount_minor=charge.outstanding_minor,
        charge=charge.number,
        penalty=charge.terms.penalty,
    )
    state = added(with_charge(state, lives.waived(charge)), line)
    return reckoned(terms, state, event.on, event.on, line.number)


def pay_charge(terms: SavingsTerms, state: State, event: PayCharge) -> State:
    allowed.active(state)
    allowed.debit_allowed(state)
    allowed.dated(state, event.value_date, event.on)
    return charge_paid(terms, state, event.on, event.value_date, event.charge, event.amount_minor)


def charge_paid(terms: SavingsTerms, state: State, on: date, value_date: date, number: int, amount_minor: int) -> State:
    """From the account's balance, which a charge that falls due may take below zero; in part if need be."""
    charge = _open(state, number)
    at_least(Rule.AMOUNT_ABOVE_ZERO, amount_minor, 1)
    at_most(Rule.CHARGE_ABOVE_OUTSTANDING, amount_minor, charge.outstanding_minor)
    line = Transaction(
        number=state.next_number,
        kind=Kind.ANNUAL_FEE if charge.terms.time is ChargeTime.ANNUAL else Kind.PAY_CHARGE,
        on=value_date,
        amount_minor=amount_minor,
        charge=number,
        penalty=charge.terms.penalty,
    )
    state = added(with_charge(state, lives.paid(charge, amount_minor)), line)
    state = reckoned(terms, state, on, value_date, line.number)
    allowed.enough(terms, state, value_date)
    return state


def pay_due_charges(terms: SavingsTerms, state: State, event: PayDueCharges) -> State:
    """All that fell due before today, a recurring charge once a date; what an overdraft cannot bear stays due."""
    if state.status is not Status.ACTIVE:
        return state
    for charge in state.charges:
        state = _all_dues_paid(terms, state, charge.number, event.on)
    return state


def _all_dues_paid(terms: SavingsTerms, state: State, number: int, on: date) -> State:
    while True:
        charge = charge_of(state, number)
        if not (charge.active and charge.outstanding_minor and charge.due_on is not None and charge.due_on < on):
            return state
        try:
            state = charge_paid(terms, state, on, on, number, charge.outstanding_minor)
        except SavingsRefused:
            return state


def apply_annual_fees(terms: SavingsTerms, state: State, event: ApplyAnnualFees) -> State:
    """One annual fee a run, dated the day on which it fell due."""
    if state.status is not Status.ACTIVE:
        return state
    for charge in state.charges:
        due = charge.due_on
        if charge.terms.time is ChargeTime.ANNUAL and charge.active and due is not None and due <= event.on:
            try:
                state = charge_paid(terms, state, event.on, due, charge.number, charge.outstanding_minor)
            except SavingsRefused:
                continue
    return state


def _open(state: State, number: int) -> Charge:
    charge = charge_of(state, number)
    if not charge.active:
        raise SavingsRefused(Rule.CHARGE_NOT_OPEN, limit="an active charge", given=number)
    return charge
