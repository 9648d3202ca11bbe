"""Loans of all sorts for the property tests: currencies of every scale, any rate, term, day of the month and method."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from dirisha.core.installments import Installment
from dirisha.core.native.loans.schedule import schedule
from dirisha.core.native.loans.terms import (
    Amortization,
    DaysInMonth,
    DaysInYear,
    Grace,
    InterestMethod,
    InterestPeriod,
    LoanTerms,
    PeriodUnit,
    RatePer,
)
from dirisha.kit.money import Currency, Money

currencies = st.sampled_from([Currency(f"XX{scale}", scale) for scale in range(5)])
days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
yearly_rates = st.decimals(0, 120, places=2)


@st.composite
def loan_terms(draw: st.DrawFn, *, multiples: bool = False, grace: bool = False) -> LoanTerms:
    """Any method and unit; a first period as long as the others."""
    currency, count = draw(currencies), draw(st.integers(1, 60))
    return LoanTerms(
        principal=Money(draw(st.integers(1, 10**12)), currency),
        number_of_repayments=count,
        interest_rate=draw(yearly_rates),
        rate_per=RatePer.YEAR,
        repayment_every=draw(st.integers(1, 3)),
        repayment_unit=draw(st.sampled_from(PeriodUnit)),
        interest_method=draw(st.sampled_from(InterestMethod)),
        amortization=draw(st.sampled_from(Amortization)),
        interest_period=draw(st.sampled_from(InterestPeriod)),
        partial_periods=draw(st.booleans()),
        days_in_year=draw(st.sampled_from(DaysInYear)),
        days_in_month=draw(st.sampled_from(DaysInMonth)),
        installment_multiple=draw(st.sampled_from([1, 5, 50])) if multiples else None,
        grace=draw(graces(count)) if grace else Grace(),
    )


@st.composite
def graces(draw: st.DrawFn, count: int) -> Grace:
    """Some installment always repays principal, and some pays interest."""
    on_interest_payment = draw(st.integers(0, count - 1))
    return Grace(
        on_principal=draw(st.integers(0, count - 1)),
        on_interest_payment=on_interest_payment,
        interest_free=draw(st.integers(0, count - 1 - on_interest_payment)),
    )


@st.composite
def lent(draw: st.DrawFn) -> tuple[Installment, ...]:
    """The schedule of an ordinary loan: its installments always cover their interest."""
    terms = LoanTerms(
        principal=Money(draw(st.integers(1, 10**9)), draw(currencies)),
        number_of_repayments=draw(st.integers(1, 24)),
        interest_rate=Decimal(draw(st.integers(0, 60))),
    )
    return schedule(terms, draw(days))


def outstanding_minor(installments: tuple[Installment, ...]) -> int:
    return sum(installment.outstanding_minor for installment in installments)
