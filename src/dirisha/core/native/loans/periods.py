"""The repayment periods of a loan: from one due date to the next, and from when each bears interest.

Source: Fineract's `AbstractCumulativeLoanScheduleGenerator.calculateInterestStartDateForPeriod`; loan-math §3.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dirisha.core.native.loans import nth_weekday
from dirisha.core.native.loans.calendar_units import later
from dirisha.core.native.loans.due_dates import FirstDueDate, due_dates, first_due_date, start_date
from dirisha.core.native.loans.terms import LoanTerms, PeriodUnit


@dataclass(frozen=True, slots=True)
class Period:
    """Interest runs from `interest_from`, which may lie outside the period: before it, or even behind its due date.

    The interest of a period is `postponed` while it reaches back before the day on which interest starts.
    """

    number: int
    from_date: date
    due_date: date
    interest_from: date
    postponed: bool = False


def periods(terms: LoanTerms, disbursed_on: date) -> Iterator[Period]:
    """In order, as many as are asked for. Raises `TermsRefused`."""
    first = first_due_date(terms, disbursed_on)
    start = start_date(terms, disbursed_on)
    ideal = one_period_before(terms, first)
    interest_starts = terms.interest_from
    from_date = start
    for number, due_date in enumerate(due_dates(terms, first, start), 1):
        interest_from = from_date
        if from_date < ideal or from_date < first.on:
            interest_from = _first_interest_from(from_date, ideal, disbursed_on, interest_starts)
        postponed = interest_starts is not None and (due_date <= interest_starts or interest_from < interest_starts)
        yield Period(number, from_date, due_date, interest_from, postponed)
        from_date = due_date


def _first_interest_from(from_date: date, ideal: date, disbursed_on: date, interest_starts: date | None) -> date:
    """Where a period before the first due date starts to bear interest.

    Without a given day, one whole period ahead of the due date, however long the money has been out: a longer first
    period is not charged for its extra days, a shorter one is charged in full.
    """
    if interest_starts is not None:
        return interest_starts if from_date == disbursed_on or from_date < interest_starts else from_date
    return ideal if from_date == disbursed_on else from_date


def one_period_before(terms: LoanTerms, first: FirstDueDate) -> date:
    """The day on which a disbursement would make the first period exactly as long as the others."""
    day = later(first.on, -terms.repayment_every, terms.repayment_unit)
    if terms.dates.nth_weekday is not None and terms.repayment_unit is PeriodUnit.MONTHS:
        return nth_weekday.on_or_after(terms.dates.nth_weekday, day)
    return day
