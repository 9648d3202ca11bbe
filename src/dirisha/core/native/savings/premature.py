"""A deposit closed before its day: what it pays then, at a lower rate.

The reference core reckons from the balances as its last calculation of interest, or deposit, drew them up: the days
from there to the end of that posting period earn nothing, though later periods do. Equal to it here (recordings
fd-premature-*, rd-premature), since its own closing pays by it. Source: Fineract's `calculatePreMatureInterest`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.savings import allowed
from dirisha.core.native.savings.account_interest import earning_balances
from dirisha.core.native.savings.deposit_rate import deposit_start, deposit_terms, maturity_on, premature_rate
from dirisha.core.native.savings.earned import Balance, EarnedInPeriod
from dirisha.core.native.savings.events import CalculatePremature, ClosePrematurely
from dirisha.core.native.savings.ledger_lines import added, balanced
from dirisha.core.native.savings.maturity import taxed, term_interest, total_minor
from dirisha.core.native.savings.periods import ONE_DAY, posting_periods
from dirisha.core.native.savings.refusals import Rule, SavingsRefused, not_after
from dirisha.core.native.savings.state import Maturity, State, Status
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.core.native.savings.transactions import Kind, Transaction


def calculate_premature(terms: SavingsTerms, state: State, event: CalculatePremature) -> State:
    """The rate that closing early would leave; a recurring deposit shows the interest at it, a fixed one none."""
    allowed.active(state)
    periods, state = _premature(terms, state, event.value_date)
    shown = 0 if deposit_terms(terms).recurring is None else total_minor(periods)
    return replace(state, interest_earned_minor=shown)


def premature_amount_minor(terms: SavingsTerms, state: State, closed_on: date) -> int:
    """What closing on that day would pay."""
    periods, _ = _premature(terms, state, closed_on)
    return state.balance_minor - _posted(state) + total_minor(periods)


def _premature(terms: SavingsTerms, state: State, closed_on: date) -> tuple[list[EarnedInPeriod], State]:
    last_day = closed_on - ONE_DAY
    state = replace(state, annual_rate=premature_rate(terms, state, last_day))
    return term_interest(terms, state, _balances_drawn_up(terms, state, last_day), last_day), state


def _balances_drawn_up(terms: SavingsTerms, state: State, last_day: date) -> list[Balance]:
    """The balances that count: what lies between the day to which they were drawn up last and the end of that posting
    period does not."""
    found = earning_balances(line for line in state.transactions if line.counts)
    if state.reckoned_to is None or not found:
        return found
    last_on, balance = found[-1]
    unknown_from = max(state.reckoned_to + ONE_DAY, last_on)
    interest = terms.interest
    start = deposit_start(terms, state)
    for period in posting_periods(start, last_day, interest.posting, interest.financial_year_start):
        if period.start < unknown_from <= period.end or (unknown_from == last_on and period.start == last_on):
            return [*found, (unknown_from, None), (period.end + ONE_DAY, balance)]
    return found


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
    remaining = total_minor(periods) - _posted(state)
    if remaining < 0 and state.balance_minor + remaining < 0:
        raise SavingsRefused(Rule.INSUFFICIENT_BALANCE, limit=0, given=state.balance_minor + remaining)
    if remaining:
        state = added(
            state,
            Transaction(number=known, kind=Kind.INTEREST_POSTING, on=event.value_date, amount_minor=remaining),
        )
    state = taxed(terms, state, event.value_date)
    state = balanced(terms, state, event.value_date, known)
    deposited = state.maturity.deposited_minor if state.maturity else 0
    return replace(
        state,
        maturity=Maturity(event.value_date, state.balance_minor, deposited),
        interest_posted_until=event.value_date if remaining else state.interest_posted_until,
    )
