"""Rounding an amount of a loan: to its currency, to the currency's multiple, to the product's installment multiple.

Everything is in minor units; the rounding mode is the institution's. Source: Fineract's `Money` and `MoneyHelper`,
loan-math §1: an amount is rounded once, from the unrounded product or quotient.
"""

from __future__ import annotations

from decimal import Decimal

from dirisha.core.native.loans.terms import LoanTerms
from dirisha.core.native.rounding import UNROUNDED, twelve_digits


class Amounts:
    """What rounds the amounts of one loan."""

    __slots__ = ("currency_multiple", "digits", "installment_multiple", "mode", "scale")

    def __init__(self, terms: LoanTerms) -> None:
        self.scale = terms.principal.currency.scale
        self.mode = terms.rounding
        self.digits = twelve_digits(terms.rounding)
        # Multiples of a currency are for those without decimals (loan-math §1).
        self.currency_multiple = (terms.currency_multiple or 0) if self.scale == 0 else 0
        self.installment_multiple = (terms.installment_multiple or 0) * 10**self.scale

    def from_major(self, amount: Decimal) -> int:
        """An amount in major units (1023.176) as minor units (102318)."""
        return self.rounded(UNROUNDED.scaleb(amount, self.scale))

    def rounded(self, minor: Decimal) -> int:
        """Unrounded minor units, to the currency and its multiple."""
        if self.currency_multiple and minor > 0:
            return _nearest_up(minor, self.currency_multiple)
        return int(minor.to_integral_value(self.mode))

    def times(self, minor: int, factor: Decimal) -> int:
        """The product, rounded once to the currency, then to its multiple."""
        product = int(UNROUNDED.multiply(minor, factor).to_integral_value(self.mode))
        return self._in_currency_multiple(product)

    def percent(self, minor: int, percentage: Decimal) -> int:
        return self.times(minor, UNROUNDED.scaleb(percentage, -2))

    def share(self, minor: int, count: int) -> int:
        """One of `count` equal shares."""
        if count == 1:
            return minor
        quotient = UNROUNDED.divide(minor, count)
        return self._in_currency_multiple(int(quotient.to_integral_value(self.mode)))

    def in_installment_multiple(self, minor: int) -> int:
        """The nearest of the product's multiples; the rounding mode decides on the quotient."""
        if not self.installment_multiple:
            return minor
        multiples = int(UNROUNDED.divide(minor, self.installment_multiple).to_integral_value(self.mode))
        return self._in_currency_multiple(multiples * self.installment_multiple)

    def installment_from_major(self, amount: Decimal) -> int:
        """An unrounded installment in major units: to the product's multiple first, then to the currency's."""
        if not self.installment_multiple:
            return self.from_major(amount)
        minor = UNROUNDED.scaleb(amount, self.scale)
        multiples = int(UNROUNDED.divide(minor, self.installment_multiple).to_integral_value(self.mode))
        return self._in_currency_multiple(multiples * self.installment_multiple)

    def _in_currency_multiple(self, minor: int) -> int:
        if self.currency_multiple and minor > 0:
            return _nearest_up(Decimal(minor), self.currency_multiple)
        return minor


def _nearest_up(minor: Decimal, multiple: int) -> int:
    """The nearest multiple, an exact middle to the upper one."""
    below = int(minor // multiple) * multiple
    return below if below + multiple - minor > minor - below else below + multiple
