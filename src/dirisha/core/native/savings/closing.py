"""Closing an account: savings with the balance withdrawn, a deposit at maturity or, at a lower rate, before."""

from __future__ import annotations

from dataclasses import replace

from dirisha.core.native.savings import allowed
from dirisha.core.native.savings.cash import debited
from dirisha.core.native.savings.deposit_rate import deposit_terms
from dirisha.core.native.savings.deposit_terms import AtMaturity
from dirisha.core.native.savings.events import Close, ClosePrematurely
from dirisha.core.native.savings.premature import premature_interest_posted
from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least, not_before
from dirisha.core.native.savings.state import State, Status
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.core.native.savings.transactions import Kind


def close(terms: SavingsTerms, state: State, event: Close) -> State:
    return _savings_closed(terms, state, event) if terms.deposit is None else _deposit_closed(terms, state, event)


def _savings_closed(terms: SavingsTerms, state: State, event: Close) -> State:
    """What is paid out on closing bears no withdrawal fee."""
    allowed.active(state)
    allowed.dated(state, event.value_date, event.on)
    allowed.after_last_transaction(state, event.value_date)
    if event.interest_must_be_posted and terms.bears_interest and not _posted_on(state, event):
        raise SavingsRefused(Rule.INTEREST_NOT_POSTED, limit=event.value_date, given="no posting")
    if event.withdraw_balance and state.balance_minor > 0:
        state = debited(terms, state, event.on, event.value_date, state.balance_minor, free_of_fees=True)
    if state.balance_minor != 0:
        raise SavingsRefused(Rule.BALANCE_NOT_ZERO, limit=0, given=state.balance_minor)
    return replace(state, status=Status.CLOSED, closed_on=event.value_date)


def _posted_on(state: State, event: Close) -> bool:
    return any(
        line.kind is Kind.INTEREST_POSTING and line.counts and line.on == event.value_date
        for line in state.transactions
    )


def _deposit_closed(terms: SavingsTerms, state: State, event: Close) -> State:
    """At maturity: all of it is paid out, or, reinvested, becomes the first balance of another deposit (`renewal`)."""
    if state.maturity is not None:
        not_before(Rule.BEFORE_MATURITY, event.value_date, state.maturity.on)
    allowed.in_status(state, Status.MATURED)
    allowed.after_last_transaction(state, event.value_date)
    if state.balance_minor > 0:
        state = debited(
            terms, state, event.on, event.value_date, state.balance_minor, of_transfer=True, free_of_fees=True
        )
    return replace(state, status=Status.CLOSED, closed_on=event.value_date)


def close_prematurely(terms: SavingsTerms, state: State, event: ClosePrematurely) -> State:
    state = premature_interest_posted(terms, state, event)
    if state.balance_minor > 0:
        state = debited(
            terms, state, event.on, event.value_date, state.balance_minor, of_transfer=True, free_of_fees=True
        )
    return replace(state, status=Status.PREMATURELY_CLOSED, closed_on=event.value_date)


def renewal(terms: SavingsTerms, state: State, instruction: AtMaturity) -> SavingsTerms:
    """The terms of the deposit that a matured one is reinvested in: with its interest, or its principal alone."""
    deposit = deposit_terms(terms)
    allowed.in_status(state, Status.MATURED)
    amount = state.balance_minor if instruction is AtMaturity.REINVEST_ALL else deposit.amount_minor
    at_least(Rule.AMOUNT_ABOVE_ZERO, amount, 1)
    return replace(terms, deposit=replace(deposit, amount_minor=amount))
