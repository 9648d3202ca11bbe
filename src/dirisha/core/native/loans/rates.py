"""From the rate that the terms state to the rate of a period, as a fraction.

Each division is at twelve significant digits, in the order written. Source: Fineract's `AprCalculator` and
`LoanApplicationTerms.periodicInterestRate`; loan-math §2, §3.3, §3.4.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dirisha.core.native.loans.part_periods import periods_between
from dirisha.core.native.loans.terms import DaysInMonth, DaysInYear, InterestPeriod, LoanTerms, PeriodUnit, RatePer
from dirisha.core.native.rounding import UNROUNDED, twelve_digits

UNITS_IN_YEAR = {PeriodUnit.DAYS: 365, PeriodUnit.WEEKS: 52, PeriodUnit.MONTHS: 12, PeriodUnit.YEARS: 1}
DAYS_OF_ANNUITY = {PeriodUnit.DAYS: 1, PeriodUnit.WEEKS: 7, PeriodUnit.MONTHS: 30, PeriodUnit.YEARS: 365}
MONTHS_IN_YEAR = 12
EIGHT_DECIMALS = Decimal("1e-8")


def annual_rate(terms: LoanTerms) -> Decimal:
    """The nominal percentage a year."""
    if terms.rate_per is RatePer.YEAR:
        return terms.interest_rate
    if terms.rate_per is RatePer.MONTH:
        return UNROUNDED.multiply(terms.interest_rate, MONTHS_IN_YEAR)
    units = terms.number_of_repayments * terms.repayment_every
    a_unit = UNROUNDED.divide(terms.interest_rate, units).quantize(EIGHT_DECIMALS, terms.rounding, UNROUNDED)
    return UNROUNDED.multiply(a_unit, UNITS_IN_YEAR[terms.repayment_unit])


class Rates:
    """The rates of one loan under one nominal rate. `seed` is the date whose day of the month due dates keep."""

    __slots__ = ("_by_days", "_daily", "_digits", "_fixed", "_seed", "_terms", "_unit_rate")

    def __init__(self, terms: LoanTerms, seed: date, annual: Decimal | None = None) -> None:
        self._terms = terms
        self._seed = seed
        self._digits = twelve_digits(terms.rounding)
        self._daily = terms.interest_period is InterestPeriod.DAILY
        a_year = annual_rate(terms) if annual is None else annual
        self._unit_rate = self._digits.divide(self._digits.divide(a_year, _units_in_year(terms)), 100)
        self._fixed = UNROUNDED.multiply(self._unit_rate, terms.repayment_every)
        self._by_days: dict[Decimal | int, Decimal] = {}

    def of_period(self, start: date, end: date) -> Decimal:
        """The rate for the time from `start` to `end`; negative where `end` is the earlier."""
        if self._daily:
            return self._of_days(self._days(start, end))
        if self._terms.partial_periods:
            return UNROUNDED.multiply(self._unit_rate, self.periods(start, end))
        return self._fixed

    def of_annuity(self) -> Decimal:
        """The rate behind the equal installment: a month has 30 days and a year 365, whatever the terms count."""
        if self._daily:
            return self._of_days(self._annuity_days())
        return self._fixed

    def of_term(self, start: date, end: date) -> Decimal:
        """The rate of flat interest for all the time from `start` to the last due date, `end`."""
        if self._daily:
            return UNROUNDED.multiply(self._unit_rate, (end - start).days)
        if self._terms.partial_periods:
            return UNROUNDED.multiply(self._unit_rate, self.periods(start, end))
        return UNROUNDED.multiply(self._unit_rate, self._terms.number_of_repayments * self._terms.repayment_every)

    def periods(self, start: date, end: date) -> Decimal:
        return periods_between(self._terms.repayment_unit, start, end, self._seed, self._terms.dates.nth_weekday)

    def _days(self, start: date, end: date) -> Decimal | int:
        """The days that daily interest counts."""
        unit, days_in_year = self._terms.repayment_unit, self._terms.days_in_year
        if unit is PeriodUnit.MONTHS and self._terms.days_in_month is DaysInMonth.DAYS_30:
            return self._digits.multiply(self.periods(start, end), int(DaysInMonth.DAYS_30))
        if unit is PeriodUnit.YEARS and days_in_year is not DaysInYear.ACTUAL:
            return self._digits.multiply(self.periods(start, end), int(days_in_year))
        return (end - start).days

    def _annuity_days(self) -> int:
        return DAYS_OF_ANNUITY[self._terms.repayment_unit] * self._terms.repayment_every

    def _of_days(self, days: Decimal | int) -> Decimal:
        found = self._by_days.get(days)
        if found is None:
            found = self._by_days[days] = self._digits.multiply(self._unit_rate, days)
        return found


def _units_in_year(terms: LoanTerms) -> int:
    """What the yearly rate is divided by: days where interest is daily, otherwise units of the repayment period.

    An actual year has 365 days.
    """
    counts_days = terms.interest_period is InterestPeriod.DAILY or terms.repayment_unit is PeriodUnit.DAYS
    if not counts_days:
        return UNITS_IN_YEAR[terms.repayment_unit]
    return UNITS_IN_YEAR[PeriodUnit.DAYS] if terms.days_in_year is DaysInYear.ACTUAL else int(terms.days_in_year)
