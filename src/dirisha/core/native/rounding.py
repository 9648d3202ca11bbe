"""How the arithmetic of loans rounds: half to even, twelve significant digits for a division, once for an amount.

Source: Apache Fineract's `MoneyHelper` and `Money` (rounding mode 6). The ambient decimal context is never used.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

from dirisha.kit.money import Currency

ROUNDING = ROUND_HALF_EVEN

# Rates are divided at twelve significant digits, as the reference core divides them.
TWELVE_DIGITS = Context(prec=12, rounding=ROUNDING)

# Wide enough for any product of an amount (19 digits) and a rate: nothing is lost before the one rounding.
UNROUNDED = Context(prec=60, rounding=ROUNDING)


def whole(amount: Decimal) -> int:
    """The nearest integer, an exact middle to the even one."""
    return int(amount.to_integral_value(ROUNDING))


def minor_units(amount: Decimal, currency: Currency) -> int:
    """An amount in major units (1023.176) as whole minor units of its currency (102318)."""
    return whole(UNROUNDED.scaleb(amount, currency.scale))


def nearest_multiple(amount: Decimal, multiple: int) -> Decimal:
    """The multiple of `multiple` (major units) that lies nearest; the rounding is on the quotient."""
    return UNROUNDED.multiply(whole(UNROUNDED.divide(amount, multiple)), multiple)
