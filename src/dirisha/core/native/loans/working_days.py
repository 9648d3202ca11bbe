"""What becomes of a due date on a holiday or on a day that the office does not work.

Source: Fineract's `DefaultScheduledDateGenerator`, `WorkingDaysUtil` and `HolidayUtil`; loan-math §3.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

ONE_DAY = timedelta(days=1)
EVERY_WEEKDAY = frozenset(range(1, 8))
# More moves than that lead nowhere: every day there is closed.
MOST_MOVES = 1000


class Reschedule(IntEnum):
    """Where a due date moves that falls on a day without work."""

    SAME_DAY = 1
    NEXT_WORKING_DAY = 2
    NEXT_REPAYMENT_DAY = 3
    PREVIOUS_WORKING_DAY = 4


@dataclass(frozen=True, slots=True)
class Holiday:
    """Closed from `first` to `last`. Due dates go to `moved_to`, or to the next repayment date where it is None."""

    first: date
    last: date
    moved_to: date | None = None

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The weekdays (1 Monday to 7 Sunday) on which the office works, its holidays, and where due dates move."""

    weekdays: frozenset[int] = EVERY_WEEKDAY
    reschedule: Reschedule = Reschedule.SAME_DAY
    holidays: tuple[Holiday, ...] = ()

    @property
    def never_move_a_date(self) -> bool:
        return not self.holidays and (self.weekdays == EVERY_WEEKDAY or self.reschedule is Reschedule.SAME_DAY)

    def works_on(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays

    def holiday_on(self, day: date) -> Holiday | None:
        return next((holiday for holiday in self.holidays if holiday.covers(day)), None)


@dataclass(frozen=True, slots=True)
class Moved:
    """`due` is the date to pay on; later dates are counted from `counted`.

    A date that a holiday sends to the next repayment date takes the later ones with it; any other move is its own.
    """

    due: date
    counted: date


class NoWorkingDay(ValueError):
    """Every date that a due date could move to is closed as well."""


def moved(day: date, days: WorkingDays, next_repayment: Callable[[date], date]) -> Moved:
    """Where `day` moves, holidays and weekdays in turn until the date is free. Raises `NoWorkingDay`.

    `next_repayment` gives the repayment date that regularly follows a date.
    """
    due = counted = day
    for _ in range(MOST_MOVES):
        holiday = days.holiday_on(due)
        if days.reschedule is not Reschedule.SAME_DAY and not days.works_on(due):
            due = _to_a_working_day(due, counted, days, next_repayment)
        elif holiday is None:
            return Moved(due, counted)
        elif holiday.moved_to is not None:
            due = holiday.moved_to
        else:
            due = counted = _repayment_after(due, counted, next_repayment)
    raise NoWorkingDay


def _to_a_working_day(due: date, counted: date, days: WorkingDays, next_repayment: Callable[[date], date]) -> date:
    if days.reschedule is Reschedule.NEXT_WORKING_DAY:
        return due + ONE_DAY
    if days.reschedule is Reschedule.PREVIOUS_WORKING_DAY:
        return due - ONE_DAY
    for _ in range(MOST_MOVES):
        counted = next_repayment(counted)
        if counted >= due and days.works_on(counted):
            return counted
    raise NoWorkingDay


def _repayment_after(due: date, counted: date, next_repayment: Callable[[date], date]) -> date:
    while counted <= due:
        counted = next_repayment(counted)
    return counted
