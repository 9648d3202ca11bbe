"""A loan in two tranches of 400.00 and 200.00, without interest, in three installments of equal principal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dirisha.core.native.loans.life import State, events, replay, step
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.state import Status
from dirisha.core.native.loans.life.stored import dump, load
from dirisha.core.native.loans.life.summary import summary
from dirisha.core.native.loans.life.terms import LifeTerms
from dirisha.core.native.loans.life.transactions import TransactionKind
from dirisha.core.native.loans.terms import Amortization, LoanTerms, Tranche
from dirisha.kit.money import Money
from tests.rules.test_loan_lives import FIRST, KES, OUT_ON, SECOND, pay, terms

EXPECTED = date(2024, 2, 10)
LATER = date(2024, 2, 20)
IN_TRANCHES = replace(
    terms().loan, tranches=(Tranche(OUT_ON, Money(40_000, KES)), Tranche(EXPECTED, Money(20_000, KES)))
)


def first_out() -> State:
    opening = [events.Submit(on=OUT_ON, expected_on=OUT_ON), events.Approve(on=OUT_ON)]
    return replay(LifeTerms(loan=IN_TRANCHES), [*opening, events.Disburse(on=OUT_ON, amount_minor=40_000)])


def both_out() -> State:
    return step(first_out(), events.Disburse(on=LATER, amount_minor=20_000))


def principal(state: State) -> list[int]:
    return [row.due.principal for row in state.installments]


def test_a_tranche_to_come_waits_for_the_last_installment_and_is_not_owed() -> None:
    state = first_out()
    assert principal(state) == [13_333, 13_333, 33_334]
    assert summary(state).outstanding.total == 40_000


def test_a_tranche_that_goes_out_is_shared_by_all_installments() -> None:
    state = both_out()
    assert principal(state) == [20_000] * 3
    assert (state.principal_minor, summary(state).outstanding.total) == (60_000, 60_000)
    assert state.terms.loan.tranches[1].expected_on == LATER


def test_what_was_paid_falls_on_the_new_installments() -> None:
    paid = step(first_out(), pay(date(2024, 2, 5), 15_000))
    state = step(paid, events.Disburse(on=LATER, amount_minor=20_000))
    assert [row.paid.principal for row in state.installments] == [15_000, 0, 0]
    lent = [one for one in state.transactions if one.kind is TransactionKind.DISBURSEMENT]
    assert [one.balance_minor for one in lent] == [40_000, 45_000]


def test_without_interest_nothing_more_is_earned_by_a_tranche() -> None:
    earned = [one for one in both_out().transactions if one.kind is TransactionKind.ACCRUAL]
    assert len(earned) == 1


def test_the_last_tranche_undone_is_no_longer_expected() -> None:
    state = step(both_out(), events.UndoLastTranche(on=LATER))
    assert principal(state) == [13_333, 13_333, 13_334]
    assert state.principal_minor == 40_000
    with pytest.raises(EventRefused) as refused:
        step(state, events.Disburse(on=FIRST, amount_minor=20_000))
    assert (refused.value.rule, refused.value.limit) == (EventRule.TRANCHE_EXPECTED, 1)


def test_a_disbursal_undone_leaves_all_tranches_to_come() -> None:
    state = step(both_out(), events.UndoDisbursal(on=LATER))
    assert state.status is Status.APPROVED
    assert not any(tranche.is_out for tranche in state.terms.loan.tranches)


def test_a_state_with_tranches_is_stored() -> None:
    state = both_out()
    assert load(state.terms, dump(state)) == state


def test_tranches_go_out_one_after_the_other_and_within_what_is_approved() -> None:
    """Three are expected here, so that the third can be too early or too much."""
    loan = LoanTerms(
        principal=Money(60_000, KES),
        number_of_repayments=3,
        interest_rate=IN_TRANCHES.interest_rate,
        amortization=Amortization.EQUAL_PRINCIPAL,
        tranches=(
            *IN_TRANCHES.tranches[:1],
            Tranche(EXPECTED, Money(10_000, KES)),
            Tranche(SECOND, Money(10_000, KES)),
        ),
    )
    opening = [events.Submit(on=OUT_ON, expected_on=OUT_ON), events.Approve(on=OUT_ON)]
    two = replay(
        LifeTerms(loan=loan),
        [
            *opening,
            events.Disburse(on=OUT_ON, amount_minor=40_000),
            events.Disburse(on=LATER, amount_minor=10_000),
        ],
    )
    for event, rule, limit in (
        (
            events.Disburse(on=LATER - timedelta(days=1), booked_on=LATER, amount_minor=10_000),
            EventRule.TRANCHES_IN_ORDER,
            LATER,
        ),
        (events.Disburse(on=LATER, amount_minor=10_001), EventRule.AT_MOST_APPROVED, 60_000),
    ):
        with pytest.raises(EventRefused) as refused:
            step(two, event)
        assert (refused.value.rule, refused.value.limit) == (rule, limit)


def test_the_first_tranche_is_undone_with_the_loan_only_and_none_that_was_paid_on() -> None:
    with pytest.raises(EventRefused, match=r"loan\.tranches_to_undo: the limit is more than one tranche out, not 1"):
        step(first_out(), events.UndoLastTranche(on=LATER))
    with pytest.raises(EventRefused, match=r"loan\.not_before_last_transaction"):
        step(step(both_out(), pay(FIRST, 5_000)), events.UndoLastTranche(on=FIRST))
