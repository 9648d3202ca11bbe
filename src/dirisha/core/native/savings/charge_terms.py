"""A charge on a savings account as it is agreed: when it falls due, and how much it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import IntEnum

from dirisha.core.native.rounding import UNROUNDED
from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least


class ChargeTime(IntEnum):
    """Fineract's `ChargeTimeType`, as far as savings accounts have them."""

    DUE_DATE = 2
    ACTIVATION = 3
    WITHDRAWAL = 5
    ANNUAL = 6
    MONTHLY = 7
    WEEKLY = 11


RECURRING = frozenset({ChargeTime.ANNUAL, ChargeTime.MONTHLY, ChargeTime.WEEKLY})


class ChargeCalculation(IntEnum):
    FLAT = 1
    PERCENT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeTerms:
    """`amount`: minor units of a flat charge, or a percentage. `fee_on`: (month, day) of annual and monthly charges.

    `every`: months or weeks between two dues. Raises `SavingsRefused` where a date is missing or the amount negative.
    """

    time: ChargeTime
    amount: Decimal
    calculation: ChargeCalculation = ChargeCalculation.FLAT
    penalty: bool = False
    due_on: date | None = None
    fee_on: tuple[int, int] | None = None
    every: int = 1

    def __post_init__(self) -> None:
        at_least(Rule.AMOUNT_NOT_NEGATIVE, self.amount, 0)
        at_least(Rule.SPAN_ABOVE_ZERO, self.every, 1)
        if self.calculation is ChargeCalculation.FLAT and self.amount != self.amount.to_integral_value():
            raise SavingsRefused(Rule.AMOUNT_NOT_NEGATIVE, limit="whole minor units", given=self.amount)
        needs_date = self.time in {ChargeTime.DUE_DATE, ChargeTime.WEEKLY}
        needs_month_day = self.time in {ChargeTime.ANNUAL, ChargeTime.MONTHLY}
        if (needs_date and self.due_on is None) or (needs_month_day and self.fee_on is None):
            raise SavingsRefused(Rule.CHARGE_NEEDS_DATE, limit="a date", given=self.time.name.lower())

    @property
    def flat_minor(self) -> int:
        """A percentage has no amount before something is withdrawn."""
        return int(self.amount) if self.calculation is ChargeCalculation.FLAT else 0

    def on_amount_minor(self, withdrawn_minor: int) -> int:
        if self.calculation is ChargeCalculation.FLAT:
            return int(self.amount)
        fee = UNROUNDED.multiply(withdrawn_minor, UNROUNDED.scaleb(self.amount, -2))
        return int(fee.to_integral_value(ROUND_HALF_EVEN))
