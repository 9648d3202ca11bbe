"""Money held on an account and released again: it stays in the balance and cannot be spent."""

from __future__ import annotations

from dataclasses import replace

from dirisha.core.native.savings import allowed
from dirisha.core.native.savings.events import Hold, Release
from dirisha.core.native.savings.ledger_lines import added, balanced, exchanged
from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least
from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.core.native.savings.transactions import Kind, Transaction


def hold(terms: SavingsTerms, state: State, event: Hold) -> State:
    """Up to the available balance, less the minimum required; with a lien, its limit beyond."""
    allowed.active(state)
    allowed.debit_allowed(state)
    at_least(Rule.AMOUNT_ABOVE_ZERO, event.amount_minor, 1)
    allowed.dated(state, event.value_date, event.on)
    if event.lien and terms.lien_limit_minor is None:
        raise SavingsRefused(Rule.NOT_OFFERED, limit="holds within the balance", given="a lien")
    beyond = terms.lien_limit_minor or 0 if event.lien else 0
    left = state.available_minor - event.amount_minor
    at_least(Rule.HOLD_ABOVE_BALANCE, left, terms.least_balance_minor - beyond)
    line = Transaction(number=state.next_number, kind=Kind.HOLD, on=event.value_date, amount_minor=event.amount_minor)
    state = added(replace(state, held_minor=state.held_minor + event.amount_minor), line)
    return balanced(terms, state, event.value_date, line.number)


def release(terms: SavingsTerms, state: State, event: Release) -> State:
    held = state.transaction(event.hold)
    if held is None or held.kind is not Kind.HOLD or not held.counts or held.released_by is not None:
        raise SavingsRefused(Rule.NOT_ON_HOLD, limit="an amount on hold", given=event.hold)
    number = state.next_number
    line = Transaction(number=number, kind=Kind.RELEASE, on=event.on, amount_minor=held.amount_minor)
    state = exchanged(state, replace(held, released_by=number))
    state = added(replace(state, held_minor=state.held_minor - held.amount_minor), line)
    return balanced(terms, state, event.on, number)
