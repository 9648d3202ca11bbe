"""Transactions put into an account's history, and the running balances that follow.

Source: Fineract's `SavingsAccount.recalculateDailyBalances`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import replace
from datetime import date
from operator import attrgetter

from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.core.native.savings.transactions import INTEREST, Kind, Transaction

_IN_ORDER = attrgetter("on", "number")
_DAY = attrgetter("on")


def added(state: State, *lines: Transaction) -> State:
    """New lines, numbered from `state.next_number`, each in its place; `balanced` must follow."""
    history = list(state.transactions)
    for line in lines:
        if not history or _IN_ORDER(history[-1]) < _IN_ORDER(line):
            history.append(line)
        else:
            insort(history, line, key=_IN_ORDER)
    state = replace(state, transactions=tuple(history), next_number=lines[-1].number + 1)
    return (
        interest_open_from(state, min(line.on for line in lines if line.bears_interest or line.by_hand))
        if any(line.bears_interest or line.by_hand for line in lines)
        else state
    )


def exchanged(state: State, *lines: Transaction) -> State:
    """Lines in another state (reversed, released ...), found by number; `balanced` must follow."""
    by_number = {line.number: line for line in lines}
    state = replace(state, transactions=tuple(by_number.get(line.number, line) for line in state.transactions))
    if any(line.kind in INTEREST and line.reversed for line in lines):
        return replace(state, carried=None)
    return interest_open_from(state, min(line.on for line in lines))


def interest_open_from(state: State, on: date) -> State:
    """Interest that was carried forward past a changed day is reckoned from the beginning again."""
    if state.carried is not None and on < state.carried.start:
        return replace(state, carried=None)
    return state


def reversed_line(line: Transaction) -> Transaction:
    return replace(line, reversed=True, running_balance_minor=0)


def balanced(terms: SavingsTerms, state: State, since: date, known_before: int) -> State:
    """Running balances and overdrawn parts from a day on.

    Where interest is reckoned, a line booked earlier whose overdrawn part changes is reversed and booked again, since
    the ledger holds that part; lines numbered `known_before` and later are new and only take their figures.
    """
    history = list(state.transactions)
    place = bisect_left(history, since, key=_DAY)
    running = next((line.running_balance_minor for line in reversed(history[:place]) if line.counts), 0)
    again: list[Transaction] = []
    number = state.next_number
    for index in range(place, len(history)):
        line = history[index]
        if not line.counts:
            continue
        overdraft = _overdrawn_minor(line, running)
        running += line.available_change_minor
        if line.running_balance_minor != running or line.overdraft_minor != overdraft:
            after = replace(line, running_balance_minor=running, overdraft_minor=overdraft)
            if terms.bears_interest and line.number < known_before and line.overdraft_minor != overdraft:
                again.append(replace(after, number=number, replaces=line.number))
                after = reversed_line(line)
                number += 1
            history[index] = after
    for line in again:
        insort(history, line, key=_IN_ORDER)
    state = replace(state, transactions=tuple(history), next_number=number)
    # What is booked again stands last of its day, which may change the others' balances.
    return balanced(terms, state, since, known_before) if again else state


def _overdrawn_minor(line: Transaction, before_minor: int) -> int:
    """The part of an amount that repays an overdraft, or goes into one."""
    change = line.available_change_minor
    after_minor = before_minor + change
    if before_minor < 0:
        if change > 0:
            return min(line.amount_minor, -before_minor)
        if change < 0:
            return line.amount_minor
    return -after_minor if after_minor < 0 and line.kind is not Kind.HOLD else 0
