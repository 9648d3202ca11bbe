"""Limits of an institution, as rules over what a client moves. Amounts in minor units of its currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from dirisha.kit.actor import Channel
from dirisha.kit.money import Money
from dirisha.kit.refusal import Final
from dirisha.tenants.institution import Institution


class OverTransactionLimit(Final):
    """One act through this door may not move so much. Facts: `limit`."""

    code = "limit.transaction"


class OverDailyLimit(Final):
    """The client's day, or the door's, is used up. Facts: `limit`, `left`."""

    code = "limit.day"


@dataclass(frozen=True, slots=True)
class DayRule:
    """`name` is what limit use is kept under: `day` over all doors, `day.ussd` for one."""

    name: str
    cap: Money


def day_rules(institution: Institution, channel: Channel) -> tuple[DayRule, ...]:
    limits = institution.limits
    caps: tuple[tuple[str, Decimal | None], ...] = (
        ("day", limits.day),
        (f"day.{channel.value}", limits.of(channel).day),
    )
    return tuple(DayRule(name, institution.money(cap)) for name, cap in caps if cap is not None)


def check(institution: Institution, channel: Channel, amount: Money, used: Mapping[str, int]) -> None:
    """Raises the first limit that `amount` would pass. `used` is minor units by rule, read under the payer's lock."""
    most = institution.limits.of(channel).transaction
    if most is not None and amount > institution.money(most):
        raise OverTransactionLimit(limit=institution.money(most))
    for rule in day_rules(institution, channel):
        left = rule.cap.minor - used.get(rule.name, 0)
        if amount.minor > left:
            raise OverDailyLimit(limit=rule.cap, left=Money(max(left, 0), amount.currency))
