"""Due dates keep the day of the month through short months. Examples: loan-math §15 I."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.native.loans.periods import Period, periods
from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.terms import DueDateRule, LoanTerms, NthWeekday, PeriodUnit
from dirisha.kit.money import Currency, Money
from tests.rules.loan_strategies import days

FOURTEEN_MONTHS = LoanTerms(
    principal=Money(100_000, Currency("KES")), number_of_repayments=14, interest_rate=Decimal(12)
)
FOUR_MONTHS = replace(FOURTEEN_MONTHS, number_of_repayments=4)


def due_dates(terms: LoanTerms, disbursed_on: date) -> tuple[date, ...]:
    return tuple(period.due_date for period in agreed_periods(terms, disbursed_on))


def agreed_periods(terms: LoanTerms, disbursed_on: date) -> list[Period]:
    return list(islice(periods(terms, disbursed_on), terms.number_of_repayments))


def written(*month_days: str, year: int = 2024) -> tuple[date, ...]:
    return tuple(date.fromisoformat(f"{year}-{month_day}") for month_day in month_days)


@pytest.mark.parametrize(
    ("first", "month_ends"),
    [
        (31, (28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 29)),
        (30, (28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 29)),
        (29, (28, 29, 29, 29, 29, 29, 29, 29, 29, 29, 29, 29, 29)),
        (28, (28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28)),
        (25, (25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25)),
    ],
)
def test_from_a_first_repayment_late_in_january_through_a_leap_february(
    first: int, month_ends: tuple[int, ...]
) -> None:
    terms = replace(FOURTEEN_MONTHS, dates=DueDateRule(first_repayment_on=date(2023, 1, first)))
    assert tuple(day.day for day in due_dates(terms, date(2023, 1, 1))) == (first, *month_ends)


def test_dates_count_from_the_disbursement() -> None:
    assert due_dates(FOUR_MONTHS, date(2024, 1, 30)) == written("02-29", "03-30", "04-30", "05-30")
    assert due_dates(FOUR_MONTHS, date(2024, 3, 31)) == written("04-30", "05-31", "06-30", "07-31")


def test_an_explicit_first_date_sets_the_day_of_the_later_ones() -> None:
    terms = replace(FOUR_MONTHS, dates=DueDateRule(first_repayment_on=date(2024, 2, 29)))
    assert due_dates(terms, date(2024, 1, 30)) == written("02-29", "03-29", "04-29", "05-29")


def test_dates_may_count_from_the_application() -> None:
    terms = replace(FOUR_MONTHS, dates=DueDateRule(counted_from=date(2024, 1, 31)))
    assert due_dates(terms, date(2024, 2, 3)) == written("02-29", "03-31", "04-30", "05-31")


def test_a_least_wait_moves_the_first_date_and_those_after_it() -> None:
    terms = replace(FOUR_MONTHS, dates=DueDateRule(counted_from=date(2024, 1, 31), days_to_first_repayment=10))
    assert due_dates(terms, date(2024, 2, 26)) == written("03-07", "04-07", "05-07", "06-07")
    assert due_dates(terms, date(2024, 2, 3)) == written("02-29", "03-31", "04-30", "05-31")


def test_quarterly_dates_return_to_the_31st() -> None:
    terms = replace(FOUR_MONTHS, repayment_every=3)
    assert due_dates(terms, date(2023, 8, 31)) == (date(2023, 11, 30), *written("02-29", "05-31", "08-31"))


def test_days_and_weeks_are_counted_and_years_keep_the_29th_of_february_where_there_is_one() -> None:
    every_15_days = replace(FOUR_MONTHS, repayment_every=15, repayment_unit=PeriodUnit.DAYS)
    assert due_dates(every_15_days, date(2024, 2, 20)) == written("03-06", "03-21", "04-05", "04-20")
    fortnights = replace(FOUR_MONTHS, repayment_every=2, repayment_unit=PeriodUnit.WEEKS)
    assert due_dates(fortnights, date(2024, 1, 31)) == written("02-14", "02-28", "03-13", "03-27")
    years = replace(FOUR_MONTHS, number_of_repayments=2, repayment_unit=PeriodUnit.YEARS)
    assert due_dates(years, date(2024, 2, 29)) == (date(2025, 2, 28), date(2026, 2, 28))


def test_an_nth_weekday_falls_in_every_month_after_the_disbursement() -> None:
    second_wednesday = replace(FOUR_MONTHS, dates=DueDateRule(nth_weekday=NthWeekday(2, 3)))
    assert due_dates(second_wednesday, date(2024, 2, 5)) == written("02-14", "03-13", "04-10", "05-08")
    assert due_dates(second_wednesday, date(2024, 2, 14)) == written("03-13", "04-10", "05-08", "06-12")
    last_friday = replace(FOUR_MONTHS, dates=DueDateRule(nth_weekday=NthWeekday(-1, 5)))
    assert due_dates(last_friday, date(2024, 2, 5)) == written("02-23", "03-29", "04-26", "05-31")
    every_other = replace(second_wednesday, repayment_every=2)
    assert due_dates(every_other, date(2024, 2, 20)) == written("04-10", "06-12", "08-14", "10-09")


def test_a_fixed_length_moves_the_last_date_only() -> None:
    terms = replace(FOUR_MONTHS, dates=DueDateRule(first_repayment_on=date(2024, 2, 10), fixed_length=5))
    assert due_dates(terms, date(2024, 1, 1)) == written("02-10", "03-10", "04-10", "06-01")


@given(start=days, count=st.integers(1, 60), every=st.integers(1, 12))
def test_each_date_is_the_start_day_or_the_last_of_a_shorter_month(start: date, count: int, every: int) -> None:
    terms = replace(FOUR_MONTHS, number_of_repayments=count, repayment_every=every)
    dates = due_dates(terms, start)
    months = [day.year * 12 + day.month - start.year * 12 - start.month for day in dates]
    assert months == [every * (i + 1) for i in range(count)]
    assert all(day.day == min(start.day, monthrange(day.year, day.month)[1]) for day in dates)


@given(start=days, wait=st.integers(0, 100))
def test_periods_join_without_a_gap(start: date, wait: int) -> None:
    terms = replace(FOUR_MONTHS, dates=DueDateRule(days_to_first_repayment=wait))
    joined = agreed_periods(terms, start)
    assert joined[0].from_date == start
    assert [period.from_date for period in joined[1:]] == [period.due_date for period in joined[:-1]]
    assert joined[0].due_date >= start + timedelta(days=wait)
    assert all(period.from_date < period.due_date for period in joined)


def test_a_first_repayment_before_the_disbursement_is_refused() -> None:
    terms = replace(FOUR_MONTHS, dates=DueDateRule(first_repayment_on=date(2024, 1, 29)))
    with pytest.raises(TermsRefused) as refused:
        due_dates(terms, date(2024, 1, 30))
    assert (refused.value.rule, refused.value.limit, refused.value.given) == (
        Rule.FIRST_REPAYMENT_AFTER_DISBURSEMENT,
        date(2024, 1, 30),
        date(2024, 1, 29),
    )


def test_a_term_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(TermsRefused) as refused:
        terms = replace(FOUR_MONTHS, dates=DueDateRule(first_repayment_on=date(9999, 11, 30)))
        due_dates(terms, date(2024, 1, 30))
    assert refused.value.rule is Rule.LAST_DUE_DATE
