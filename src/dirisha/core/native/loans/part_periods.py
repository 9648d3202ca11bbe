"""How many repayment periods lie between two dates, parts of a period included.

Whole periods, then the days that are left over as a share of the period that they belong to; the share is a double in
the reference core. Source: Fineract's `LoanApplicationTerms.calculatePeriodsBetweenDates`, loan-math §3.3.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from dirisha.core.native.doubles import fraction
from dirisha.core.native.loans import nth_weekday
from dirisha.core.native.loans.calendar_units import (
    DAYS_IN_WEEK,
    MONTHS_IN_YEAR,
    months_later,
    toward_zero,
    whole_months_between,
)
from dirisha.core.native.loans.due_dates import on_seed_day
from dirisha.core.native.loans.terms import NthWeekday, PeriodUnit
from dirisha.core.native.rounding import UNROUNDED


def periods_between(unit: PeriodUnit, start: date, end: date, seed: date, meeting: NthWeekday | None = None) -> Decimal:
    """In units of the repayment period (months, weeks ...); negative where `end` is the earlier.

    Months end on the day of the month that due dates keep (`seed`), or on the nth weekday of theirs.
    """
    days = (end - start).days
    if unit is PeriodUnit.DAYS:
        return Decimal(days)
    if unit is PeriodUnit.WEEKS:
        weeks = toward_zero(days, DAYS_IN_WEEK)
        return _sum(weeks, days - weeks * DAYS_IN_WEEK, DAYS_IN_WEEK)
    months = whole_months_between(start, end)
    if unit is PeriodUnit.YEARS:
        years = toward_zero(months, MONTHS_IN_YEAR)
        began, ends = (months_later(start, MONTHS_IN_YEAR * count) for count in (years, years + 1))
        return _sum(years, (end - began).days, (ends - began).days)
    if meeting is not None:
        return _months_to_meetings(months, start, end, meeting)
    began, ends = (on_seed_day(months_later(start, count), seed.day) for count in (months, months + 1))
    return _sum(months, (end - began).days, (ends - began).days)


def _months_to_meetings(months: int, start: date, end: date, meeting: NthWeekday) -> Decimal:
    """A month runs from one meeting day to the next; a start between two counts from the meeting day before it."""
    if nth_weekday.in_month(meeting, start.year, start.month) == start:
        regular_start = start
    else:
        regular_start = nth_weekday.on_or_after(meeting, months_later(start, -1))
    began = nth_weekday.on_or_after(meeting, months_later(regular_start, months)) if months else regular_start
    ends = nth_weekday.on_or_after(meeting, began + timedelta(days=1))
    return _sum(months, (end - began).days + (regular_start - start).days, (ends - began).days)


def _sum(whole: int, days: int, days_in_period: int) -> Decimal:
    if days == 0:
        return Decimal(whole)
    return UNROUNDED.add(whole, fraction(days, days_in_period))
