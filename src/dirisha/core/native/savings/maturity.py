"""What a deposit will be worth at maturity, how it matures, and what becomes of it.

Source: Fineract's `updateMaturityDateAndAmount` and `postMaturityInterest` of fixed and recurring deposits.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.savings import allowed
from dirisha.core.native.savings.account_interest import balances, interest_leaves, interest_to, posting, tax_line
from dirisha.core.native.savings.deposit_rate import (
    deposit_start,
    deposit_terms,
    maturity_on,
    premature_rate,
    term_rate,
)
from dirisha.core.native.savings.earned import Balance, Carried, EarnedInPeriod, earned
from dirisha.core.native.savings.events import CalculatePremature, ClosePrematurely, Mature
from dirisha.core.native.savings.ledger_lines import added, balanced, exchanged, reversed_line
from dirisha.core.native.savings.periods import ONE_DAY
from dirisha.core.native.savings.refusals import Rule, SavingsRefused, not_after
from dirisha.core.native.savings.state import Maturity, State, Status
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.core.native.savings.transactions import INTEREST, Kind, Transaction


def with_maturity(terms: SavingsTerms, state: State) -> State:
    """The maturity to be expected: what is there, what is still to be paid in when due, and the interest on it."""
    on = maturity_on(terms, state)
    state = replace(state, annual_rate=term_rate(terms, state))
    expected = _expected_balances(terms, state)
    interest = _interest(terms, state, expected, on - ONE_DAY)
    deposited = expected[-1][1] if expected else 0
    return replace(state, maturity=Maturity(on, deposited + _total(interest), deposited))


def _expected_balances(terms: SavingsTerms, state: State) -> list[Balance]:
    lines = [line for line in state.transactions if line.counts]
    if deposit_terms(terms).recurring is None and not lines:
        return [(deposit_start(terms, state), deposit_terms(terms).amount_minor)]
    found = balances(lines)
    for due in state.due_deposits:
        if due.outstanding_minor:
            last_on, balance = found[-1] if found else (due.due_on, 0)
            found.append((max(due.due_on, last_on), balance + due.outstanding_minor))
    return found


def _interest(terms: SavingsTerms, state: State, on_balances: list[Balance], last_day: date) -> list[EarnedInPeriod]:
    """From the deposit's first day to `last_day`, at `state.annual_rate`."""
    return earned(
        terms.interest,
        terms.currency.scale,
        on_balances,
        Carried(deposit_start(terms, state)),
        last_day,
        annual_rate=state.annual_rate,
        leaves=interest_leaves(terms, state),
    )


def _total(periods: list[EarnedInPeriod]) -> int:
    return periods[-1].carried.earned_minor if periods else 0


def mature(terms: SavingsTerms, state: State, event: Mature) -> State:
    """All interest up to the day before maturity is posted, the last of it on the day itself."""
    deposit_terms(terms)
    if state.status is not Status.ACTIVE or event.on < maturity_on(terms, state):
        return state
    on = maturity_on(terms, state)
    known = state.next_number
    state, periods = interest_to(terms, state, on - ONE_DAY)
    standing = {line.on: line for line in state.transactions if line.kind in INTEREST and line.counts}
    for period in periods:
        period = replace(period, posted_on=min(period.posted_on, on))
        old = standing.get(period.posted_on)
        if old is not None and old.balance_change_minor == period.amount_minor:
            continue
        if old is not None:
            state = exchanged(state, reversed_line(old))
        state = added(state, posting(state.next_number, period, replaces=old.number if old else None))
    state = _taxed(terms, state, on)
    state = balanced(terms, state, deposit_start(terms, state), known)
    return replace(state, status=Status.MATURED)


def _taxed(terms: SavingsTerms, state: State, on: date) -> State:
    """A deposit's tax is withheld once, from all its interest."""
    posted = sum(line.amount_minor for line in state.transactions if line.kind is Kind.INTEREST_POSTING and line.counts)
    tax = tax_line(terms, state.next_number, posted, on) if terms.tax_percentages else []
    return added(state, *tax) if tax else state


def calculate_premature(terms: SavingsTerms, state: State, event: CalculatePremature) -> State:
    """The rate that closing early would leave; a recurring deposit shows the interest at it, a fixed one none."""
    allowed.active(state)
    periods, state = _premature(terms, state, event.value_date)
    shown = 0 if deposit_terms(terms).recurring is None else _total(periods)
    return replace(state, interest_earned_minor=shown)


def premature_amount_minor(terms: SavingsTerms, state: State, closed_on: date) -> int:
    """What closing on that day would pay."""
    periods, _ = _premature(terms, state, closed_on)
    return state.balance_minor - _posted(state) + _total(periods)


def _premature(terms: SavingsTerms, state: State, closed_on: date) -> tuple[list[EarnedInPeriod], State]:
    last_day = closed_on - ONE_DAY
    state = replace(state, annual_rate=premature_rate(terms, state, last_day))
    lines = [line for line in state.transactions if line.counts]
    return _interest(terms, state, balances(lines), last_day), state


def _posted(state: State) -> int:
    return sum(line.amount_minor for line in state.transactions if line.kind is Kind.INTEREST_POSTING and line.counts)


def premature_interest_posted(terms: SavingsTerms, state: State, event: ClosePrematurely) -> State:
    """One posting brings the interest to what the lower rate allows; below zero where too much was posted."""
    allowed.in_status(state, Status.ACTIVE)
    allowed.dated(state, event.value_date, event.on)
    allowed.not_locked(state, event.value_date)
    not_after(Rule.AFTER_MATURITY, event.value_date, maturity_on(terms, state))
    allowed.after_last_transaction(state, event.value_date)
    periods, state = _premature(terms, state, event.value_date)
    known = state.next_number
    remaining = _total(periods) - _posted(state)
    if remaining < 0 and state.balance_minor + remaining < 0:
        raise SavingsRefused(Rule.INSUFFICIENT_BALANCE, limit=0, given=state.balance_minor + remaining)
    if remaining:
        state = added(
            state,
            Transaction(number=known, kind=Kind.INTEREST_POSTING, on=event.value_date, amount_minor=remaining),
        )
    state = _taxed(terms, state, event.value_date)
    state = balanced(terms, state, event.value_date, known)
    deposited = state.maturity.deposited_minor if state.maturity else 0
    return replace(state, maturity=Maturity(event.value_date, state.balance_minor, deposited))
