"""What a deposit will be worth at maturity, how it matures, and what becomes of it.

Source: Fineract's `updateMaturityDateAndAmount` and `postMaturityInterest` of fixed and recurring deposits.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.savings.account_interest import (
    earning_balances,
    interest_leaves,
    interest_to,
    posting,
    tax_line,
)
from dirisha.core.native.savings.deposit_rate import (
    deposit_start,
    deposit_terms,
    maturity_on,
    term_rate,
)
from dirisha.core.native.savings.earned import Balance, Carried, EarnedInPeriod, earned
from dirisha.core.native.savings.events import Mature
from dirisha.core.native.savings.ledger_lines import added, balanced, exchanged, reversed_line
from dirisha.core.native.savings.periods import ONE_DAY
from dirisha.core.native.savings.state import Maturity, State, Status
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.core.native.savings.transactions import INTEREST, Kind


def with_maturity(terms: SavingsTerms, state: State) -> State:
    """The maturity to be expected: what is there, what is still to be paid in when due, and the interest on it."""
    on = maturity_on(terms, state)
    state = replace(state, annual_rate=term_rate(terms, state))
    expected = _expected_balances(terms, state)
    interest = term_interest(terms, state, expected, on - ONE_DAY)
    deposited = (expected[-1][1] or 0) if expected else 0
    return replace(state, maturity=Maturity(on, deposited + total_minor(interest), deposited))


def _expected_balances(terms: SavingsTerms, state: State) -> list[Balance]:
    lines = [line for line in state.transactions if line.counts]
    if deposit_terms(terms).recurring is None and not lines:
        return [(deposit_start(terms, state), deposit_terms(terms).amount_minor)]
    found = earning_balances(lines)
    for due in state.due_deposits:
        if due.outstanding_minor:
            last_on, balance = found[-1] if found else (due.due_on, 0)
            found.append((max(due.due_on, last_on), (balance or 0) + due.outstanding_minor))
    return found


def term_interest(
    terms: SavingsTerms, state: State, on_balances: list[Balance], last_day: date
) -> list[EarnedInPeriod]:
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


def total_minor(periods: list[EarnedInPeriod]) -> int:
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
    state = taxed(terms, state, on)
    state = balanced(terms, state, deposit_start(terms, state), known)
    return replace(state, status=Status.MATURED, interest_posted_until=on)


def taxed(terms: SavingsTerms, state: State, on: date) -> State:
    """A deposit's tax is withheld once, from all its interest."""
    posted = sum(line.amount_minor for line in state.transactions if line.kind is Kind.INTEREST_POSTING and line.counts)
    tax = tax_line(terms, state.next_number, posted, on) if terms.tax_percentages else []
    return added(state, *tax) if tax else state
