"""Interest charts: the yearly rate of a deposit by how long and how much is put away.

Source: Fineract's `DepositAccountInterestRateChart`, `InterestRateChartSlabFields`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least
from dirisha.core.native.savings.span import Unit, whole_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Slab:
    """A rate for deposits of `from_period` to `to_period` whole units and of amounts in minor units; None: no end."""

    annual_rate: Decimal
    unit: Unit
    from_period: int
    to_period: int | None = None
    from_minor: int | None = None
    to_minor: int | None = None

    def covers(self, amount_minor: int, start: date, end: date) -> bool:
        periods = whole_units(start, end, self.unit)
        return _within(periods, self.from_period, self.to_period) and _within(
            amount_minor, self.from_minor, self.to_minor
        )


def _within(given: int, least: int | None, most: int | None) -> bool:
    return (least is None or given >= least) and (most is None or given <= most)


@dataclass(frozen=True, slots=True)
class Chart:
    """Slabs in order; raises `SavingsRefused` for a negative rate."""

    slabs: tuple[Slab, ...]

    def __post_init__(self) -> None:
        for slab in self.slabs:
            at_least(Rule.INTEREST_RATE, slab.annual_rate, 0)

    def rate(self, amount_minor: int, start: date, end: date) -> Decimal:
        """The percentage a year for money put away from `start` to `end`; 0 where no slab covers it."""
        return next((slab.annual_rate for slab in self.slabs if slab.covers(amount_minor, start, end)), Decimal(0))

    def offered_rate(self, amount_minor: int, start: date, end: date) -> Decimal:
        """As `rate`; raises `SavingsRefused` where the chart offers none."""
        rate = self.rate(amount_minor, start, end)
        if not rate:
            raise SavingsRefused(Rule.CHART_HAS_NO_RATE, limit="a slab of the chart", given=f"{amount_minor} to {end}")
        return rate
