"""Lives of loans at random: terms, and events that such a loan can take."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from dirisha.core.native.loans.charges import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.loans.life import replay
from dirisha.core.native.loans.life.allocation import ALLOCATIONS
from dirisha.core.native.loans.life.events import AddCharge, Approve, Disburse, Event, Repay, Submit
from dirisha.core.native.loans.life.state import State
from dirisha.core.native.loans.life.terms import LifeTerms
from dirisha.core.native.loans.terms import Amortization, InterestMethod, LoanTerms
from dirisha.kit.money import Currency, Money

OUT_ON = date(2024, 1, 31)
# Everything is entered on this day, whatever its value date: in any order, then.
TODAY = date(2025, 6, 30)


def opening(terms: LifeTerms, booked_on: date | None = None) -> list[Event]:
    return [
        Submit(on=OUT_ON, booked_on=booked_on, expected_on=OUT_ON),
        Approve(on=OUT_ON, booked_on=booked_on),
        Disburse(on=OUT_ON, booked_on=booked_on, amount_minor=terms.loan.principal.minor),
    ]


def disbursed(terms: LifeTerms, booked_on: date | None = None) -> State:
    return replay(terms, opening(terms, booked_on))


@st.composite
def life_terms(draw: st.DrawFn) -> LifeTerms:
    """Currencies of every scale, each kind of schedule, each cumulative allocation, with charges of the application."""
    currency = Currency("XXX", draw(st.integers(0, 4)))
    return LifeTerms(
        loan=LoanTerms(
            principal=Money(draw(st.integers(1_000, 10_000_000)), currency),
            number_of_repayments=draw(st.integers(1, 8)),
            interest_rate=Decimal(draw(st.integers(0, 40))),
            interest_method=draw(st.sampled_from(InterestMethod)),
            amortization=draw(st.sampled_from(Amortization)),
            charges=draw(st.lists(_charges_of_an_application(currency), max_size=2).map(tuple)),
        ),
        allocation=draw(st.sampled_from(sorted(ALLOCATIONS.values(), key=lambda one: one.code))),
        accrues_by_period=draw(st.booleans()),
    )


def _charges_of_an_application(currency: Currency) -> st.SearchStrategy[ChargeTerms]:
    return st.builds(
        ChargeTerms,
        time=st.sampled_from([ChargeTime.DISBURSEMENT, ChargeTime.INSTALLMENT_FEE]),
        calculation=st.just(ChargeCalculation.FLAT),
        amount=st.integers(1, 50).map(lambda minor: Decimal(minor).scaleb(-currency.scale)),
        is_penalty=st.booleans(),
    ).filter(lambda charge: charge.time is not ChargeTime.DISBURSEMENT or not charge.is_penalty)


def charge_on(on: date, minor: int, currency: Currency, *, is_penalty: bool = False) -> ChargeTerms:
    return ChargeTerms(
        time=ChargeTime.SPECIFIED_DUE_DATE,
        calculation=ChargeCalculation.FLAT,
        amount=Decimal(minor).scaleb(-currency.scale),
        is_penalty=is_penalty,
        due_on=on,
    )


@st.composite
def events_of(draw: st.DrawFn, terms: LifeTerms, *, most: int = 8) -> list[Event]:
    """Repayments and charges on different days, all entered today; payments may be too much, and dated anyhow."""
    principal, currency = terms.loan.principal.minor, terms.loan.principal.currency
    days = draw(st.lists(st.integers(0, 400), unique=True, max_size=most))
    events: list[Event] = []
    for day in days:
        on = OUT_ON + timedelta(days=day)
        if draw(st.integers(0, 3)):
            amount = draw(st.integers(1, max(2, principal // 3)))
            events.append(Repay(on=on, booked_on=TODAY, amount_minor=amount))
        else:
            charge = charge_on(on, draw(st.integers(1, 500)), currency, is_penalty=draw(st.booleans()))
            events.append(AddCharge(on=on, booked_on=TODAY, charge=charge))
    return events
