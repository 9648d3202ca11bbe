"""Charges of a loan: when they fall due and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum

from dirisha.kit.money import Money


class ChargeTime(IntEnum):
    """When a charge falls due."""

    DISBURSEMENT = 1
    SPECIFIED_DUE_DATE = 2
    INSTALLMENT_FEE = 8
    OVERDUE_INSTALLMENT = 9
    TRANCHE_DISBURSEMENT = 12


class ChargeCalculation(IntEnum):
    """What `ChargeTerms.amount` is: an amount, or a percentage of something."""

    FLAT = 1
    PERCENT_OF_AMOUNT = 2
    PERCENT_OF_AMOUNT_AND_INTEREST = 3
    PERCENT_OF_INTEREST = 4
    PERCENT_OF_DISBURSEMENT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeTerms:
    """`amount` is in major units, or a percentage, as `calculation` says."""

    time: ChargeTime
    calculation: ChargeCalculation
    amount: Decimal
    is_penalty: bool = False
    due_on: date | None = None
    least: Money | None = None
    most: Money | None = None
