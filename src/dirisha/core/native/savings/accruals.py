"""Interest accrued by the day, for a ledger that books it before it is posted.

A day's accrual is what the interest earned to that day exceeds the day before's, both rounded: no unit is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from dirisha.core.native.savings.account_interest import interest_to
from dirisha.core.native.savings.periods import ONE_DAY
from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.terms import SavingsTerms


def accruals(terms: SavingsTerms, state: State, first: date, last: date) -> Iterator[tuple[date, int]]:
    """(day, minor units) from `first` to `last`, both included; below zero where an overdraft costs more."""
    before = _earned_minor(terms, state, first - ONE_DAY)
    day = first
    while day <= last:
        earned = _earned_minor(terms, state, day)
        yield day, earned - before
        before = earned
        day += ONE_DAY


def _earned_minor(terms: SavingsTerms, state: State, until: date) -> int:
    """Also before the day up to which interest is carried forward: then from the beginning."""
    if state.activated_on is None or until < state.activated_on or not terms.bears_interest:
        return 0
    return interest_to(terms, _to(state, until), until)[0].interest_earned_minor


def _to(state: State, until: date) -> State:
    """The account as if nothing had happened after a day."""
    carried = state.carried if state.carried is not None and state.carried.start <= until + ONE_DAY else None
    return replace(state, carried=carried, transactions=tuple(line for line in state.transactions if line.on <= until))
