"""The terms of a loan: what an application and its product say, before any date or amount is worked out.

Enumerations carry the reference core's ids, so that a door can show them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import TypeVar

from dirisha.kit.money import Money

MOST_REPAYMENTS = 600
MOST_MONTHS_BETWEEN = 120
HIGHEST_RATE = Decimal(100_000)
LONGEST_WAIT_DAYS = 3_660


class RatePer(IntEnum):
    """What the interest rate is a percentage for."""

    MONTH = 2
    YEAR = 3
    WHOLE_TERM = 4


class InterestPeriod(IntEnum):
    """Whether interest counts the days of a period, or takes each period as equally long."""

    DAILY = 0
    SAME_AS_REPAYMENT = 1


class DaysInYear(IntEnum):
    """The year of a daily rate. ACTUAL means 365, in leap years too (loan-math §3.3)."""

    ACTUAL = 1
    DAYS_360 = 360
    DAYS_364 = 364
    DAYS_365 = 365


class DaysInMonth(IntEnum):
    """The days that a month counts in daily interest."""

    ACTUAL = 1
    DAYS_30 = 30


class Rule(StrEnum):
    """What loan terms must keep to; the code of a `TermsRefused`."""

    PRINCIPAL_ABOVE_ZERO = "terms.principal_above_zero"
    NUMBER_OF_REPAYMENTS = "terms.number_of_repayments"
    REPAYMENT_EVERY = "terms.repayment_every"
    INTEREST_RATE = "terms.interest_rate"
    INSTALLMENT_MULTIPLE = "terms.installment_multiple"
    DAYS_TO_FIRST_REPAYMENT = "terms.days_to_first_repayment"
    FIRST_REPAYMENT_AFTER_DISBURSEMENT = "terms.first_repayment_after_disbursement"
    LAST_DUE_DATE = "terms.last_due_date"
    INSTALLMENT_COVERS_INTEREST = "terms.installment_covers_interest"


Number = TypeVar("Number", int, Decimal)
Figure = Money | Decimal | int | date


class TermsRefused(ValueError):
    """Terms that cannot be honoured: the rule they break, the limit it sets, and what was given."""

    def __init__(self, rule: Rule, *, limit: Figure, given: Figure) -> None:
        super().__init__(f"{rule}: the limit is {_words(limit)}, not {_words(given)}")
        self.rule = rule
        self.limit = limit
        self.given = given


def _words(figure: Figure) -> str:
    return figure.plain() if isinstance(figure, Money) else str(figure)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """A declining-balance loan in equal installments, due every so many months. Raises `TermsRefused`.

    `interest_rate` is a percentage for `rate_per`; `installment_multiple` is in major units (10 → 310, 320 …).
    Due dates count from the disbursement, or from `due_dates_from` (a product may count from the day of application);
    `first_repayment_on` fixes the first, `days_to_first_repayment` is the least wait between disbursement and it.
    `days_in_year` and `days_in_month` matter for daily interest only.
    """

    principal: Money
    number_of_repayments: int
    interest_rate: Decimal
    rate_per: RatePer = RatePer.YEAR
    repayment_every_months: int = 1
    interest_period: InterestPeriod = InterestPeriod.SAME_AS_REPAYMENT
    days_in_year: DaysInYear = DaysInYear.ACTUAL
    days_in_month: DaysInMonth = DaysInMonth.ACTUAL
    installment_multiple: int | None = None
    due_dates_from: date | None = None
    first_repayment_on: date | None = None
    days_to_first_repayment: int = 0

    def __post_init__(self) -> None:
        if not self.principal.is_positive:
            raise TermsRefused(
                Rule.PRINCIPAL_ABOVE_ZERO, limit=Money.zero(self.principal.currency), given=self.principal
            )
        _within(Rule.NUMBER_OF_REPAYMENTS, self.number_of_repayments, 1, MOST_REPAYMENTS)
        _within(Rule.REPAYMENT_EVERY, self.repayment_every_months, 1, MOST_MONTHS_BETWEEN)
        _within(Rule.DAYS_TO_FIRST_REPAYMENT, self.days_to_first_repayment, 0, LONGEST_WAIT_DAYS)
        if self.interest_rate.is_nan():
            raise TermsRefused(Rule.INTEREST_RATE, limit=HIGHEST_RATE, given=self.interest_rate)
        _within(Rule.INTEREST_RATE, self.interest_rate, Decimal(0), HIGHEST_RATE)
        if self.installment_multiple is not None and self.installment_multiple < 1:
            raise TermsRefused(Rule.INSTALLMENT_MULTIPLE, limit=1, given=self.installment_multiple)


def _within(rule: Rule, given: Number, least: Number, most: Number) -> None:
    if given < least:
        raise TermsRefused(rule, limit=least, given=given)
    if given > most:
        raise TermsRefused(rule, limit=most, given=given)
