"""From the rate that the terms state to the rate of one period, as a fraction.

Source: Fineract's `AprCalculator` and `LoanApplicationTerms`; each division at twelve digits, in the order written.
"""

from __future__ import annotations

from decimal import Decimal

from dirisha.core.native.loan_terms import DaysInMonth, DaysInYear, InterestPeriod, LoanTerms, RatePer
from dirisha.core.native.rounding import ROUNDING, TWELVE_DIGITS, UNROUNDED

MONTHS_IN_YEAR = 12
DAYS_IN_MONTH_OF_ANNUITY = 30
EIGHT_DECIMALS = Decimal("1e-8")


def annual_rate(terms: LoanTerms) -> Decimal:
    """The nominal percentage a year."""
    if terms.rate_per is RatePer.YEAR:
        return terms.interest_rate
    if terms.rate_per is RatePer.MONTH:
        return UNROUNDED.multiply(terms.interest_rate, MONTHS_IN_YEAR)
    months = terms.number_of_repayments * terms.repayment_every_months
    a_month = UNROUNDED.divide(terms.interest_rate, months).quantize(EIGHT_DECIMALS, ROUNDING, UNROUNDED)
    return UNROUNDED.multiply(a_month, MONTHS_IN_YEAR)


def period_rate(terms: LoanTerms, days: int) -> Decimal:
    """The rate that one repayment period of `days` calendar days bears."""
    if terms.interest_period is InterestPeriod.SAME_AS_REPAYMENT:
        return UNROUNDED.multiply(_monthly_rate(terms), terms.repayment_every_months)
    if terms.days_in_month is DaysInMonth.DAYS_30:
        days = DaysInMonth.DAYS_30 * terms.repayment_every_months
    return UNROUNDED.multiply(_daily_rate(terms), days)


def annuity_rate(terms: LoanTerms) -> Decimal:
    """The rate behind the equal installment: as that of a period, but a month has 30 days whatever the terms count."""
    return period_rate(terms, DAYS_IN_MONTH_OF_ANNUITY * terms.repayment_every_months)


def _monthly_rate(terms: LoanTerms) -> Decimal:
    return TWELVE_DIGITS.divide(TWELVE_DIGITS.divide(annual_rate(terms), MONTHS_IN_YEAR), 100)


def _daily_rate(terms: LoanTerms) -> Decimal:
    days_in_year = 365 if terms.days_in_year is DaysInYear.ACTUAL else int(terms.days_in_year)
    return TWELVE_DIGITS.divide(TWELVE_DIGITS.divide(annual_rate(terms), days_in_year), 100)
