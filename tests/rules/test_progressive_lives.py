"""Lives of progressive loans: chargebacks, adjusted charges, down payments, and what a payment sees of later charges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.installments import InstallmentKind
from dirisha.core.native.loans.charges import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.loans.life import State, replay, step
from dirisha.core.native.loans.life.events import (
    AddCharge,
    AdjustCharge,
    Approve,
    Chargeback,
    Disburse,
    RefundCreditBalance,
    Repay,
    Submit,
    Undo,
    WaiveInterest,
)
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.rows import Portion
from dirisha.core.native.loans.life.state import Status
from dirisha.core.native.loans.life.terms import LifeTerms
from dirisha.core.native.loans.life.transactions import TransactionKind
from dirisha.core.native.loans.progressive.advanced_allocation import AdvancedAllocation
from dirisha.core.native.loans.progressive.payment_rules import Future, PaymentRules, Processing, in_order
from dirisha.core.native.loans.terms import DaysInMonth, DaysInYear, DownPayment, LoanTerms, ScheduleType
from dirisha.core.parts import Parts
from dirisha.kit.money import Currency, Money

COSTS_FIRST = (Portion.PENALTIES, Portion.FEES, Portion.INTEREST, Portion.PRINCIPAL)
OUT_ON = date(2024, 1, 10)
RULES = PaymentRules(in_order(COSTS_FIRST))


def _terms(rules: PaymentRules = RULES, down_payment: DownPayment | None = None) -> LifeTerms:
    return LifeTerms(
        loan=LoanTerms(
            principal=Money(300_000, Currency("USD", 2)),
            number_of_repayments=4,
            interest_rate=Decimal(12),
            days_in_year=DaysInYear.DAYS_360,
            days_in_month=DaysInMonth.DAYS_30,
            schedule_type=ScheduleType.PROGRESSIVE,
            down_payment=down_payment,
        ),
        allocation=AdvancedAllocation(rules),
        accrues_by_period=True,
    )


def _disbursed(terms: LifeTerms | None = None) -> State:
    """3000 at 12 % over four months, out on 10 January: 768.84 due on the tenth of each month."""
    opening = [Submit(on=OUT_ON, expected_on=OUT_ON), Approve(on=OUT_ON), Disburse(on=OUT_ON, amount_minor=300_000)]
    return replay(terms or _terms(), opening)


def _fee(amount: int, due_on: date) -> ChargeTerms:
    return ChargeTerms(
        time=ChargeTime.SPECIFIED_DUE_DATE, calculation=ChargeCalculation.FLAT, amount=Decimal(amount), due_on=due_on
    )


def _outstanding(state: State) -> int:
    return sum(row.outstanding_minor for row in state.installments)


def test_what_is_charged_back_falls_due_with_the_next_installment() -> None:
    paid = step(_disbursed(), Repay(on=date(2024, 2, 10), amount_minor=76_884))
    state = step(paid, Chargeback(on=date(2024, 2, 25), transaction=2, amount_minor=10_000))
    assert [row.credited_minor for row in state.installments] == [0, 10_000, 0, 0]
    assert state.installments[1].due.principal == paid.installments[1].due.principal + 10_000
    assert state.transactions[-1].split == Parts(10_000)
    assert _outstanding(state) == _outstanding(paid) + 10_000


def test_after_the_last_installment_a_chargeback_has_a_row_of_its_own_and_reopens_the_loan() -> None:
    state = _disbursed()
    state = step(state, Repay(on=date(2024, 5, 10), amount_minor=_outstanding(state)))
    assert state.status is Status.CLOSED
    state = step(state, Chargeback(on=date(2024, 6, 1), transaction=2, amount_minor=500))
    last = state.installments[-1]
    assert (last.number, last.due_date, last.due, last.kind) == (
        5, date(2024, 6, 1), Parts(500), InstallmentKind.CHARGES_ONLY,
    )  # fmt: skip
    assert state.status is Status.ACTIVE
    assert step(state, Repay(on=date(2024, 6, 2), amount_minor=500)).status is Status.CLOSED


def test_what_was_overpaid_goes_back_first_and_is_no_debt() -> None:
    """50 too much, 80 go back: 30 are owed again; the installment asks for 80, 50 of it paid."""
    state = _disbursed()
    state = step(state, Repay(on=date(2024, 3, 1), amount_minor=_outstanding(state) + 5_000))
    assert (state.status, state.overpaid_minor) == (Status.OVERPAID, 5_000)
    state = step(state, Chargeback(on=date(2024, 3, 5), transaction=2, amount_minor=8_000))
    assert (state.status, state.overpaid_minor, _outstanding(state)) == (Status.ACTIVE, 0, 3_000)
    assert state.transactions[-1].split == Parts(3_000)
    assert state.installments[1].credited_minor == 8_000


def test_a_refund_of_credit_leaves_nothing_owed() -> None:
    state = _disbursed()
    state = step(state, Repay(on=date(2024, 3, 1), amount_minor=_outstanding(state) + 5_000))
    state = step(state, RefundCreditBalance(on=date(2024, 3, 2), amount_minor=5_000))
    assert (state.status, state.overpaid_minor, _outstanding(state)) == (Status.CLOSED, 0, 0)


def test_a_refund_of_credit_is_owed_where_the_payment_before_it_never_was() -> None:
    state = _disbursed()
    state = step(state, Repay(on=date(2024, 2, 10), amount_minor=76_884))
    state = step(state, Repay(on=date(2024, 3, 1), amount_minor=_outstanding(state) + 5_000))
    state = step(state, RefundCreditBalance(on=date(2024, 3, 2), amount_minor=5_000))
    state = step(state, Undo(on=date(2024, 3, 3), transaction=2))
    assert _outstanding(state) == 76_884
    assert state.transactions[-1].split == Parts(5_000)


def test_more_than_was_paid_cannot_be_charged_back() -> None:
    state = step(_disbursed(), Repay(on=date(2024, 2, 10), amount_minor=10_000))
    state = step(state, Chargeback(on=date(2024, 2, 11), transaction=2, amount_minor=6_000))
    with pytest.raises(EventRefused) as refused:
        step(state, Chargeback(on=date(2024, 2, 12), transaction=2, amount_minor=4_001))
    assert (refused.value.rule, refused.value.limit) == (EventRule.AT_MOST_CHARGED_BACK, 4_000)


def test_what_was_charged_back_cannot_be_undone() -> None:
    state = step(_disbursed(), Repay(on=date(2024, 2, 10), amount_minor=10_000))
    state = step(state, Chargeback(on=date(2024, 2, 11), transaction=2, amount_minor=6_000))
    with pytest.raises(EventRefused) as refused:
        step(state, Undo(on=date(2024, 2, 12), transaction=2))
    assert refused.value.rule is EventRule.TRANSACTION_STANDS


def test_a_charge_is_made_good_as_a_payment_would_pay_it() -> None:
    state = step(_disbursed(), AddCharge(on=date(2024, 2, 1), charge=_fee(35, date(2024, 2, 5))))
    state = step(state, AdjustCharge(on=date(2024, 2, 2), charge=1, amount_minor=1_500))
    assert state.transactions[-1].kind is TransactionKind.CHARGE_ADJUSTMENT
    assert (state.charges[0].paid_minor, state.charges[0].outstanding_minor) == (1_500, 2_000)
    with pytest.raises(EventRefused):
        step(state, AdjustCharge(on=date(2024, 2, 3), charge=1, amount_minor=2_001))


def test_a_payment_folded_anew_does_not_see_a_charge_that_came_after_it() -> None:
    """An earlier payment that is dated back moves the split of the later one, but not onto the charge of March."""
    state = step(_disbursed(), Repay(on=date(2024, 2, 12), amount_minor=80_000))
    state = step(state, AddCharge(on=date(2024, 3, 5), charge=_fee(35, date(2024, 3, 8))))
    state = step(state, Repay(on=date(2024, 2, 11), booked_on=date(2024, 3, 6), amount_minor=1_000))
    assert [one.split.fees for one in state.transactions] == [0, 0, 0]
    assert state.charges[0].paid_minor == 0


def test_a_charge_that_is_dated_back_is_seen_by_the_payments_after_its_day() -> None:
    state = step(_disbursed(), Repay(on=date(2024, 2, 12), amount_minor=80_000))
    state = step(state, AddCharge(on=date(2024, 3, 5), charge=_fee(35, date(2024, 2, 8))))
    assert state.transactions[1].split.fees == 3_500
    assert state.charges[0].is_paid


def test_waived_interest_counts_as_paid_and_hides_no_overpayment() -> None:
    state = step(_disbursed(), WaiveInterest(on=date(2024, 2, 11), amount_minor=1_000))
    assert state.installments[0].paid.interest == 1_000
    state = step(state, Repay(on=date(2024, 2, 12), amount_minor=_outstanding(state) + 700))
    assert (state.status, state.overpaid_minor) == (Status.OVERPAID, 700)


def test_a_down_payment_is_paid_out_of_what_goes_out() -> None:
    state = _disbursed(_terms(down_payment=DownPayment(percentage=Decimal(25), automatic=True)))
    first = state.installments[0]
    assert (first.kind, first.due, first.met_on) == (InstallmentKind.DOWN_PAYMENT, Parts(75_000), OUT_ON)
    assert state.transactions[-1].kind is TransactionKind.DOWN_PAYMENT


def test_a_down_payment_that_is_not_automatic_is_owed() -> None:
    state = _disbursed(_terms(down_payment=DownPayment(percentage=Decimal(25))))
    assert state.installments[0].outstanding_minor == 75_000


@given(
    future=st.sampled_from(Future),
    processing=st.sampled_from(Processing),
    payments=st.lists(
        st.tuples(st.integers(0, 150), st.integers(1, 120_000)), min_size=1, max_size=6, unique_by=lambda one: one[0]
    ),
    data=st.data(),
)
def test_payments_in_any_order_of_arrival_bring_about_the_same(
    future: Future, processing: Processing, payments: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Each valued on a day of its own; and no unit is lost or made."""
    booked_on = OUT_ON + timedelta(days=200)
    events = [
        Repay(on=OUT_ON + timedelta(days=day), booked_on=booked_on, amount_minor=minor) for day, minor in payments
    ]
    terms = _terms(PaymentRules(in_order(COSTS_FIRST, future), processing=processing))
    one, other = _disbursed(terms), _disbursed(terms)
    for event in sorted(events, key=lambda event: event.on):
        one = step(one, event)
    for event in data.draw(st.permutations(events)):
        other = step(other, event)
    assert one.installments == other.installments
    assert (one.status, one.overpaid_minor) == (other.status, other.overpaid_minor)
    for state in (one, other):
        paid_minor = sum(row.paid.total for row in state.installments)
        assert paid_minor + state.overpaid_minor == sum(minor for _, minor in payments)
        for transaction in state.transactions[1:]:
            assert transaction.split.total + transaction.overpaid_minor == transaction.amount_minor
    assert replace(one, transactions=()) == replace(other, transactions=())
