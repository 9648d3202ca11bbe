"""A length of time as terms give it: so many days, weeks, months or years, and the dates it leads to."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least, at_most

LONGEST = 36_500


class Unit(IntEnum):
    """Fineract's `SavingsPeriodFrequencyType`."""

    DAYS = 0
    WEEKS = 1
    MONTHS = 2
    YEARS = 3


@dataclass(frozen=True, slots=True)
class Span:
    """`number` units; raises `SavingsRefused` below one and beyond a century of days."""

    number: int
    unit: Unit

    def __post_init__(self) -> None:
        at_least(Rule.SPAN_ABOVE_ZERO, self.number, 1)
        at_most(Rule.TOO_LONG, self.number, LONGEST)

    def after(self, start: date) -> date:
        """The day so long after `start`; a month without that day gives its last."""
        try:
            if self.unit is Unit.DAYS:
                return start + timedelta(days=self.number)
            if self.unit is Unit.WEEKS:
                return start + timedelta(weeks=self.number)
            return months_later(start, self.number * (12 if self.unit is Unit.YEARS else 1))
        except (OverflowError, ValueError) as fault:
            raise SavingsRefused(Rule.TOO_LONG, limit=date.max, given=f"{self.number} {self.unit.name}") from fault


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day if it is shorter."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def whole_units(start: date, end: date, unit: Unit) -> int:
    """How many whole units lie between two days: 31 January to 30 June are 4 months."""
    if unit is Unit.DAYS:
        return (end - start).days
    if unit is Unit.WEEKS:
        return (end - start).days // 7
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return months if unit is Unit.MONTHS else months // 12
