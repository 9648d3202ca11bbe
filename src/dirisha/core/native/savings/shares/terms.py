"""A share product and the charges of a share account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import IntEnum

from dirisha.core.native.savings.charge_terms import ChargeCalculation
from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least
from dirisha.core.native.savings.span import Span
from dirisha.kit.money import Currency

# Fineract's `ShareAccountCharge.percentageOf`.
EIGHT_DIGITS = Context(prec=8, rounding=ROUND_HALF_EVEN)


class ShareChargeTime(IntEnum):
    ACTIVATION = 13
    PURCHASE = 14
    REDEMPTION = 15


@dataclass(frozen=True, slots=True)
class ShareChargeTerms:
    """`amount`: minor units of a flat charge, or a percentage of what is bought or redeemed."""

    time: ShareChargeTime
    calculation: ChargeCalculation
    amount: Decimal

    def __post_init__(self) -> None:
        at_least(Rule.AMOUNT_NOT_NEGATIVE, self.amount, 0)

    def on_minor(self, amount_minor: int) -> int:
        if self.calculation is ChargeCalculation.FLAT:
            return int(self.amount)
        share = EIGHT_DIGITS.divide(self.amount, Decimal(100))
        return int(EIGHT_DIGITS.multiply(Decimal(amount_minor), share).to_integral_value(ROUND_HALF_EVEN))


@dataclass(frozen=True, slots=True)
class MarketPrice:
    """What one share costs from a day on, in minor units."""

    since: date
    price_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareTerms:
    """Raises `SavingsRefused`. `least` and `most`: how many shares one client may hold; None: no such limit."""

    currency: Currency
    unit_price_minor: int
    prices: tuple[MarketPrice, ...] = ()
    least: int | None = None
    most: int | None = None
    lock_in: Span | None = None
    charges: tuple[ShareChargeTerms, ...] = ()

    def __post_init__(self) -> None:
        at_least(Rule.AMOUNT_ABOVE_ZERO, self.unit_price_minor, 1)
        for price in self.prices:
            at_least(Rule.AMOUNT_ABOVE_ZERO, price.price_minor, 1)

    def price_minor(self, on: date) -> int:
        """The price of the day: the latest that has begun, else the unit price."""
        begun = [price for price in self.prices if price.since <= on]
        return max(begun, key=lambda price: price.since).price_minor if begun else self.unit_price_minor

    def within_product(self, shares: int) -> None:
        if (self.least is not None and shares < self.least) or (self.most is not None and shares > self.most):
            raise SavingsRefused(Rule.SHARES_WITHIN_PRODUCT, limit=f"{self.least} to {self.most}", given=shares)
