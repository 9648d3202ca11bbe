"""Days, weeks, months and years on the calendar: counting on from a date, and how many fit between two.

A month later is the same day of the month, or the last of a shorter month, as in `java.time`.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta

from dirisha.core.native.loans.terms import PeriodUnit

MONTHS_IN_YEAR = 12
DAYS_IN_WEEK = 7
FEBRUARY = 2
DAYS_IN_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def later(day: date, count: int, unit: PeriodUnit) -> date:
    """`count` units on, or back where it is negative. Raises `OverflowError`, `ValueError` beyond the calendar."""
    if unit is PeriodUnit.MONTHS:
        return months_later(day, count)
    if unit is PeriodUnit.DAYS:
        return day + timedelta(days=count)
    if unit is PeriodUnit.WEEKS:
        return day + timedelta(days=DAYS_IN_WEEK * count)
    return months_later(day, MONTHS_IN_YEAR * count)


def months_later(day: date, months: int) -> date:
    """The same day some months on; the last day of that month where it has no such day."""
    year, month0 = divmod(day.year * MONTHS_IN_YEAR + day.month - 1 + months, MONTHS_IN_YEAR)
    return date(year, month0 + 1, min(day.day, last_day_of_month(year, month0 + 1)))


def whole_months_between(start: date, end: date) -> int:
    """Complete months from `start` to `end`; negative where `end` is the earlier."""
    months = (end.year - start.year) * MONTHS_IN_YEAR + end.month - start.month
    if months > 0 and end.day < start.day:
        return months - 1
    if months < 0 and end.day > start.day:
        return months + 1
    return months


def toward_zero(count: int, size: int) -> int:
    """How many of `size` are complete in `count`, whichever its sign."""
    return count // size if count >= 0 else -(-count // size)


def last_day_of_month(year: int, month: int) -> int:
    return 29 if month == FEBRUARY and isleap(year) else DAYS_IN_MONTHS[month - 1]
