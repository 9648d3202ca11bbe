"""Loans of all sorts for the property tests: currencies of every scale, any rate, term and day of the month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from dirisha.core.installments import Installment
from dirisha.core.native.loan_terms import DaysInMonth, DaysInYear, InterestPeriod, LoanTerms, RatePer
from dirisha.core.native.schedule import schedule
from dirisha.kit.money import Currency, Money

currencies = st.sampled_from([Currency(f"XX{scale}", scale) for scale in range(5)])
days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
yearly_rates = st.decimals(0, 120, places=2)


@st.composite
def loan_terms(draw: st.DrawFn, *, multiples: bool = False) -> LoanTerms:
    currency = draw(currencies)
    return LoanTerms(
        principal=Money(draw(st.integers(1, 10**12)), currency),
        number_of_repayments=draw(st.integers(1, 60)),
        interest_rate=draw(yearly_rates),
        rate_per=RatePer.YEAR,
        repayment_every_months=draw(st.integers(1, 3)),
        interest_period=draw(st.sampled_from(InterestPeriod)),
        days_in_year=draw(st.sampled_from(DaysInYear)),
        days_in_month=draw(st.sampled_from(DaysInMonth)),
        installment_multiple=draw(st.sampled_from([1, 5, 50])) if multiples else None,
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
