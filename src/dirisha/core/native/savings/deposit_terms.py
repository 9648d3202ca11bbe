"""The terms of a fixed or recurring deposit: how much for how long, at which chart, and what leaving early costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum

from dirisha.core.native.savings.charts import Chart
from dirisha.core.native.savings.refusals import Rule, at_least, not_after, not_before
from dirisha.core.native.savings.span import Span


class PenaltyBasis(IntEnum):
    """Which term's rate the penalty is taken off: the agreed one, or the one that was really kept."""

    WHOLE_TERM = 1
    TILL_CLOSING = 2


@dataclass(frozen=True, slots=True)
class PrematurePenalty:
    """Percentage points off the yearly rate on closing early; the rate does not fall below zero."""

    percentage: Decimal
    basis: PenaltyBasis

    def __post_init__(self) -> None:
        at_least(Rule.PERCENTAGE, self.percentage, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """An installment `every` so often from `first_on` (None: activation) on.

    `advance_pays_future`: what exceeds the installments due goes to later ones. `withdrawals`: they are allowed.
    """

    installment_minor: int
    every: Span
    first_on: date | None = None
    advance_pays_future: bool = True
    withdrawals: bool = False

    def __post_init__(self) -> None:
        at_least(Rule.AMOUNT_ABOVE_ZERO, self.installment_minor, 1)


class AtMaturity(IntEnum):
    """What becomes of the money (Fineract's `DepositAccountOnClosureType`)."""

    WITHDRAW = 100
    TRANSFER_TO_SAVINGS = 200
    REINVEST_ALL = 300
    REINVEST_PRINCIPAL = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositTerms:
    """`amount_minor` of a fixed deposit; a recurring one adds up its installments.

    `interest_paid_out`: posted interest goes to another account and does not compound.
    Raises `SavingsRefused`; whether the term lies within `shortest` and `longest` depends on its first day (`check`).
    """

    term: Span
    chart: Chart
    amount_minor: int = 0
    penalty: PrematurePenalty | None = None
    interest_paid_out: bool = False
    shortest: Span | None = None
    longest: Span | None = None
    recurring: Recurring | None = None
    at_maturity: AtMaturity = AtMaturity.WITHDRAW

    def __post_init__(self) -> None:
        if self.recurring is None:
            at_least(Rule.AMOUNT_ABOVE_ZERO, self.amount_minor, 1)

    def check(self, start: date) -> None:
        """Raises `SavingsRefused` for a term too short or too long."""
        maturity = self.term.after(start)
        if self.shortest is not None:
            not_before(Rule.DEPOSIT_TERM, maturity, self.shortest.after(start))
        if self.longest is not None:
            not_after(Rule.DEPOSIT_TERM, maturity, self.longest.after(start))
