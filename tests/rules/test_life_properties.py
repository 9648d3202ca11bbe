"""What holds of every life of a loan: no unit is lost or made, and the order in which its payments arrive is no matter."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.native.loans.life import preview, replay, step
from dirisha.core.native.loans.life.allocation import ALLOCATIONS
from dirisha.core.native.loans.life.changes import changes, disagreements
from dirisha.core.native.loans.life.delinquency import delinquency
from dirisha.core.native.loans.life.events import Event, Repay, Undo, WaiveInterest, WriteOff
from dirisha.core.native.loans.life.refusals import EventRefused
from dirisha.core.native.loans.life.state import State
from dirisha.core.native.loans.life.stored import dump, load
from dirisha.core.native.loans.life.summary import summary, total
from dirisha.core.native.loans.life.terms import LifeTerms
from dirisha.core.native.loans.life.transactions import REPAYMENT_LIKE, Transaction, TransactionKind
from dirisha.core.parts import Parts
from tests.rules.life_strategies import TODAY, events_of, life_terms, opening

LIVES = life_terms().flatmap(lambda terms: st.tuples(st.just(terms), events_of(terms)))


def _folded(terms: LifeTerms, events: list[Event]) -> list[State]:
    """The states along the life, from disbursement on."""
    states = [replay(terms, opening(terms, TODAY))]
    for event in events:
        states.append(step(states[-1], event))
    return states


def _standing(state: State, *kinds: TransactionKind) -> list[Transaction]:
    return [one for one in state.transactions if one.stands and one.kind in kinds]


@given(LIVES)
def test_a_split_sums_to_its_payment_and_no_unit_is_lost(life: tuple[LifeTerms, list[Event]]) -> None:
    for state in _folded(*life):
        repaid = _standing(state, *REPAYMENT_LIKE)
        for transaction in repaid:
            assert transaction.split.total + transaction.overpaid_minor == transaction.amount_minor
            assert total(share.parts for share in transaction.shares) == transaction.split
        rows = state.installments
        assert total(row.paid for row in rows) == total(one.split for one in repaid)
        assert sum(row.due.principal for row in rows) == state.principal_minor
        assert state.overpaid_minor == sum(one.overpaid_minor for one in repaid)


@given(LIVES)
def test_nothing_shown_is_negative(life: tuple[LifeTerms, list[Event]]) -> None:
    for state in _folded(*life):
        sums = summary(state)
        shown = [sums.charged, sums.paid, sums.waived, sums.outstanding, sums.overdue, delinquency(state).amount]
        for row in state.installments:
            shown += [row.due, row.paid, row.waived, row.written_off, row.outstanding]
        shown += [one.split for one in state.transactions]
        assert all(_lowest(parts) >= 0 for parts in shown)
        assert all(charge.paid_minor >= 0 and charge.outstanding_minor >= 0 for charge in state.charges)


def _lowest(parts: Parts) -> int:
    return min(parts.principal, parts.interest, parts.fees, parts.penalties)


@given(LIVES, st.randoms(use_true_random=False))
def test_events_of_different_days_give_the_same_state_in_any_order(
    life: tuple[LifeTerms, list[Event]], chance: Any
) -> None:
    terms, events = life
    shuffled = chance.sample(events, len(events))
    one, other = _folded(terms, events)[-1], _folded(terms, shuffled)[-1]
    assert _whatever_the_order(one) == _whatever_the_order(other)


def _whatever_the_order(state: State) -> Any:
    """All but the numbers of transactions and charges, and the last accrual, which tells when it was that it ended."""
    moved = sorted(
        (one.on, one.kind, one.amount_minor, str(one.split), one.overpaid_minor, one.balance_minor)
        for one in state.transactions
        if one.kind is not TransactionKind.ACCRUAL
    )
    charges = sorted((str(one.due_on), one.amount_minor, one.outstanding_minor, one.is_paid) for one in state.charges)
    return state.installments, state.status, state.dates, state.overpaid_minor, state.arrears, moved, charges


@given(LIVES)
def test_a_stored_state_steps_as_the_fold_and_a_preview_changes_nothing(life: tuple[LifeTerms, list[Event]]) -> None:
    terms, events = life
    states = _folded(terms, events)
    assert replay(terms, [*opening(terms, TODAY), *events]) == states[-1]
    for before, event, after in zip(states, events, states[1:], strict=False):
        untouched = dump(before)
        stored = load(terms, json.loads(json.dumps(untouched)))
        assert stored == before
        assert preview(before, event) == after == step(stored, event)
        assert dump(before) == untouched


@given(LIVES)
def test_a_ledger_that_posts_the_changes_holds_what_stands(life: tuple[LifeTerms, list[Event]]) -> None:
    terms, events = life
    states = _folded(terms, events)
    posted: dict[int, Transaction] = {one.number: one for one in states[0].transactions}
    for before, after in pairwise(states):
        for change in changes(before, after):
            if change.reverse:
                assert posted.pop(change.reverse.number).split == change.reverse.split
            if change.post:
                posted[change.post.number] = change.post
    assert {n: one.split for n, one in posted.items()} == {
        one.number: one.split for one in states[-1].transactions if one.stands
    }


@given(LIVES)
def test_what_is_undone_never_was(life: tuple[LifeTerms, list[Event]]) -> None:
    terms, events = life
    state = _folded(terms, events)[-1]
    payment = Repay(on=TODAY, amount_minor=max(1, terms.loan.principal.minor // 5))
    paid = step(state, payment)
    entered = next(one for one in paid.transactions[len(state.transactions) :] if one.kind is TransactionKind.REPAYMENT)
    undone = step(paid, Undo(on=TODAY, transaction=entered.number))
    assert undone.installments == state.installments
    assert [one.paid_minor for one in undone.charges] == [one.paid_minor for one in state.charges]


@given(LIVES)
def test_the_rules_that_posted_agree_with_what_they_posted(life: tuple[LifeTerms, list[Event]]) -> None:
    assert disagreements(_folded(*life)[-1]) == ()


@given(LIVES, st.sampled_from(sorted(ALLOCATIONS)))
def test_under_another_rule_the_past_stays_as_posted(life: tuple[LifeTerms, list[Event]], code: str) -> None:
    """What was posted before a back-dated payment is not posted again; sums still hold."""
    terms, events = life
    repayments = [event for event in events if isinstance(event, Repay)]
    state = _folded(terms, [*repayments])[-1]
    ruled_anew = replace(state, terms=replace(terms, allocation=ALLOCATIONS[code]))
    dated_back = Repay(on=TODAY - timedelta(days=200), booked_on=TODAY, amount_minor=1)
    after = step(ruled_anew, dated_back)
    moved = [change.reverse for change in changes(state, after) if change.reverse and change.post]
    assert all(one.on >= dated_back.on for one in moved)
    repaid = _standing(after, *REPAYMENT_LIKE)
    assert total(row.paid for row in after.installments) == total(one.split for one in repaid)


@given(LIVES)
def test_a_write_off_leaves_nothing_outstanding(life: tuple[LifeTerms, list[Event]]) -> None:
    state = _folded(*life)[-1]
    try:
        written_off = step(state, WriteOff(on=TODAY))
    except EventRefused:
        return
    assert summary(written_off).outstanding.total == 0
    assert written_off.transactions[-1].split == summary(state).outstanding


@given(LIVES)
def test_waived_interest_is_waived_of_installments(life: tuple[LifeTerms, list[Event]]) -> None:
    state = _folded(*life)[-1]
    outstanding = summary(state).outstanding.interest
    if not outstanding or state.overpaid_minor:
        return
    waived = step(state, WaiveInterest(on=TODAY, amount_minor=outstanding))
    assert summary(waived).outstanding.interest == 0
    assert waived.transactions[len(state.transactions)].split == Parts(interest=outstanding)
