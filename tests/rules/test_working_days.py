"""Due dates on days off: three places to move to, and holidays that may take the later dates with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.native.loans.periods import periods
from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.schedule import schedule
from dirisha.core.native.loans.terms import DueDateRule, LoanTerms, PeriodUnit
from dirisha.core.native.loans.working_days import Holiday, Reschedule, WorkingDays
from dirisha.kit.money import Currency, Money
from tests.rules.loan_strategies import days

MONDAY_TO_FRIDAY = frozenset(range(1, 6))
MONTHLY = LoanTerms(principal=Money(90_000, Currency("KES")), number_of_repayments=4, interest_rate=Decimal(12))
WEEKLY = replace(MONTHLY, repayment_unit=PeriodUnit.WEEKS)


def due_dates(terms: LoanTerms, disbursed_on: date, working_days: WorkingDays) -> list[str]:
    terms = replace(terms, dates=DueDateRule(working_days=working_days))
    due = [period.due_date for period in islice(periods(terms, disbursed_on), terms.number_of_repayments)]
    return [f"{day:%m-%d}" for day in due]


@pytest.mark.parametrize(
    ("reschedule", "expected"),
    [
        # 31 March and 30 June 2024 are Sundays, 30 April and 31 May are not.
        (Reschedule.SAME_DAY, ["03-31", "04-30", "05-31", "06-30"]),
        (Reschedule.NEXT_WORKING_DAY, ["04-01", "04-30", "05-31", "07-01"]),
        (Reschedule.PREVIOUS_WORKING_DAY, ["03-29", "04-30", "05-31", "06-28"]),
        (Reschedule.NEXT_REPAYMENT_DAY, ["04-30", "04-30", "05-31", "07-31"]),
    ],
)
def test_a_date_on_a_day_off_moves_and_later_ones_do_not(reschedule: Reschedule, expected: list[str]) -> None:
    week = WorkingDays(MONDAY_TO_FRIDAY, reschedule)
    assert due_dates(MONTHLY, date(2024, 2, 29), WorkingDays()) == ["03-29", "04-29", "05-29", "06-29"]
    assert due_dates(MONTHLY, date(2023, 12, 31), week)[0] == "01-31"
    terms = replace(MONTHLY, dates=DueDateRule(first_repayment_on=date(2024, 3, 31), working_days=week))
    due = [period.due_date for period in islice(periods(terms, date(2024, 2, 29)), 4)]
    assert [f"{day:%m-%d}" for day in due] == expected


def test_a_holiday_moves_its_dates_to_the_day_that_it_names() -> None:
    easter = Holiday(date(2024, 3, 29), date(2024, 4, 1), moved_to=date(2024, 4, 2))
    assert due_dates(WEEKLY, date(2024, 3, 15), WorkingDays(holidays=(easter,))) == ["03-22", "04-02", "04-05", "04-12"]


def test_a_holiday_without_such_a_day_moves_them_to_the_next_repayment_and_the_later_ones_along() -> None:
    easter = Holiday(date(2024, 3, 29), date(2024, 4, 1))
    assert due_dates(WEEKLY, date(2024, 3, 15), WorkingDays(holidays=(easter,))) == ["03-22", "04-05", "04-12", "04-19"]


def test_a_day_that_a_holiday_names_may_be_a_day_off_itself() -> None:
    holiday = Holiday(date(2024, 3, 29), date(2024, 3, 29), moved_to=date(2024, 3, 30))
    week = WorkingDays(MONDAY_TO_FRIDAY, Reschedule.NEXT_WORKING_DAY, (holiday,))
    assert due_dates(WEEKLY, date(2024, 3, 15), week) == ["03-22", "04-01", "04-05", "04-12"]


def test_interest_is_for_the_days_until_the_moved_date() -> None:
    week = WorkingDays(MONDAY_TO_FRIDAY, Reschedule.NEXT_WORKING_DAY)
    first, second, *_ = schedule(
        replace(MONTHLY, dates=DueDateRule(first_repayment_on=date(2024, 3, 31), working_days=week)), date(2024, 2, 29)
    )
    assert (first.due_date, second.from_date) == (date(2024, 4, 1), date(2024, 4, 1))


def test_a_calendar_without_a_day_to_move_to_is_refused() -> None:
    always = Holiday(date(2000, 1, 1), date(2100, 1, 1), moved_to=date(2024, 5, 1))
    with pytest.raises(TermsRefused) as refused:
        due_dates(MONTHLY, date(2024, 1, 15), WorkingDays(holidays=(always,)))
    assert refused.value.rule is Rule.WORKING_DAYS


@given(
    disbursed_on=days,
    weekdays=st.frozensets(st.integers(1, 7), min_size=1),
    reschedule=st.sampled_from([Reschedule.NEXT_WORKING_DAY, Reschedule.PREVIOUS_WORKING_DAY]),
    closed=st.lists(st.tuples(st.integers(0, 130), st.integers(0, 5)), max_size=4),
)
def test_no_due_date_is_on_a_day_off(
    disbursed_on: date, weekdays: frozenset[int], reschedule: Reschedule, closed: list[tuple[int, int]]
) -> None:
    holidays = tuple(
        Holiday(first := disbursed_on + timedelta(days=start), first + timedelta(days=length))
        for start, length in closed
    )
    working_days = WorkingDays(weekdays, reschedule, holidays)
    terms = replace(MONTHLY, dates=DueDateRule(working_days=working_days))
    try:
        due = [period.due_date for period in islice(periods(terms, disbursed_on), 4)]
    except TermsRefused as refused:
        # A holiday sends the date on to one day off, whose working day before it is the holiday again.
        assert refused.rule is Rule.WORKING_DAYS
        assert holidays and reschedule is Reschedule.PREVIOUS_WORKING_DAY
        return
    assert all(working_days.works_on(day) and working_days.holiday_on(day) is None for day in due)
