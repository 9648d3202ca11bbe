"""Savings, deposits and shares refuse what they cannot honour, by the rule that is broken, and change nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dirisha.core.native.savings import events
from dirisha.core.native.savings.application import applied
from dirisha.core.native.savings.charge_terms import ChargeTerms, ChargeTime
from dirisha.core.native.savings.charts import Chart, Slab
from dirisha.core.native.savings.closing import renewal
from dirisha.core.native.savings.deposit_terms import AtMaturity, DepositTerms, Recurring
from dirisha.core.native.savings.fold import replay, step
from dirisha.core.native.savings.interest_terms import InterestTerms
from dirisha.core.native.savings.refusals import Rule, SavingsRefused
from dirisha.core.native.savings.shares import events as share_events
from dirisha.core.native.savings.shares import fold as shares
from dirisha.core.native.savings.shares.dividends import dividends
from dirisha.core.native.savings.shares.state import ShareState
from dirisha.core.native.savings.shares.terms import MarketPrice, ShareTerms
from dirisha.core.native.savings.span import Span, Unit
from dirisha.core.native.savings.state import State, Status, SubStatus
from dirisha.core.native.savings.terms import Dormancy, SavingsTerms
from dirisha.core.native.savings.transactions import Kind
from dirisha.kit.money import Currency

KES = Currency("KES", 2)
OPENED = date(2024, 1, 10)
TODAY = date(2024, 2, 20)
PLAIN = SavingsTerms(currency=KES, interest=InterestTerms(annual_rate=Decimal(6)))


def _refused(rule: Rule, act: Callable[[], object]) -> SavingsRefused:
    with pytest.raises(SavingsRefused) as refused:
        act()
    assert refused.value.rule is rule
    return refused.value


def _open(terms: SavingsTerms, *more: events.Event) -> State:
    return replay(terms, OPENED, [events.Approve(OPENED), events.Activate(OPENED), *more])


def _with(amount_minor: int, terms: SavingsTerms = PLAIN) -> State:
    return _open(terms, events.Deposit(OPENED, OPENED, amount_minor))


@pytest.mark.parametrize(
    ("rule", "terms"),
    [
        (Rule.INTEREST_RATE, lambda: InterestTerms(annual_rate=Decimal(-1))),
        (Rule.INTEREST_RATE, lambda: InterestTerms(annual_rate=Decimal("NaN"))),
        (Rule.INTEREST_RATE, lambda: InterestTerms(annual_rate=Decimal(100_001))),
        (Rule.FINANCIAL_YEAR_START, lambda: InterestTerms(annual_rate=Decimal(1), financial_year_start=13)),
        (Rule.AMOUNT_NOT_NEGATIVE, lambda: InterestTerms(annual_rate=Decimal(1), minimum_balance_minor=-1)),
        (Rule.ROUNDING, lambda: InterestTerms(annual_rate=Decimal(1), rounding="ROUND_05UP")),
        (Rule.AMOUNT_NOT_NEGATIVE, lambda: replace(PLAIN, overdraft_limit_minor=-1)),
        (Rule.PERCENTAGE, lambda: replace(PLAIN, tax_percentages=(Decimal(101),))),
        (Rule.SPAN_ABOVE_ZERO, lambda: Span(0, Unit.DAYS)),
        (Rule.TOO_LONG, lambda: Span(36_500, Unit.YEARS).after(OPENED)),
        (Rule.DORMANCY_ORDER, lambda: Dormancy(60, 30, 90)),
        (Rule.CHARGE_NEEDS_DATE, lambda: ChargeTerms(time=ChargeTime.DUE_DATE, amount=Decimal(100))),
        (Rule.CHARGE_NEEDS_DATE, lambda: ChargeTerms(time=ChargeTime.ANNUAL, amount=Decimal(100))),
        (Rule.AMOUNT_NOT_NEGATIVE, lambda: ChargeTerms(time=ChargeTime.ACTIVATION, amount=Decimal("0.5"))),
        (Rule.AMOUNT_ABOVE_ZERO, lambda: ShareTerms(currency=KES, unit_price_minor=0)),
    ],
)
def test_terms_that_cannot_be_honoured(rule: Rule, terms: Callable[[], object]) -> None:
    _refused(rule, terms)


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        (Rule.AMOUNT_ABOVE_ZERO, events.Deposit(TODAY, TODAY, 0)),
        (Rule.AMOUNT_ABOVE_ZERO, events.Withdraw(TODAY, TODAY, -5)),
        (Rule.DATE_IN_FUTURE, events.Deposit(TODAY, date(2024, 2, 21), 100)),
        (Rule.BEFORE_ACTIVATION, events.Deposit(TODAY, date(2024, 1, 9), 100)),
        (Rule.INSUFFICIENT_BALANCE, events.Withdraw(TODAY, TODAY, 10_001)),
        (Rule.HOLD_ABOVE_BALANCE, events.Hold(TODAY, TODAY, 10_001)),
        (Rule.NOT_OFFERED, events.Hold(TODAY, TODAY, 10_001, lien=True)),
        (Rule.NOT_ON_HOLD, events.Release(TODAY, 1)),
        (Rule.NOT_BLOCKED, events.Unblock(TODAY, SubStatus.BLOCKED)),
        (Rule.NO_SUCH_TRANSACTION, events.Undo(TODAY, 7)),
        (Rule.NO_SUCH_CHARGE, events.WaiveCharge(TODAY, 1)),
        (Rule.STATUS, events.Approve(TODAY)),
        (Rule.BALANCE_NOT_ZERO, events.Close(TODAY, TODAY, withdraw_balance=False)),
        (Rule.INTEREST_NOT_POSTED, events.Close(TODAY, TODAY, interest_must_be_posted=True)),
        (Rule.NOT_OFFERED, events.TransferInterest(TODAY)),
    ],
)
def test_acts_that_an_account_does_not_take(rule: Rule, event: events.Event) -> None:
    state = _with(10_000)
    _refused(rule, lambda: step(PLAIN, state, event))


def test_a_refusal_names_its_limit() -> None:
    locked = replace(PLAIN, lock_in=Span(2, Unit.MONTHS))
    state = _with(10_000, locked)
    refused = _refused(Rule.LOCKED_IN, lambda: step(locked, state, events.Withdraw(TODAY, TODAY, 5)))
    assert (refused.limit, refused.given) == (date(2024, 3, 10), TODAY)


def test_a_withdrawal_dated_back_may_not_have_taken_a_later_balance_below_zero() -> None:
    state = _open(
        PLAIN, events.Deposit(OPENED, OPENED, 10_000), events.Withdraw(TODAY, date(2024, 2, 1), 8_000),
        events.Deposit(TODAY, date(2024, 2, 10), 50_000),
    )  # fmt: skip
    _refused(Rule.INSUFFICIENT_BALANCE, lambda: step(PLAIN, state, events.Withdraw(TODAY, date(2024, 1, 20), 5_000)))
    assert step(PLAIN, state, events.Withdraw(TODAY, TODAY, 5_000)).balance_minor == 47_000


def test_undoing_the_deposit_that_a_withdrawal_lives_on_is_refused() -> None:
    state = step(PLAIN, _with(10_000), events.Withdraw(TODAY, TODAY, 8_000))
    _refused(Rule.BALANCE_BELOW_ZERO, lambda: step(PLAIN, state, events.Undo(TODAY, 1)))


def test_a_withdrawal_taken_back_takes_its_fee_along() -> None:
    fee = ChargeTerms(time=ChargeTime.WITHDRAWAL, amount=Decimal(300))
    terms = replace(PLAIN, charges=(fee,))
    state = step(terms, _with(10_000, terms), events.Withdraw(TODAY, TODAY, 2_000))
    assert state.balance_minor == 7_700
    assert step(terms, state, events.Modify(TODAY, 2, TODAY, 3_000)).balance_minor == 6_700
    assert step(terms, state, events.Close(TODAY, TODAY)).transactions[-1].amount_minor == 7_700
    undone = step(terms, state, events.Undo(TODAY, 2))
    assert undone.balance_minor == 10_000
    assert undone.charges[0].paid_minor == 0


def test_a_charge_falls_due_whatever_is_there_and_a_withdrawal_does_not() -> None:
    monthly = ChargeTerms(time=ChargeTime.MONTHLY, amount=Decimal(4_000), fee_on=(1, 12))
    terms = replace(PLAIN, charges=(monthly,))
    state = step(terms, _with(10_000, terms), events.PayDueCharges(date(2024, 3, 20)))
    assert state.charges[0].due_on == date(2024, 4, 12)
    assert (state.charges[0].paid_minor, state.balance_minor) == (12_000, -2_000)
    on = date(2024, 3, 20)
    _refused(Rule.INSUFFICIENT_BALANCE, lambda: step(terms, state, events.Withdraw(on, on, 100)))


def test_debits_and_credits_blocked_one_by_one_make_a_block_and_come_apart_again() -> None:
    state = _with(10_000)
    for block in (SubStatus.DEBITS_BLOCKED, SubStatus.CREDITS_BLOCKED):
        state = step(PLAIN, state, events.Block(TODAY, block))
    assert state.sub_status is SubStatus.BLOCKED
    half = step(PLAIN, state, events.Unblock(TODAY, SubStatus.CREDITS_BLOCKED))
    assert half.sub_status is SubStatus.DEBITS_BLOCKED
    assert step(PLAIN, half, events.Deposit(TODAY, TODAY, 100)).balance_minor == 10_100
    _refused(Rule.DEBITS_BLOCKED, lambda: step(PLAIN, half, events.Withdraw(TODAY, TODAY, 100)))


CHART = Chart((
    Slab(annual_rate=Decimal(5), unit=Unit.MONTHS, from_period=1, to_period=6),
    Slab(annual_rate=Decimal(7), unit=Unit.MONTHS, from_period=7),
))  # fmt: skip
SIX_MONTHS = DepositTerms(
    term=Span(6, Unit.MONTHS),
    chart=CHART,
    amount_minor=500_000,
    shortest=Span(3, Unit.MONTHS),
    longest=Span(1, Unit.YEARS),
)
FIXED = replace(PLAIN, deposit=SIX_MONTHS)
MATURITY = date(2024, 7, 10)


def test_a_deposit_keeps_to_its_term_and_chart() -> None:
    for term in (Span(2, Unit.MONTHS), Span(13, Unit.MONTHS)):
        _refused(
            Rule.DEPOSIT_TERM, lambda term=term: applied(replace(FIXED, deposit=replace(SIX_MONTHS, term=term)), OPENED)
        )
    no_rate = replace(SIX_MONTHS, chart=Chart(()))
    _refused(Rule.CHART_HAS_NO_RATE, lambda: applied(replace(FIXED, deposit=no_rate), OPENED))


def test_a_fixed_deposit_takes_nothing_more_and_gives_nothing_before_its_day() -> None:
    state = _open(FIXED)
    assert state.balance_minor == 500_000
    _refused(Rule.NOT_OFFERED, lambda: step(FIXED, state, events.Deposit(TODAY, TODAY, 100)))
    _refused(Rule.NOT_OFFERED, lambda: step(FIXED, state, events.Withdraw(TODAY, TODAY, 100)))
    _refused(Rule.BEFORE_MATURITY, lambda: step(FIXED, state, events.Close(TODAY, TODAY)))


def test_a_matured_deposit_pays_what_was_promised_and_may_be_renewed() -> None:
    state = _open(FIXED)
    assert state.maturity is not None
    promised = state.maturity.amount_minor
    assert step(FIXED, state, events.Mature(date(2024, 7, 9))) == state
    matured = step(FIXED, state, events.Mature(MATURITY))
    assert (matured.status, matured.balance_minor) == (Status.MATURED, promised)
    anew = renewal(FIXED, matured, AtMaturity.REINVEST_ALL)
    assert anew.deposit == replace(SIX_MONTHS, amount_minor=promised)
    assert renewal(FIXED, matured, AtMaturity.REINVEST_PRINCIPAL) == FIXED
    closed = step(FIXED, matured, events.Close(MATURITY, MATURITY))
    assert (closed.status, closed.balance_minor) == (Status.CLOSED, 0)


def test_a_tax_on_a_deposit_is_withheld_once_at_maturity() -> None:
    taxed = replace(FIXED, tax_percentages=(Decimal(10),))
    matured = step(taxed, _open(taxed), events.Mature(MATURITY))
    interest = sum(line.amount_minor for line in matured.transactions if line.kind is Kind.INTEREST_POSTING)
    taxes = [line.amount_minor for line in matured.transactions if line.kind is Kind.WITHHOLD_TAX]
    assert taxes == [round(interest / 10)]
    assert matured.balance_minor == 500_000 + interest - taxes[0]


def test_what_is_paid_in_advance_counts_for_later_installments_only_where_agreed() -> None:
    monthly = Recurring(installment_minor=10_000, every=Span(1, Unit.MONTHS))
    for ahead, paid in ((True, [10_000, 5_000]), (False, [10_000, 0])):
        recurring = replace(monthly, advance_pays_future=ahead)
        terms = replace(PLAIN, deposit=DepositTerms(term=Span(6, Unit.MONTHS), chart=CHART, recurring=recurring))
        state = _open(terms, events.Deposit(OPENED, OPENED, 15_000))
        assert [due.paid_minor for due in state.due_deposits[:2]] == paid
        assert len(state.due_deposits) == 6
        _refused(
            Rule.AFTER_MATURITY,
            lambda state=state, terms=terms: step(terms, state, events.Deposit(MATURITY, MATURITY, 1)),
        )


SHARES = ShareTerms(
    currency=KES, unit_price_minor=1_000, least=10, most=100, lock_in=Span(1, Unit.MONTHS),
    prices=(MarketPrice(date(2024, 3, 1), 1_200), MarketPrice(date(2024, 2, 1), 1_100)),
)  # fmt: skip


def _held() -> ShareState:
    state = shares.applied(SHARES, OPENED, 40, OPENED)
    return shares.replay(SHARES, state, [share_events.ApproveShares(OPENED), share_events.ActivateShares(OPENED)])


def test_shares_keep_to_their_product() -> None:
    _refused(Rule.SHARES_WITHIN_PRODUCT, lambda: shares.applied(SHARES, OPENED, 9, OPENED))
    state = _held()
    for rule, event in (
        (Rule.SHARES_WITHIN_PRODUCT, share_events.RequestMore(TODAY, 61)),
        (Rule.SHARES_HELD, share_events.Redeem(TODAY, 41)),
        (Rule.LOCKED_IN, share_events.Redeem(date(2024, 2, 9), 1)),
        (Rule.BEFORE_LAST_TRANSACTION, share_events.Redeem(date(2024, 1, 9), 1)),
        (Rule.NO_SUCH_REQUEST, share_events.ApproveMore(TODAY, (1,))),
        (Rule.STATUS, share_events.ApproveShares(TODAY)),
    ):
        _refused(rule, lambda event=event: shares.step(SHARES, state, event))


def test_a_share_costs_and_pays_the_price_of_its_day() -> None:
    redeemed = shares.step(SHARES, _held(), share_events.Redeem(date(2024, 3, 15), 10)).transactions[-1]
    assert (redeemed.price_minor, redeemed.amount_minor) == (1_200, 12_000)
    assert [SHARES.price_minor(date(2024, month, 1)) for month in (1, 2, 3)] == [1_000, 1_100, 1_200]


def test_a_dividend_is_divided_by_shares_and_days() -> None:
    half = shares.step(SHARES, _held(), share_events.Redeem(date(2024, 4, 10), 20))
    start, end = date(2024, 1, 10), date(2024, 7, 9)
    paid = dividends({"whole": _held(), "half": half}, 100_000, start, end, KES)
    # 40 shares for 181 days, and 40 for 91 days, then 20 for 90.
    assert paid == {"whole": 57_098, "half": 42_902}
