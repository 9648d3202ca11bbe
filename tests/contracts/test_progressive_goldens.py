"""Our progressive schedules equal those that the reference core previewed, row by row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.schedule import schedule
from dirisha.core.native.loans.terms import (
    DaysInMonth,
    DaysInYear,
    InterestMethod,
    LoanTerms,
    PeriodUnit,
    ScheduleType,
    Tranche,
)
from dirisha.kit.money import Currency, Money
from tests.contracts.goldens.progressive import judge, trimmed
from tests.contracts.goldens.reading import RECORDINGS, read
from tests.contracts.goldens.verdict import Different, Equal, KeptDifferent
from tests.rules.loan_strategies import currencies, days, yearly_rates

PATHS = sorted((RECORDINGS / "schedules" / "progressive").glob("*.json"))
USD = Currency("USD", 2)


def test_the_recordings_are_there() -> None:
    assert len(PATHS) >= 21


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_previewed_schedule_is_equal(path: Path) -> None:
    """But for one total, in which the reference forgets the fees of its own rows."""
    verdict = judge(read(path))
    assert verdict == Equal() or (isinstance(verdict, KeptDifferent) and "leaves out fees" in verdict.why)


def test_a_figure_that_is_off_by_a_cent_is_a_difference() -> None:
    recording = read(PATHS[-1])
    recording["response"]["body"]["periods"][-1]["interestDue"] += Decimal("0.01")
    assert isinstance(judge(recording), Different)


def test_trimming_changes_no_verdict_and_nothing_twice() -> None:
    recording = read(PATHS[0])
    assert trimmed(trimmed(recording)) == trimmed(recording)
    assert judge(trimmed(recording)) == Equal()


def _terms(**others: object) -> LoanTerms:
    terms = {
        "principal": Money(300_000, USD),
        "number_of_repayments": 4,
        "interest_rate": Decimal(12),
        "schedule_type": ScheduleType.PROGRESSIVE,
    }
    return LoanTerms(**(terms | others))  # type: ignore[arg-type]


def test_a_quarter_in_which_the_year_ends_bears_a_quarters_interest() -> None:
    """90 days: 30 in the leap year from 1 December on, 60 in the next; not three times as much."""
    terms = _terms(repayment_every=3, days_in_year=DaysInYear.ACTUAL)
    first = schedule(terms, date(2024, 12, 1))[0]
    share = Decimal(30) / 366 + Decimal(60) / 365
    assert first.due.interest == int((300_000 * Decimal("0.12") * share).quantize(Decimal(1)))


def test_money_that_goes_out_within_a_period_bears_interest_from_its_day() -> None:
    tranches = (
        Tranche(date(2024, 1, 1), Money(200_000, USD)),
        Tranche(date(2024, 1, 17), Money(100_000, USD)),
    )
    rows = schedule(_terms(tranches=tranches, days_in_year=DaysInYear.DAYS_365), date(2024, 1, 1))
    whole = Decimal("0.12") * 31 / 365
    before = round(200_000 * whole * 16 / 31)
    assert rows[0].due.interest == before + round(300_000 * whole * 15 / 31)
    assert sum(row.due.principal for row in rows) == 300_000


@pytest.mark.parametrize(
    "terms",
    [{"repayment_unit": PeriodUnit.YEARS}, {"interest_method": InterestMethod.FLAT}, {"equal_amortization": True}],
    ids=str,
)
def test_what_a_progressive_schedule_cannot_do_is_refused(terms: dict[str, object]) -> None:
    with pytest.raises(TermsRefused) as refused:
        _terms(**terms)
    assert refused.value.rule is Rule.PROGRESSIVE_METHOD


def test_money_that_goes_out_when_the_last_is_due_is_refused() -> None:
    tranches = (
        Tranche(date(2024, 1, 1), Money(200_000, USD)),
        Tranche(date(2024, 5, 1), Money(100_000, USD)),
    )
    with pytest.raises(TermsRefused) as refused:
        schedule(_terms(tranches=tranches), date(2024, 1, 1))
    assert refused.value.rule is Rule.TRANCHE_WITHIN_TERM


def test_an_installment_below_its_interest_is_refused() -> None:
    terms = _terms(number_of_repayments=360, interest_rate=Decimal(24), days_in_year=DaysInYear.DAYS_360)
    with pytest.raises(TermsRefused) as refused:
        schedule(terms, date(2024, 1, 31))
    assert refused.value.rule is Rule.INSTALLMENT_COVERS_INTEREST


def test_rounded_up_installments_repay_no_more_than_is_out() -> None:
    """20 in whole units over 24 months: one a month, and nothing once it is repaid."""
    terms = _terms(principal=Money(20, Currency("XOF", 0)), number_of_repayments=24, interest_rate=Decimal(0))
    assert [row.due.principal for row in schedule(terms, date(2024, 1, 1))] == [1] * 20 + [0] * 4


@st.composite
def progressive_terms(draw: st.DrawFn) -> LoanTerms:
    return _terms(
        principal=Money(draw(st.integers(1, 10**10)), draw(currencies)),
        number_of_repayments=draw(st.integers(1, 40)),
        interest_rate=draw(yearly_rates),
        repayment_every=draw(st.integers(1, 3)),
        repayment_unit=draw(st.sampled_from([PeriodUnit.DAYS, PeriodUnit.WEEKS, PeriodUnit.MONTHS])),
        days_in_year=draw(st.sampled_from(DaysInYear)),
        days_in_month=draw(st.sampled_from(DaysInMonth)),
        installment_multiple=draw(st.sampled_from([None, 1, 10])),
    )


@given(terms=progressive_terms(), disbursed_on=days)
def test_principal_sums_to_the_loan_and_nothing_is_negative(terms: LoanTerms, disbursed_on: date) -> None:
    try:
        rows = schedule(terms, disbursed_on)
    except TermsRefused as refused:
        assert refused.rule is Rule.INSTALLMENT_COVERS_INTEREST
        return
    assert len(rows) == terms.number_of_repayments
    assert sum(row.due.principal for row in rows) == terms.principal.minor
    assert all(row.due.principal >= 0 and row.due.interest >= 0 for row in rows)
