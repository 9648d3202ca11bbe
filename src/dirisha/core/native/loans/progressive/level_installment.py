"""The installment that repays a balance over periods whose rates differ.

With f = 1 + rate of a period: E = balance * f1 * f2 * ... * fn / (1 + fn * (1 + fn-1 * (... (1 + f2)))).
Source: Fineract's `ProgressiveEMICalculator.calculateEMIOnPeriods`; loan-math §13.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dirisha.core.native.loans.amounts import Amounts

ONE = Decimal(1)


def level_installment(balance_minor: int, rates: Sequence[Decimal], amounts: Amounts) -> int:
    """In minor units, rounded to the currency and then to the product's multiple; twelve digits until then."""
    digits = amounts.digits
    growth = shares = digits.add(ONE, 0)
    for number, rate in enumerate(rates, 1):
        factor = ONE + rate
        growth = digits.multiply(growth, factor)
        if number > 1:
            shares = digits.add(ONE, digits.multiply(shares, factor))
    balance = Decimal(balance_minor).scaleb(-amounts.scale)
    installment = digits.divide(digits.multiply(growth, balance), shares)
    return amounts.in_installment_multiple(amounts.from_major(installment))
