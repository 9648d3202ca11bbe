"""Posting periods and the compounding periods inside them.

Source: Fineract's `SavingsHelper.determineInterestPostingPeriods` and `PostingPeriod`, and loan-math §17.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dirisha.core.native.savings.interest_terms import Every
from dirisha.core.native.savings.span import month_end, months_later

ONE_DAY = timedelta(days=1)

_MONTHS_OF = {Every.QUARTERLY: 3, Every.HALF_YEARLY: 6}


@dataclass(frozen=True, slots=True)
class PostingPeriod:
    """First and last day; `by_hand`: it ends where somebody chose to post, not where the calendar says."""

    start: date
    end: date
    by_hand: bool


def posting_periods(
    start: date, until: date, posting: Every, financial_year_start: int, by_hand: Sequence[date] = ()
) -> Iterator[PostingPeriod]:
    """The periods from `start` that begin by `until`; the last may end later. `by_hand` in ascending order.

    A date posted by hand cuts the period in which it lies: that day begins the next one.
    """
    last_month = (financial_year_start - 2) % 12 + 1
    while start <= until:
        end = _posting_end(start, posting, last_month)
        cut = next((day for day in by_hand if start < day <= end), None)
        if cut is not None:
            end = cut - ONE_DAY
        following = end + ONE_DAY
        yield PostingPeriod(start, end, following in by_hand)
        start = following


def _posting_end(start: date, posting: Every, last_month: int) -> date:
    """A quarter or half whose last day is `start` is over: the period runs to the next end (loan-math §17)."""
    if posting is Every.DAILY:
        return start
    if posting is Every.MONTHLY:
        return month_end(start)
    if posting is Every.YEARLY:
        year = start.year + (last_month < start.month)
        return date(year, last_month, monthrange(year, last_month)[1])
    ends = _ends_in(start.year, last_month, _MONTHS_OF[posting])
    return next((end for end in ends if end > start), None) or month_end(months_later(ends[0], 12))


def compounding_periods(
    period: PostingPeriod, compounding: Every, financial_year_start: int
) -> Iterator[tuple[date, date, bool]]:
    """First day, last day, and whether interest is added to the balance there.

    Not so where a posting period ends inside a compounding period: that interest waits for the natural end.
    """
    if compounding is Every.DAILY:
        yield period.start, period.end, True
        return
    last_month = (financial_year_start - 2) % 12 + 1
    start = period.start
    while start <= period.end:
        natural = _compounding_end(start, compounding, last_month)
        end = min(natural, period.end)
        yield start, end, end == natural
        start = end + ONE_DAY


def _compounding_end(start: date, compounding: Every, last_month: int) -> date:
    """The last day of the compounding period that `start` lies in; `start` itself where it is one."""
    if compounding is Every.MONTHLY:
        return month_end(start)
    if compounding is Every.YEARLY:
        end = date(start.year, last_month, monthrange(start.year, last_month)[1])
        return end if end >= start else months_later(end, 12)
    ends = _ends_in(start.year, last_month, _MONTHS_OF[compounding])
    return next((end for end in ends if end.month >= start.month), None) or month_end(months_later(ends[0], 12))


def _ends_in(year: int, last_month: int, months: int) -> list[date]:
    """The last days of the quarters or halves that end in a calendar year."""
    found = sorted((last_month - 1 + months * turn) % 12 + 1 for turn in range(12 // months))
    return [date(year, month, monthrange(year, month)[1]) for month in found]
