"""When the installments of a loan are due: one period after the other, with the day of the month kept.

31 January, 28 February, *31* March: a date that a short month has clipped returns to its seed's day.
Source: Fineract's `DefaultScheduledDateGenerator`; loan-math §3.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dirisha.core.native.loans import nth_weekday
from dirisha.core.native.loans.calendar_units import last_day_of_month, later
from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.terms import LoanTerms, PeriodUnit
from dirisha.core.native.loans.working_days import NoWorkingDay, moved

# Up to this day every month has the day, so a date can never have been clipped.
LAST_DAY_OF_EVERY_MONTH = 28


@dataclass(frozen=True, slots=True)
class FirstDueDate:
    """The first due date, and the date whose day of the month the later ones keep."""

    on: date
    seed: date


def first_due_date(terms: LoanTerms, disbursed_on: date) -> FirstDueDate:
    """Given, or one period after the start and no sooner than the product's least wait. Raises `TermsRefused`."""
    start = start_date(terms, disbursed_on)
    earliest = _on_calendar(disbursed_on, terms.dates.days_to_first_repayment)
    given = terms.dates.first_repayment_on
    if given is None:
        regular = following(terms, start, start)
        first = FirstDueDate(earliest, earliest) if earliest > regular else FirstDueDate(regular, start)
    else:
        first = FirstDueDate(given, given)
    if first.on < disbursed_on:
        raise TermsRefused(Rule.FIRST_REPAYMENT_AFTER_DISBURSEMENT, limit=disbursed_on, given=first.on)
    if first.on < earliest and terms.dates.counted_from is None:
        raise TermsRefused(Rule.DAYS_TO_FIRST_REPAYMENT, limit=earliest, given=first.on)
    return first


def start_date(terms: LoanTerms, disbursed_on: date) -> date:
    """The day from which due dates are counted."""
    return terms.dates.counted_from or disbursed_on


def _on_calendar(day: date, days_later: int) -> date:
    try:
        return day + timedelta(days=days_later)
    except OverflowError:
        raise TermsRefused(Rule.LAST_DUE_DATE, limit=date.max, given=day) from None


def following(terms: LoanTerms, day: date, seed: date) -> date:
    """The regular repayment date after `day`. Raises `TermsRefused` beyond the calendar."""
    try:
        if terms.dates.nth_weekday is not None:
            return nth_weekday.next_after(terms.dates.nth_weekday, day, seed, terms.repayment_every)
        next_day = later(day, terms.repayment_every, terms.repayment_unit)
        return on_seed_day(next_day, seed.day) if terms.repayment_unit is PeriodUnit.MONTHS else next_day
    except (OverflowError, ValueError):
        raise TermsRefused(Rule.LAST_DUE_DATE, limit=date.max, given=day) from None


def on_seed_day(day: date, seed_day: int) -> date:
    """A date late in its month, put on the seed's day or on the month's last."""
    if seed_day > LAST_DAY_OF_EVERY_MONTH and day.day >= LAST_DAY_OF_EVERY_MONTH:
        return day.replace(day=min(seed_day, last_day_of_month(day.year, day.month)))
    return day


def due_dates(terms: LoanTerms, first: FirstDueDate, start: date) -> Iterator[date]:
    """One date after the other, as many as are asked for; those after the last repayment as well.

    The last of `number_of_repayments` lies `fixed_length` units after the start where the product fixes that.
    """
    counted, number = first.on, 1
    moved_to = {change.from_due: change.moved_to for change in terms.reschedules if change.moved_to is not None}
    while True:
        due, counted = _moved(terms, counted, first.seed)
        if due in moved_to:
            due = counted = moved_to[due]
        if number == terms.number_of_repayments and terms.dates.fixed_length is not None:
            due = later(start, terms.dates.fixed_length, terms.repayment_unit)
        yield due
        counted = following(terms, counted, first.seed)
        number += 1


def last_due_date(terms: LoanTerms, first: FirstDueDate, start: date) -> date:
    """The date on which the last of `number_of_repayments` is due."""
    dates = due_dates(terms, first, start)
    return [next(dates) for _ in range(terms.number_of_repayments)][-1]


def _moved(terms: LoanTerms, day: date, seed: date) -> tuple[date, date]:
    """The date itself and the date that later ones are counted from."""
    days = terms.dates.working_days
    if days.never_move_a_date:
        return day, day
    try:
        found = moved(day, days, lambda previous: following(terms, previous, seed))
    except NoWorkingDay:
        raise TermsRefused(Rule.WORKING_DAYS, limit=day, given=day) from None
    return found.due, found.counted
