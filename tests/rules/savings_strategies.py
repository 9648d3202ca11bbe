"""Savings accounts and what happens to them, drawn at random within what the arithmetic takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from dirisha.core.native.savings import events
from dirisha.core.native.savings.application import applied
from dirisha.core.native.savings.fold import step
from dirisha.core.native.savings.interest_terms import BalanceMethod, DaysInYear, Every, InterestTerms
from dirisha.core.native.savings.refusals import SavingsRefused
from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.kit.money import Currency

OPENED = date(2023, 11, 15)

rates = st.decimals(min_value=0, max_value=40, places=2)


@st.composite
def interest_terms(draw: st.DrawFn) -> InterestTerms:
    return InterestTerms(
        annual_rate=draw(rates),
        compounding=draw(st.sampled_from(Every)),
        posting=draw(st.sampled_from([every for every in Every if every is not Every.DAILY])),
        method=draw(st.sampled_from(BalanceMethod)),
        days_in_year=draw(st.sampled_from(DaysInYear)),
        financial_year_start=draw(st.integers(1, 12)),
        posted_on_period_end=draw(st.booleans()),
        minimum_balance_minor=draw(st.sampled_from([0, 0, 20_000])),
        overdraft_rate=draw(rates),
        overdraft_minimum_minor=draw(st.sampled_from([0, 0, 5_000])),
    )


@st.composite
def savings_terms(draw: st.DrawFn, *, overdraft: bool | None = None) -> SavingsTerms:
    allowed = draw(st.booleans()) if overdraft is None else overdraft
    return SavingsTerms(
        currency=Currency("XTS", draw(st.integers(0, 4))),
        interest=draw(interest_terms()),
        overdraft_limit_minor=100_000 if allowed else None,
        tax_percentages=draw(st.sampled_from([(), (Decimal(15),), (Decimal("7.5"), Decimal("2.5"))])),
    )


def opened(terms: SavingsTerms) -> State:
    state = applied(terms, OPENED)
    for event in (events.Approve(OPENED), events.Activate(OPENED)):
        state = step(terms, state, event)
    return state


amounts = st.integers(1, 500_000)
# Days from one event to the next, and how far it is dated back.
waits = st.integers(0, 70)
backs = st.integers(0, 40)


@st.composite
def happenings(draw: st.DrawFn, most: int = 12) -> list[events.Event]:
    """Events in entry order, the day of entry never going back; an undo names one of the first numbers at random."""
    on = OPENED
    found: list[events.Event] = []
    for _ in range(draw(st.integers(1, most))):
        on += timedelta(days=draw(waits))
        value_date = max(OPENED, on - timedelta(days=draw(backs)))
        amount = draw(amounts)
        found.append(
            draw(
                st.sampled_from([
                    events.Deposit(on, value_date, amount),
                    events.Deposit(on, value_date, amount),
                    events.Withdraw(on, value_date, amount),
                    events.Hold(on, on, amount),
                    events.CalculateInterest(on),
                    events.PostInterest(on),
                    events.PostInterest(on),
                    events.PostInterestAsOn(on, value_date),
                    events.Undo(on, draw(st.integers(1, 12))),
                    events.Modify(on, draw(st.integers(1, 12)), value_date, amount),
                ])
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Lived:
    """The states of a life, one after each event that was taken."""

    terms: SavingsTerms
    states: tuple[State, ...]

    @property
    def last(self) -> State:
        return self.states[-1]


@st.composite
def lives(draw: st.DrawFn, *, overdraft: bool | None = None) -> Lived:
    terms = draw(savings_terms(overdraft=overdraft))
    states = [opened(terms)]
    for event in draw(happenings()):
        try:
            states.append(step(terms, states[-1], event))
        except SavingsRefused:
            continue
    return Lived(terms, tuple(states))
