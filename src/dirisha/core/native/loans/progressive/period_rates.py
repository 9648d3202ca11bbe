"""The rate of each period of a progressive loan, as a fraction, by the days that the terms count.

A period counts as its nominal length (a month of 30 days, or of as many as the month in which it starts; a week of 7),
whatever the days between its dates; a part of a period counts by its share of the period's real days. With an actual
year, a period that crosses a new year counts its real days in each year by that year's length.
Source: Fineract's `ProgressiveEMICalculator.calculateRateFactorMinus1PerPeriod`; loan-math §13, §17.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date
from decimal import Decimal

from dirisha.core.native.loans.calendar_units import DAYS_IN_WEEK
from dirisha.core.native.loans.rates import annual_rate
from dirisha.core.native.loans.terms import DaysInMonth, DaysInYear, LoanTerms, PeriodUnit
from dirisha.core.native.rounding import twelve_digits

TWELVE_DECIMALS = Decimal("1e-12")


class PeriodRates:
    """Every step is at twelve significant digits, in the order written; the rate itself has twelve decimals."""

    __slots__ = ("_by_days", "_digits", "_rate", "_terms")

    def __init__(self, terms: LoanTerms) -> None:
        self._terms = terms
        self._digits = twelve_digits(terms.rounding)
        self._rate = self._digits.divide(annual_rate(terms), 100)
        self._by_days: dict[tuple[int, int, int, int], Decimal] = {}

    def of(self, start: date, end: date, days_in_period: int) -> Decimal:
        """For the time from `start` to `end`, all or a part of a period of so many real days."""
        if self._terms.days_in_year is DaysInYear.ACTUAL and end.year > start.year:
            return self._across_years(start, end)
        counted = (self._nominal_days(start), self._days_in_year(start), (end - start).days, days_in_period)
        found = self._by_days.get(counted)
        if found is None:
            found = self._by_days[counted] = self._by_share(*counted)
        return found

    def _by_share(self, nominal_days: int, days_in_year: int, days: int, days_in_period: int) -> Decimal:
        digits = self._digits
        nominal = digits.multiply(self._rate, digits.divide(nominal_days, days_in_year))
        return self._to_twelve_decimals(digits.divide(digits.multiply(nominal, days), days_in_period))

    def _across_years(self, start: date, end: date) -> Decimal:
        """The days up to 31 December count in the old year, the rest in the new one."""
        years, day = Decimal(0), start
        for year in range(start.year, end.year + 1):
            last = end if year == end.year else date(year, 12, 31)
            years = self._digits.add(years, self._digits.divide((last - day).days, 366 if isleap(year) else 365))
            day = last
        return self._to_twelve_decimals(self._digits.multiply(self._rate, years))

    def _nominal_days(self, start: date) -> int:
        terms = self._terms
        if terms.repayment_unit is PeriodUnit.DAYS:
            return terms.repayment_every
        if terms.repayment_unit is PeriodUnit.WEEKS:
            return DAYS_IN_WEEK * terms.repayment_every
        if terms.days_in_month is DaysInMonth.DAYS_30:
            return int(DaysInMonth.DAYS_30) * terms.repayment_every
        return monthrange(start.year, start.month)[1] * terms.repayment_every

    def _days_in_year(self, start: date) -> int:
        if self._terms.days_in_year is DaysInYear.ACTUAL:
            return 366 if isleap(start.year) else 365
        return int(self._terms.days_in_year)

    def _to_twelve_decimals(self, rate: Decimal) -> Decimal:
        return rate.quantize(TWELVE_DECIMALS, self._terms.rounding)
