"""What the reference core computes in IEEE double, computed so here as well. Floats live in no other module.

Takes and returns `Decimal`: a double that comes back is its shortest decimal text, which is how Java prints one.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache


def level_payment(principal: Decimal, rate: Decimal, periods: int) -> Decimal:
    """The unrounded payment that repays `principal` in `periods` equal payments at `rate` (a fraction) a period.

    The annuity formula, Fineract's `FinanicalFunctions.pmt`: P (1+r)^m r / ((1+r)^m - 1), and P / m without interest.
    """
    borrowed, r = float(principal), float(rate)
    if r == 0:
        return Decimal(repr(borrowed / periods))
    try:
        growth = (1 + r) ** periods
    except OverflowError:
        # So much interest that no digit of the payment is left for principal.
        return Decimal(repr(borrowed * r))
    return Decimal(repr(borrowed * growth * r / (growth - 1)))


def fraction(part: int, whole: int) -> Decimal:
    """The share of a period that some days of it are."""
    return Decimal(repr(part / whole))


@lru_cache(maxsize=4096)
def compound_growth(rate_per_day_plus_one: Decimal, days: int) -> Decimal:
    """What one unit becomes in `days` days of daily compounding: (1 + r)^days, r the day's rate as a fraction.

    Fineract's `EndOfDayBalance.calculateInterestOnBalanceAndInterest`; savings ask for the same few days again.
    """
    return Decimal(repr(math.pow(float(rate_per_day_plus_one), float(days))))


def withheld(amount: Decimal, percentage: Decimal) -> Decimal:
    """A tax of so many per cent of an amount, not yet rounded (Fineract's `TaxUtils.splitTax`)."""
    return Decimal(repr(float(amount) * float(percentage) / 100.0))


def times_share(amount_minor: int, of: int, parts: int, scale: int) -> int:
    """`parts` of `of` equal parts of an amount, in minor units (Fineract's `ShareProductDividendAssembler`)."""
    part = parts * (float(Decimal(amount_minor).scaleb(-scale)) / of)
    return int(Decimal(repr(part)).scaleb(scale).to_integral_value(ROUND_HALF_EVEN))
