"""What the reference core computes in IEEE double, computed so here as well. Floats live in no other module.

Takes and returns `Decimal`: a double that comes back is its shortest decimal text, which is how Java prints one.
"""

from __future__ import annotations

from decimal import Decimal


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
