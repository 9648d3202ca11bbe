"""The terms of a loan: what its product and its application say, before any date or amount is worked out.

Enumerations carry the reference core's ids, so that a door can show them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import IntEnum

from dirisha.core.native.loans.charges import ChargeTerms
from dirisha.core.native.loans.limits import check_terms
from dirisha.core.native.loans.reschedule import Reschedule
from dirisha.core.native.loans.working_days import WorkingDays
from dirisha.kit.money import Money


class PeriodUnit(IntEnum):
    """What repayment periods are counted in."""

    DAYS = 0
    WEEKS = 1
    MONTHS = 2
    YEARS = 3


class RatePer(IntEnum):
    """What the interest rate is a percentage for."""

    MONTH = 2
    YEAR = 3
    WHOLE_TERM = 4


class InterestMethod(IntEnum):
    """Whether interest is on the principal still out, or on the whole principal to the end."""

    DECLINING_BALANCE = 0
    FLAT = 1


class Amortization(IntEnum):
    """Whether installments are equal in principal, or in principal and interest together."""

    EQUAL_PRINCIPAL = 0
    EQUAL_INSTALLMENTS = 1


class InterestPeriod(IntEnum):
    """Whether interest counts the days of a period, or takes each period as equally long."""

    DAILY = 0
    SAME_AS_REPAYMENT = 1


class DaysInYear(IntEnum):
    """The year of a daily rate. ACTUAL means 365 in cumulative schedules, in leap years too (loan-math §3.3)."""

    ACTUAL = 1
    DAYS_360 = 360
    DAYS_364 = 364
    DAYS_365 = 365


class DaysInMonth(IntEnum):
    """The days that a month counts in daily interest."""

    ACTUAL = 1
    DAYS_30 = 30


class ScheduleType(IntEnum):
    """The two engines of the reference core: loan-math §1-12, and §13."""

    CUMULATIVE = 1
    PROGRESSIVE = 2


class RestFrequency(IntEnum):
    """How often a recalculated loan looks at what was paid (and compounds)."""

    SAME_AS_REPAYMENT = 1
    DAILY = 2
    WEEKLY = 3
    MONTHLY = 4


class Compounding(IntEnum):
    """What bears interest besides principal, where interest is recalculated."""

    NONE = 0
    INTEREST = 1
    FEE = 2
    INTEREST_AND_FEE = 3


class AfterEarlyPayment(IntEnum):
    """What an early payment of a recalculated loan changes."""

    NEXT_REPAYMENTS = 1
    FEWER_INSTALLMENTS = 2
    SMALLER_INSTALLMENTS = 3
    ADJUST_LAST_UNPAID = 4


class PreclosureInterest(IntEnum):
    """Until when interest is charged on a loan that is repaid in full before its time."""

    TILL_PRECLOSURE_DATE = 1
    TILL_REST_DATE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalculation:
    """Interest recalculation: the schedule is worked out anew after each payment."""

    after_early_payment: AfterEarlyPayment
    preclosure: PreclosureInterest = PreclosureInterest.TILL_PRECLOSURE_DATE
    rest: RestFrequency = RestFrequency.DAILY
    rest_every: int = 1
    compounding: Compounding = Compounding.NONE
    compounding_frequency: RestFrequency | None = None
    compounding_every: int = 1
    arrears_by_original_schedule: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grace:
    """Counted in installments from the first (loan-math §6).

    After the grace `on_principal`, principal is due in every (`between_principal` + 1)th installment only.
    """

    on_principal: int = 0
    between_principal: int = 0
    on_interest_payment: int = 0
    interest_free: int = 0


@dataclass(frozen=True, slots=True)
class NthWeekday:
    """The `nth` (1 to 4, -1 the last) `weekday` (1 Monday to 7 Sunday) of a month."""

    nth: int
    weekday: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDateRule:
    """Due dates count from the disbursement, or from `counted_from` (a product may count from the application's day).

    `first_repayment_on` fixes the first; `days_to_first_repayment` is the least wait between disbursement and it.
    `fixed_length` puts the last due date so many units after the start. `working_days` move dates of days off.
    """

    counted_from: date | None = None
    first_repayment_on: date | None = None
    days_to_first_repayment: int = 0
    nth_weekday: NthWeekday | None = None
    fixed_length: int | None = None
    working_days: WorkingDays = field(default_factory=WorkingDays)


@dataclass(frozen=True, slots=True)
class Tranche:
    """A part of the principal and the day on which it is expected to go out, or on which it went out."""

    expected_on: date
    principal: Money
    is_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DownPayment:
    """A percentage of each tranche that is due on the day it goes out; `automatic` where it is paid from it."""

    percentage: Decimal
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """What the schedule follows from, besides the day of disbursement. Raises `TermsRefused`.

    `interest_rate` is a percentage for `rate_per`. `installment_multiple` is in major units (10 → 310, 320 …),
    `currency_multiple` likewise for every amount of a currency without decimals. No tranche after the first may raise
    what is out above `most_outstanding`.
    """

    principal: Money
    number_of_repayments: int
    interest_rate: Decimal
    rate_per: RatePer = RatePer.YEAR
    repayment_every: int = 1
    repayment_unit: PeriodUnit = PeriodUnit.MONTHS
    interest_method: InterestMethod = InterestMethod.DECLINING_BALANCE
    amortization: Amortization = Amortization.EQUAL_INSTALLMENTS
    interest_period: InterestPeriod = InterestPeriod.SAME_AS_REPAYMENT
    partial_periods: bool = False
    days_in_year: DaysInYear = DaysInYear.ACTUAL
    days_in_month: DaysInMonth = DaysInMonth.ACTUAL
    schedule_type: ScheduleType = ScheduleType.CUMULATIVE
    dates: DueDateRule = field(default_factory=DueDateRule)
    interest_from: date | None = None
    grace: Grace = field(default_factory=Grace)
    installment_multiple: int | None = None
    currency_multiple: int | None = None
    fixed_installment: Money | None = None
    fixed_principal_percentage: Decimal | None = None
    last_installment_threshold: Decimal | None = None
    equal_amortization: bool = False
    tranches: tuple[Tranche, ...] = ()
    most_outstanding: Money | None = None
    down_payment: DownPayment | None = None
    charges: tuple[ChargeTerms, ...] = ()
    recalculation: Recalculation | None = None
    reschedules: tuple[Reschedule, ...] = ()
    rounding: str = ROUND_HALF_EVEN

    def __post_init__(self) -> None:
        check_terms(self)
