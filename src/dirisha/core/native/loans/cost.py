"""What a loan costs: in all, for every 100 borrowed, and as a yearly rate that can be compared with another loan's.

Effective rate: the equation of the European consumer credit directive (2008/48/EC, Annex I), in which what is lent and
what is repaid have the same present value; a year has 365 days, as in the XIRR of spreadsheets. Nominal rate (APR): the
rate of one repayment period times the periods in a year (US Regulation Z, Appendix J).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal

from dirisha.core.installments import Installment
from dirisha.core.native.loans.terms import PeriodUnit
from dirisha.kit.money import Money

DIGITS = Context(prec=28, rounding=ROUND_HALF_EVEN)
DAYS_IN_YEAR = 365
PERIODS_IN_YEAR = {PeriodUnit.DAYS: 365, PeriodUnit.WEEKS: 52, PeriodUnit.MONTHS: 12, PeriodUnit.YEARS: 1}
HUNDREDTH = Decimal("0.01")
CLOSE_ENOUGH = Decimal("1e-16")
MOST_STEPS = 200
# Beyond a million percent a year a rate compares nothing; it comes of money that is back after a few days.
HIGHEST_RATE = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that changes hands on a day, in minor units."""

    on: date
    minor: int


@dataclass(frozen=True, slots=True)
class Cost:
    """`received` is what the borrower gets, `to_repay` what is paid back in all; both after fees at disbursement.

    `per_hundred` is what is paid back for every 100 received, in major units. `effective_percent` and `nominal_percent`
    are yearly, to two decimals; None where there is no such rate: nothing is received, it is back on the same day, or
    the rate is beyond `HIGHEST_RATE`.
    """

    received: Money
    to_repay: Money
    per_hundred: Decimal | None
    effective_percent: Decimal | None
    nominal_percent: Decimal | None

    @property
    def cost(self) -> Money:
        return self.to_repay - self.received


def cost(
    lent: Sequence[Flow], installments: Iterable[Installment], *, every: int, unit: PeriodUnit, principal: Money
) -> Cost:
    """From the tranches (less what is kept back of them) and the schedule; `every` and `unit` are the repayment period.

    `principal` gives the currency.
    """
    repaid = [Flow(installment.due_date, installment.due.total) for installment in installments]
    received_minor, repaid_minor = sum(flow.minor for flow in lent), sum(flow.minor for flow in repaid)
    rate = effective_rate(lent, repaid)
    if rate is not None and rate > HIGHEST_RATE:
        rate = None
    return Cost(
        received=Money(received_minor, principal.currency),
        to_repay=Money(repaid_minor, principal.currency),
        per_hundred=_percent(DIGITS.divide(repaid_minor, received_minor)) if received_minor > 0 else None,
        effective_percent=None if rate is None else _percent(rate),
        nominal_percent=None if rate is None else _percent(nominal_rate(rate, every, unit)),
    )


def effective_rate(lent: Sequence[Flow], repaid: Sequence[Flow]) -> Decimal | None:
    """The yearly rate, as a fraction, at which both have the same present value; None where either is nothing.

    Newton's method on the logarithm of the ratio of both, which is nearly straight in the logarithm of the discount.
    """
    if sum(flow.minor for flow in lent) <= 0 or sum(flow.minor for flow in repaid) <= 0:
        return None
    start = min(flow.on for flow in lent)
    log_discount = Decimal(0)
    for _ in range(MOST_STEPS):
        discount = DIGITS.exp(log_discount)
        worth_lent, slope_lent = _worth(lent, start, discount)
        worth_repaid, slope_repaid = _worth(repaid, start, discount)
        if worth_lent <= 0 or worth_repaid <= 0:
            return None
        slope = DIGITS.subtract(DIGITS.divide(slope_repaid, worth_repaid), DIGITS.divide(slope_lent, worth_lent))
        if slope <= 0:
            return None
        step = DIGITS.divide(DIGITS.ln(DIGITS.divide(worth_repaid, worth_lent)), slope)
        log_discount = DIGITS.subtract(log_discount, step)
        if abs(step) < CLOSE_ENOUGH:
            break
    return DIGITS.subtract(DIGITS.exp(DIGITS.multiply(log_discount, -DAYS_IN_YEAR)), 1)


def nominal_rate(effective: Decimal, every: int, unit: PeriodUnit) -> Decimal:
    """The yearly rate, as a fraction, that gives the effective one when it compounds each repayment period."""
    periods = DIGITS.divide(PERIODS_IN_YEAR[unit], every)
    growth = DIGITS.power(DIGITS.add(1, effective), DIGITS.divide(1, periods))
    return DIGITS.multiply(periods, DIGITS.subtract(growth, 1))


def _worth(flows: Sequence[Flow], start: date, discount: Decimal) -> tuple[Decimal, Decimal]:
    """The present value on `start` at a discount a day, and how it changes with the discount's logarithm."""
    worth = slope = Decimal(0)
    for flow in flows:
        days = (flow.on - start).days
        present = DIGITS.multiply(flow.minor, DIGITS.power(discount, days))
        worth = DIGITS.add(worth, present)
        slope = DIGITS.add(slope, DIGITS.multiply(present, days))
    return worth, slope


def _percent(fraction: Decimal) -> Decimal:
    return DIGITS.multiply(fraction, 100).quantize(HUNDREDTH, ROUND_HALF_EVEN)
