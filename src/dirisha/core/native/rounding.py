"""How the arithmetic of loans rounds: half to even unless an institution says otherwise, once for an amount.

Source: Apache Fineract's `MoneyHelper` and `Money` (rounding mode 6). The ambient decimal context is never used.
"""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
)
from functools import cache

# Fineract's numbering of the modes an institution may choose from.
ROUNDING_MODES = (
    ROUND_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,
)  # fmt: skip

# Wide enough for any product of an amount (19 digits) and a rate: nothing is lost before the one rounding.
UNROUNDED = Context(prec=60, rounding=ROUND_HALF_EVEN)


@cache
def twelve_digits(mode: str) -> Context:
    """The context of rates under an institution's rounding mode: the reference core divides at so many digits."""
    return Context(prec=12, rounding=mode)
