"""Interest on days of one unchanged balance, in the precision of the reference core.

Amounts are `Decimal` in major units. A day's rate and each product carry sixteen significant digits, interest is kept
at nine decimals. Source: Fineract's `EndOfDayBalance` (MathContext.DECIMAL64, setScale 9); loan-math §14.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from dirisha.core.native.doubles import compound_growth
from dirisha.core.native.rounding import UNROUNDED
from dirisha.core.native.savings.interest_terms import InterestTerms

SIXTEEN_DIGITS = Context(prec=16, rounding=ROUND_HALF_EVEN)
NINE_DECIMALS = Decimal("1e-9")
ZERO = Decimal(0)
ONE = Decimal(1)

# A balance and how many days it stood.
Stretch = tuple[Decimal, int]


@dataclass(frozen=True, slots=True)
class DailyRate:
    """A yearly rate by the day: rounded to sixteen digits, and unrounded plus one for daily compounding."""

    rounded: Decimal
    growth: Decimal

    @classmethod
    def of(cls, annual_percentage: Decimal, days_in_year: int) -> DailyRate:
        fraction = SIXTEEN_DIGITS.divide(annual_percentage, Decimal(100))
        share = SIXTEEN_DIGITS.divide(ONE, Decimal(days_in_year))
        return cls(SIXTEEN_DIGITS.multiply(fraction, share), UNROUNDED.add(ONE, UNROUNDED.multiply(fraction, share)))


@dataclass(frozen=True, slots=True)
class EarningRates:
    """What a balance earns, an overdraft costs, and from which balance on; all the stretches of an account share it."""

    credit: DailyRate
    debit: DailyRate
    from_balance: Decimal
    below_balance: Decimal
    rounding: str

    @classmethod
    def of(cls, terms: InterestTerms, annual_rate: Decimal, scale: int) -> EarningRates:
        return cls(
            DailyRate.of(annual_rate, terms.days_in_year),
            DailyRate.of(terms.overdraft_rate, terms.days_in_year),
            Decimal(terms.minimum_balance_minor).scaleb(-scale),
            Decimal(-terms.overdraft_minimum_minor).scaleb(-scale),
            terms.rounding,
        )

    def applying(self, balance: Decimal) -> DailyRate | None:
        """None: so small a balance, or so shallow an overdraft, bears no interest."""
        if balance >= ZERO:
            return self.credit if balance >= self.from_balance else None
        return self.debit if balance < self.below_balance else None


def compounded_daily(stretches: Sequence[Stretch], compounded: Decimal, rates: EarningRates) -> Decimal:
    """Each stretch earns on its balance and on all interest before it: V ((1 + r)^days - 1)."""
    earned = ZERO
    for balance, days in stretches:
        value = UNROUNDED.add(balance, UNROUNDED.add(compounded, earned))
        rate = rates.applying(value)
        if rate is not None:
            later = SIXTEEN_DIGITS.multiply(value, compound_growth(rate.growth, days))
            earned += UNROUNDED.subtract(later.quantize(NINE_DECIMALS, rates.rounding, UNROUNDED), value)
    return earned


def on_each_balance(stretches: Sequence[Stretch], compounded: Decimal, rates: EarningRates) -> Decimal:
    """Simple inside a compounding period: V r days, stretch by stretch."""
    earned = ZERO
    for balance, days in stretches:
        earned = UNROUNDED.add(earned, _simple(UNROUNDED.add(balance, compounded), days, rates))
    return earned


def on_average_balance(stretches: Sequence[Stretch], compounded: Decimal, rates: EarningRates) -> Decimal:
    """Simple on the average of the days on which there was a balance at all."""
    total, days_in_all = ZERO, 0
    for balance, days in stretches:
        product = SIXTEEN_DIGITS.multiply(UNROUNDED.add(balance, compounded), Decimal(days))
        total = UNROUNDED.add(total, product.quantize(NINE_DECIMALS, rates.rounding, UNROUNDED))
        days_in_all += days
    if not total or not days_in_all:
        return ZERO
    average = SIXTEEN_DIGITS.divide(total, Decimal(days_in_all)).quantize(NINE_DECIMALS, rates.rounding, UNROUNDED)
    return _simple(average, days_in_all, rates)


def _simple(balance: Decimal, days: int, rates: EarningRates) -> Decimal:
    rate = rates.applying(balance)
    if rate is None:
        return ZERO
    for_period = SIXTEEN_DIGITS.multiply(rate.rounded, Decimal(days))
    return SIXTEEN_DIGITS.multiply(balance, for_period).quantize(NINE_DECIMALS, rates.rounding, UNROUNDED)
