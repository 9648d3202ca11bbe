"""Due dates keep the day of the month through short months. Examples: loan-math §15 I."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.native.due_dates import due_dates, periods
from dirisha.core.native.loan_terms import LoanTerms, Rule, TermsRefused
from dirisha.kit.money import Currency, Money
from tests.rules.loan_strategies import days

FOURTEEN_MONTHS = LoanTerms(
    principal=Money(100_000, Currency("KES")), number_of_repayments=14, interest_rate=Decimal(12)
)
FOUR_MONTHS = replace(FOURTEEN_MONTHS, number_of_repayments=4)


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
    terms = replace(FOURTEEN_MONTHS, first_repayment_on=date(2023, 1, first))
    assert tuple(day.day for day in due_dates(terms, date(2023, 1, 1))) == (first, *month_ends)


def test_dates_count_from_the_disbursement() -> None:
    assert due_dates(FOUR_MONTHS, date(2024, 1, 30)) == written("02-29", "03-30", "04-30", "05-30")
    assert due_dates(FOUR_MONTHS, date(2024, 3, 31)) == written("04-30", "05-31", "06-30", "07-31")


def test_an_explicit_first_date_sets_the_day_of_the_later_ones() -> None:
    terms = replace(FOUR_MONTHS, first_repayment_on=date(2024, 2, 29))
    assert due_dates(terms, date(2024, 1, 30)) == written("02-29", "03-29", "04-29", "05-29")


def test_dates_may_count_from_the_application() -> None:
    terms = replace(FOUR_MONTHS, due_dates_from=date(2024, 1, 31))
    assert due_dates(terms, date(2024, 2, 3)) == written("02-29", "03-31", "04-30", "05-31")


def test_a_least_wait_moves_the_first_date_and_those_after_it() -> None:
    terms = replace(FOUR_MONTHS, due_dates_from=date(2024, 1, 31), days_to_first_repayment=10)
    assert due_dates(terms, date(2024, 2, 26)) == written("03-07", "04-07", "05-07", "06-07")
    assert due_dates(terms, date(2024, 2, 3)) == written("02-29", "03-31", "04-30", "05-31")


def test_quarterly_dates_return_to_the_31st() -> None:
    terms = replace(FOUR_MONTHS, repayment_every_months=3)
    assert due_dates(terms, date(2023, 8, 31)) == (date(2023, 11, 30), *written("02-29", "05-31", "08-31"))


@given(start=days, count=st.integers(1, 60), every=st.integers(1, 12))
def test_each_date_is_the_start_day_or_the_last_of_a_shorter_month(start: date, count: int, every: int) -> None:
    terms = replace(FOUR_MONTHS, number_of_repayments=count, repayment_every_months=every)
    dates = due_dates(terms, start)
    months = [day.year * 12 + day.month - start.year * 12 - start.month for day in dates]
    assert months == [every * (i + 1) for i in range(count)]
    assert all(day.day == min(start.day, monthrange(day.year, day.month)[1]) for day in dates)


@given(start=days, wait=st.integers(0, 100))
def test_periods_join_without_a_gap(start: date, wait: int) -> None:
    terms = replace(FOUR_MONTHS, days_to_first_repayment=wait)
    joined = periods(terms, start)
    assert joined[0].from_date == start
    assert [period.from_date for period in joined[1:]] == [period.due_date for period in joined[:-1]]
    assert joined[0].due_date >= start + timedelta(days=wait)
    assert all(period.from_date < period.due_date for period in joined)


def test_a_first_repayment_before_the_disbursement_is_refused() -> None:
    terms = replace(FOUR_MONTHS, first_repayment_on=date(2024, 1, 29))
    with pytest.raises(TermsRefused) as refused:
        due_dates(terms, date(2024, 1, 30))
    assert (refused.value.rule, refused.value.limit, refused.value.given) == (
        Rule.FIRST_REPAYMENT_AFTER_DISBURSEMENT,
        date(2024, 1, 30),
        date(2024, 1, 29),
    )


def test_a_term_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(TermsRefused) as refused:
        due_dates(replace(FOUR_MONTHS, first_repayment_on=date(9999, 11, 30)), date(2024, 1, 30))
    assert refused.value.rule is Rule.LAST_DUE_DATE
