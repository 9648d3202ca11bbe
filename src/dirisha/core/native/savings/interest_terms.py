"""How interest on a savings account is reckoned: rate, rests, posting, day count, and what balance earns it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import IntEnum

from dirisha.core.native.rounding import ROUNDING_MODES
from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least, at_most

HIGHEST_RATE = Decimal(100_000)


class Every(IntEnum):
    """How often interest is compounded or posted (Fineract's ids)."""

    DAILY = 1
    MONTHLY = 4
    QUARTERLY = 5
    HALF_YEARLY = 6
    YEARLY = 7


class BalanceMethod(IntEnum):
    """Interest on each day's closing balance, or on the average of a compounding period's days."""

    DAILY = 1
    AVERAGE_DAILY = 2


class DaysInYear(IntEnum):
    """The year of a daily rate, in leap years too."""

    DAYS_360 = 360
    DAYS_365 = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestTerms:
    """Rates are percentages a year; `…_minor` amounts in minor units. Raises `SavingsRefused`.

    `minimum_balance_minor`: a smaller balance earns nothing. `overdraft_minimum_minor`: an overdraft no deeper costs
    nothing. `financial_year_start` is a month: quarters, halves and years are counted from it.
    `posted_on_period_end`: interest is dated the last day of its period instead of the next one.
    """

    annual_rate: Decimal
    compounding: Every = Every.DAILY
    posting: Every = Every.MONTHLY
    method: BalanceMethod = BalanceMethod.DAILY
    days_in_year: DaysInYear = DaysInYear.DAYS_365
    financial_year_start: int = 1
    posted_on_period_end: bool = False
    minimum_balance_minor: int = 0
    overdraft_rate: Decimal = Decimal(0)
    overdraft_minimum_minor: int = 0
    rounding: str = ROUND_HALF_EVEN

    def __post_init__(self) -> None:
        for rate in (self.annual_rate, self.overdraft_rate):
            if not rate.is_finite():
                raise SavingsRefused(Rule.INTEREST_RATE, limit=HIGHEST_RATE, given=rate)
            at_least(Rule.INTEREST_RATE, rate, 0)
            at_most(Rule.INTEREST_RATE, rate, HIGHEST_RATE)
        at_least(Rule.FINANCIAL_YEAR_START, self.financial_year_start, 1)
        at_most(Rule.FINANCIAL_YEAR_START, self.financial_year_start, 12)
        at_least(Rule.AMOUNT_NOT_NEGATIVE, self.minimum_balance_minor, 0)
        at_least(Rule.AMOUNT_NOT_NEGATIVE, self.overdraft_minimum_minor, 0)
        if self.rounding not in ROUNDING_MODES:
            raise SavingsRefused(Rule.ROUNDING, limit=", ".join(ROUNDING_MODES), given=self.rounding)
