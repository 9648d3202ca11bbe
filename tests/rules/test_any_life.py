"""Any events in any order: each is refused or leaves books in which every unit is somewhere, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.native.loans.charges import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.loans.life import State, events, step
from dirisha.core.native.loans.life.accruing import accruals_until
from dirisha.core.native.loans.life.arrears import is_non_performing
from dirisha.core.native.loans.life.penalties import overdue_penalties
from dirisha.core.native.loans.life.refusals import EventRefused
from dirisha.core.native.loans.life.stored import dump, load
from dirisha.core.native.loans.life.summary import total
from dirisha.core.native.loans.life.terms import LifeTerms, OverduePenalty
from dirisha.core.native.loans.life.transactions import REPAYMENT_LIKE, TransactionKind
from dirisha.core.native.loans.terms import PeriodUnit
from dirisha.core.parts import Parts
from tests.rules.life_strategies import OUT_ON, disbursed, life_terms

PENALTY = ChargeTerms(
    time=ChargeTime.OVERDUE_INSTALLMENT,
    calculation=ChargeCalculation.PERCENT_OF_AMOUNT_AND_INTEREST,
    amount=Decimal(3),
    is_penalty=True,
)
PRODUCT = OverduePenalty(charge=PENALTY, every=1, unit=PeriodUnit.WEEKS)

Draw = st.DrawFn
Event = events.Event


def _charge(draw: Draw) -> ChargeTerms:
    """Percentages, so that any currency can have them."""
    each = draw(st.booleans())
    return ChargeTerms(
        time=ChargeTime.INSTALLMENT_FEE if each else ChargeTime.SPECIFIED_DUE_DATE,
        calculation=draw(st.sampled_from([kind for kind in ChargeCalculation if 1 < kind < 5])),
        amount=Decimal(draw(st.integers(1, 900))).scaleb(-2),
        is_penalty=draw(st.booleans()),
        due_on=None if each else OUT_ON + timedelta(days=draw(st.integers(0, 250))),
    )


def _of_money(event: Callable[..., Event]) -> Callable[[Draw, State, date, date], Event]:
    def drawn(draw: Draw, state: State, on: date, today: date) -> Event:
        most = max(2, state.principal_minor // 2)
        return event(on=on, booked_on=today, amount_minor=draw(st.integers(1, most)))

    return drawn


def _of_a_transaction(event: Callable[..., Event]) -> Callable[[Draw, State, date, date], Event]:
    def drawn(draw: Draw, state: State, on: date, today: date) -> Event:
        number = draw(st.integers(1, len(state.transactions)))
        more = {"amount_minor": draw(st.integers(1, 5_000))} if event is events.Adjust else {}
        return event(on=on if more else today, booked_on=today, transaction=number, **more)

    return drawn


def _of_a_charge(event: Callable[..., Event]) -> Callable[[Draw, State, date, date], Event]:
    def drawn(draw: Draw, state: State, on: date, today: date) -> Event:
        more = {"amount_minor": draw(st.integers(1, 200))} if event is events.PayCharge else {}
        return event(
            on=on if more else today,
            booked_on=today,
            charge=draw(st.integers(1, max(1, len(state.charges)))),
            installment=draw(st.sampled_from([None, 1, 2])),
            **more,
        )

    return drawn


def _plain(event: Callable[..., Event]) -> Callable[[Draw, State, date, date], Event]:
    return lambda draw, state, on, today: event(on=today)


ANY: list[Callable[[Draw, State, date, date], Event]] = [
    *[_of_money(events.Repay)] * 4,
    *map(_of_money, (events.WaiveInterest, events.Recover, events.RefundCreditBalance, events.RefundByCash)),
    *map(_of_a_transaction, (events.Undo, events.Adjust)),
    *map(_of_a_charge, (events.PayCharge, events.WaiveCharge)),
    *map(_plain, (events.WriteOff, events.UndoWriteOff, events.ChargeOff, events.UndoChargeOff, events.AgeArrears)),
    *map(_plain, (events.Close, events.Foreclose, events.UndoDisbursal)),
    lambda draw, state, on, today: events.AddCharge(on=today, charge=_charge(draw)),
    lambda draw, state, on, today: events.ChargePenalties(on=today, penalties=overdue_penalties(state, today)),
    lambda draw, state, on, today: events.Accrue(on=today, accruals=accruals_until(state, today)),
    lambda draw, state, on, today: events.Disburse(on=today, amount_minor=state.approved_minor),
    lambda draw, state, on, today: events.MarkNonPerforming(
        on=today, non_performing=is_non_performing(state, today)
    ),
]  # fmt: skip


@st.composite
def lives(draw: Draw) -> list[State]:
    """The states of a life after each of its events that was not refused."""
    drawn = draw(life_terms())
    terms = LifeTerms(
        loan=drawn.loan,
        allocation=drawn.allocation,
        accrues_by_period=drawn.accrues_by_period,
        overdue_penalty=PRODUCT,
        npa_after_days=30,
    )
    states, today = [disbursed(terms)], OUT_ON
    for _ in range(draw(st.integers(1, 15))):
        today += timedelta(days=draw(st.sampled_from([0, 1, 5, 12, 25])))
        on = max(OUT_ON, today - timedelta(days=draw(st.sampled_from([0, 0, 0, 3, 20, 50]))))
        event = draw(st.sampled_from(ANY))(draw, states[-1], on, today)
        try:
            state = step(states[-1], event)
        except EventRefused:
            continue
        assert step(load(terms, dump(states[-1])), event) == state
        states.append(state)
    return states


@given(lives())
def test_every_unit_is_somewhere_once_and_nothing_is_negative(states: list[State]) -> None:
    for state in states:
        _assert_nothing_negative(state)
        standing = [one for one in state.transactions if one.stands]
        for one in standing:
            if one.kind in REPAYMENT_LIKE:
                assert one.split.total + one.overpaid_minor == one.amount_minor
        # A credit that is owed again pays its row with what it took of the overpayment.
        credits = [one for one in standing if one.kind is TransactionKind.CREDIT_BALANCE_REFUND]
        moved = sum(share.parts.total for one in credits for share in one.shares)
        paid = total(row.paid for row in state.installments).total - moved
        gone = _sum(standing, TransactionKind.REFUND_BY_CASH) + sum(one.overpaid_minor for one in credits)
        assert _sum(standing, *REPAYMENT_LIKE, TransactionKind.CHARGE_PAYMENT) == paid + state.overpaid_minor + gone
        assert sum(row.due.principal for row in state.installments) == (
            (state.principal_minor or state.approved_minor) + sum(row.credited_minor for row in state.installments)
        )


def _sum(transactions: list, *kinds: TransactionKind) -> int:  # type: ignore[type-arg]
    return sum(one.amount_minor for one in transactions if one.kind in kinds)


def _assert_nothing_negative(state: State) -> None:
    shown: list[Parts] = [one.split for one in state.transactions]
    for row in state.installments:
        shown += [row.due, row.paid, row.waived, row.written_off, row.outstanding]
    for parts in shown:
        assert min(parts.principal, parts.interest, parts.fees, parts.penalties) >= 0
    for charge in state.charges:
        assert min(charge.amount_minor, charge.paid_minor, charge.waived_minor, charge.outstanding_minor) >= 0
