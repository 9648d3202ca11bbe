"""When the installments of a loan are due: month by month, with the day of the month kept through short months.

Source: Fineract's `DefaultScheduledDateGenerator`. Holidays and working days do not move a date here.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from dirisha.core.native.loan_terms import LoanTerms, Rule, TermsRefused

# Up to this day every month has the day, so a date can never have been clipped.
LAST_DAY_OF_EVERY_MONTH = 28


@dataclass(frozen=True, slots=True)
class Period:
    """From one due date to the next. `interest_from` differs from `from_date` where interest starts on another day."""

    number: int
    from_date: date
    due_date: date
    interest_from: date


def periods(terms: LoanTerms, disbursed_on: date) -> tuple[Period, ...]:
    """The repayment periods in order. Raises `TermsRefused` for a first date before the disbursement.

    Interest of the first period runs from one whole period before its due date, however long the money has been out:
    a longer first period is not charged for its extra days, a shorter one is charged in full (loan-math §3.2).
    """
    dates = due_dates(terms, disbursed_on)
    start = terms.due_dates_from or disbursed_on
    first = Period(1, start, dates[0], months_later(dates[0], -terms.repayment_every_months))
    later = (
        Period(number, dates[number - 2], dates[number - 1], dates[number - 2]) for number in range(2, len(dates) + 1)
    )
    return (first, *later)


def due_dates(terms: LoanTerms, disbursed_on: date) -> tuple[date, ...]:
    """One date for each repayment. Raises `TermsRefused`."""
    start = terms.due_dates_from or disbursed_on
    every = terms.repayment_every_months
    try:
        first, seed_day = _first_due_date(terms, start, disbursed_on)
        dates = [first]
        for _ in range(terms.number_of_repayments - 1):
            dates.append(_on_seed_day(months_later(dates[-1], every), seed_day))
    except (OverflowError, ValueError):
        raise TermsRefused(Rule.LAST_DUE_DATE, limit=date.max, given=start) from None
    if first < disbursed_on:
        raise TermsRefused(Rule.FIRST_REPAYMENT_AFTER_DISBURSEMENT, limit=disbursed_on, given=first)
    return tuple(dates)


def _first_due_date(terms: LoanTerms, start: date, disbursed_on: date) -> tuple[date, int]:
    """The first due date, and the day of the month that later ones return to after a short month."""
    if terms.first_repayment_on is not None:
        return terms.first_repayment_on, terms.first_repayment_on.day
    regular = months_later(start, terms.repayment_every_months)
    earliest = disbursed_on + timedelta(days=terms.days_to_first_repayment)
    if earliest > regular:
        return earliest, earliest.day
    return regular, start.day


def months_later(day: date, months: int) -> date:
    """The same day some months on; the last day of that month where it has no such day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def _on_seed_day(day: date, seed_day: int) -> date:
    """31 January, 28 February, *31* March: a date that a short month has clipped returns to its seed's day."""
    if seed_day > LAST_DAY_OF_EVERY_MONTH and day.day >= LAST_DAY_OF_EVERY_MONTH:
        return day.replace(day=min(seed_day, monthrange(day.year, day.month)[1]))
    return day
