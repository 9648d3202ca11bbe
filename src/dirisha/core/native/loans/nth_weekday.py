"""Due dates on the nth weekday of a month: every second Wednesday, every last Friday.

Source: the recurrence rules that Fineract gives to such loans (`CalendarUtils`): months are counted from the month in
which the loan starts, and a date never falls on or before the one ahead of it.
"""

from __future__ import annotations

from datetime import date, timedelta

from dirisha.core.native.loans.calendar_units import DAYS_IN_WEEK, last_day_of_month, months_later
from dirisha.core.native.loans.terms import NthWeekday

LAST = -1


def in_month(rule: NthWeekday, year: int, month: int) -> date:
    """The nth weekday of one month."""
    if rule.nth == LAST:
        last = date(year, month, last_day_of_month(year, month))
        return last - timedelta(days=(last.isoweekday() - rule.weekday) % DAYS_IN_WEEK)
    first = date(year, month, 1)
    days = (rule.weekday - first.isoweekday()) % DAYS_IN_WEEK + DAYS_IN_WEEK * (rule.nth - 1)
    return first + timedelta(days=days)


def next_after(rule: NthWeekday, day: date, seed: date, every_months: int) -> date:
    """The first after `day`, in the seed's month or a number of `every_months` from it."""
    months = (day.year - seed.year) * 12 + day.month - seed.month
    month = months_later(seed.replace(day=1), months // every_months * every_months)
    while (found := in_month(rule, month.year, month.month)) <= day:
        month = months_later(month, every_months)
    return found


def on_or_after(rule: NthWeekday, day: date) -> date:
    """The first that is not before `day`, in any month."""
    found = in_month(rule, day.year, day.month)
    if found >= day:
        return found
    month = months_later(day.replace(day=1), 1)
    return in_month(rule, month.year, month.month)
