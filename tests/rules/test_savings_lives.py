"""What holds for every life of a savings account, whatever happens to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from dirisha.core.native.savings import events
from dirisha.core.native.savings.accruals import accruals
from dirisha.core.native.savings.changes import changes
from dirisha.core.native.savings.fold import step
from dirisha.core.native.savings.interest_terms import Every
from dirisha.core.native.savings.periods import compounding_periods, posting_periods
from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.stored import dumped, loaded
from dirisha.core.native.savings.summary import summary
from dirisha.core.native.savings.terms import SavingsTerms
from tests.rules.savings_strategies import OPENED, Lived, lives, opened, savings_terms


@given(lives())
def test_each_running_balance_follows_from_the_one_before(lived: Lived) -> None:
    for state in lived.states:
        balance = 0
        for line in state.transactions:
            if line.counts:
                balance += line.available_change_minor
                assert line.running_balance_minor == balance
            else:
                assert line.running_balance_minor == 0
        assert state.available_minor == balance


@given(lives())
def test_the_summary_adds_up_to_the_balance(lived: Lived) -> None:
    shown = summary(lived.last)
    credits = shown.deposits_minor + shown.interest_posted_minor
    debits = shown.withdrawals_minor + shown.overdraft_interest_minor + shown.withheld_tax_minor
    assert shown.balance_minor == credits - debits == shown.available_minor + lived.last.held_minor


@given(lives(overdraft=False))
def test_without_an_overdraft_no_withdrawal_takes_a_balance_below_zero(lived: Lived) -> None:
    for state in lived.states:
        assert state.available_minor >= 0


@given(lives())
def test_a_state_is_stored_and_taken_up_without_a_digit_lost(lived: Lived) -> None:
    assert loaded(dumped(lived.last)) == lived.last


@given(lives())
def test_interest_carried_forward_is_the_interest_from_the_beginning(lived: Lived) -> None:
    on = date(2026, 1, 10)
    carried = step(lived.terms, lived.last, events.PostInterest(on))
    anew = step(lived.terms, replace(lived.last, carried=None), events.PostInterest(on))
    assert anew == carried


@given(lives())
def test_interest_posted_twice_on_a_day_posts_nothing_more(lived: Lived) -> None:
    on = date(2026, 1, 10)
    once = step(lived.terms, lived.last, events.PostInterest(on))
    assert step(lived.terms, once, events.PostInterest(on)) == once


@given(lives())
def test_what_the_ledger_is_told_to_post_is_what_the_balance_moved_by(lived: Lived) -> None:
    for before, after in pairwise(lived.states):
        found = changes(before, after)
        moved = sum(line.available_change_minor for line in found.posted)
        for old, new in found.corrected:
            assert not old.reversed
            assert after.transaction(old.number) == replace(old, reversed=True, running_balance_minor=0)
            moved += (new.available_change_minor if new else 0) - old.available_change_minor
        assert after.available_minor - before.available_minor == moved


@given(lives())
@settings(max_examples=30)
def test_the_days_accruals_sum_to_the_interest_earned(lived: Lived) -> None:
    last = OPENED + timedelta(days=120)
    days = list(accruals(lived.terms, lived.last, OPENED, last))
    assert [day for day, _ in days] == [OPENED + timedelta(days=at) for at in range(121)]
    upto = tuple(line for line in lived.last.transactions if line.on <= last)
    shown = replace(lived.last, transactions=upto, carried=None)
    assert sum(amount for _, amount in days) == _interest(lived.terms, shown, last)


def _interest(terms: SavingsTerms, state: State, on: date) -> int:
    return step(terms, state, events.CalculateInterest(on)).interest_earned_minor


@given(savings_terms(overdraft=False), st.permutations(range(6)))
def test_deposits_may_arrive_in_any_order(terms: SavingsTerms, order: list[int]) -> None:
    """With different value dates: the same balances and the same interest, however they are numbered."""
    on = date(2024, 9, 2)
    deposits = [events.Deposit(on, OPENED + timedelta(days=31 * at), 10_000 + at) for at in range(6)]
    lines = []
    for arrived in (deposits, [deposits[at] for at in order]):
        state = opened(terms)
        for deposit in arrived:
            state = step(terms, state, deposit)
        state = step(terms, state, events.PostInterest(on))
        standing = [line for line in state.transactions if line.counts]
        lines.append([(line.on, line.kind, line.amount_minor) for line in standing])
    assert sorted(lines[0]) == sorted(lines[1])


@given(savings_terms(overdraft=False), st.decimals(min_value=0, max_value=5, places=2))
@settings(max_examples=50)
def test_a_higher_rate_never_earns_less(terms: SavingsTerms, more: Decimal) -> None:
    """By more than one rounding unit a posting."""
    on = date(2025, 2, 3)
    state = step(terms, opened(terms), events.Deposit(OPENED, OPENED, 123_456))
    higher = replace(terms, interest=replace(terms.interest, annual_rate=terms.interest.annual_rate + more))
    other = step(higher, opened(higher), events.Deposit(OPENED, OPENED, 123_456))
    postings = 1 + sum(1 for _ in posting_periods(OPENED, on, terms.interest.posting, 1))
    assert _interest(higher, other, on) >= _interest(terms, state, on) - postings


days = st.dates(date(2019, 1, 1), date(2031, 1, 1))


@given(days, st.integers(0, 900), st.sampled_from(Every), st.integers(1, 12), st.lists(days, max_size=4))
def test_posting_periods_follow_one_another_without_a_gap(
    start: date, length: int, posting: Every, first_month: int, by_hand: list[date]
) -> None:
    until = start + timedelta(days=length)
    periods = list(posting_periods(start, until, posting, first_month, sorted(by_hand)))
    assert periods[0].start == start
    assert periods[-1].end >= until
    for one, next_one in pairwise(periods):
        assert next_one.start == one.end + timedelta(days=1)
    for period in periods:
        assert period.start <= period.end
        assert period.by_hand == (period.end + timedelta(days=1) in by_hand)


@given(days, st.sampled_from(Every), st.sampled_from(Every), st.integers(1, 12))
def test_compounding_periods_fill_their_posting_period(
    start: date, posting: Every, compounding: Every, first_month: int
) -> None:
    period = next(posting_periods(start, start, posting, first_month))
    parts = list(compounding_periods(period, compounding, first_month))
    assert (parts[0][0], parts[-1][1]) == (period.start, period.end)
    for (_, last, _), (first, _, _) in pairwise(parts):
        assert first == last + timedelta(days=1)
