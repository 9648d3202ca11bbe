"""Periods between two dates, parts of one included: as much of the period as it is long. Source: loan-math §3.3."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.native.loans.part_periods import periods_between
from dirisha.core.native.loans.terms import NthWeekday, PeriodUnit
from tests.rules.loan_strategies import days

DAYS, WEEKS, MONTHS, YEARS = PeriodUnit
END_OF_JANUARY = date(2024, 1, 31)


@pytest.mark.parametrize(
    ("unit", "start", "end", "expected"),
    [
        (DAYS, date(2024, 1, 1), date(2024, 2, 1), Fraction(31)),
        (WEEKS, date(2024, 1, 1), date(2024, 1, 11), 1 + Fraction(3, 7)),
        (MONTHS, date(2024, 1, 10), date(2024, 2, 20), 1 + Fraction(10, 29)),
        # Due on the 31st, or on the last of a shorter month: each is one month after the other.
        (MONTHS, date(2024, 1, 31), date(2024, 2, 29), Fraction(1)),
        (MONTHS, date(2024, 2, 29), date(2024, 3, 31), Fraction(1)),
        (MONTHS, date(2024, 2, 29), date(2024, 4, 30), Fraction(2)),
        (YEARS, date(2023, 3, 1), date(2024, 9, 1), 1 + Fraction(184, 365)),
        (YEARS, date(2023, 1, 1), date(2024, 9, 1), 1 + Fraction(244, 366)),
        (MONTHS, date(2024, 3, 10), date(2024, 2, 10), Fraction(-1)),
        (WEEKS, date(2024, 1, 11), date(2024, 1, 1), -1 - Fraction(3, 7)),
    ],
)
def test_what_is_left_over_is_a_share_of_its_own_period(
    unit: PeriodUnit, start: date, end: date, expected: Fraction
) -> None:
    found = periods_between(unit, start, end, seed=END_OF_JANUARY)
    assert abs(Fraction(found) - expected) < Fraction(1, 10**15)


def test_months_of_an_nth_weekday_run_from_one_to_the_next() -> None:
    second_wednesday = NthWeekday(2, 3)

    def between(start: date, end: date) -> Decimal:
        return periods_between(MONTHS, start, end, seed=start, meeting=second_wednesday)

    assert between(date(2024, 4, 10), date(2024, 5, 8)) == 1
    assert between(date(2024, 5, 8), date(2024, 6, 12)) == 1
    # From the 5th the month that began on 10 January has nine days to run, of its thirty-five.
    assert abs(Fraction(between(date(2024, 2, 5), date(2024, 2, 14))) - Fraction(9, 35)) < Fraction(1, 10**15)


@given(start=days, months=st.integers(0, 60))
def test_a_number_of_months_is_that_number(start: date, months: int) -> None:
    year, month0 = divmod(start.month - 1 + months, 12)
    end = date(start.year + year, month0 + 1, min(start.day, 28))
    if start.day <= 28:
        assert periods_between(MONTHS, start, end, seed=start) == months
