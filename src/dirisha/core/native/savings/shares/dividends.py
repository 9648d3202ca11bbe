"""A dividend divided among share accounts by how many shares each held for how many days.

Source: Fineract's `ShareProductDividendAssembler`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from dirisha.core.native.doubles import times_share
from dirisha.core.native.savings.refusals import Rule, at_least, not_before
from dirisha.core.native.savings.shares.state import RequestStatus, ShareKind, ShareState
from dirisha.kit.money import Currency


def share_days(state: ShareState, start: date, end: date, least_active_days: int = 0) -> int:
    """Shares times days from `start` to `end`; a purchase too young at the end does not count."""
    days = held = 0
    since: date | None = None
    for line in state.transactions:
        if line.status is not RequestStatus.APPROVED or line.kind is ShareKind.CHARGE_PAYMENT:
            continue
        on = max(line.on, start)
        if line.kind is ShareKind.PURCHASE and (end - on).days < least_active_days:
            continue
        if since is not None:
            days += (on - since).days * held
        since = on
        held += line.shares if line.kind is ShareKind.PURCHASE else -line.shares
    return days + ((end - since).days * held if since is not None else 0)


def dividends(
    accounts: Mapping[str, ShareState],
    amount_minor: int,
    start: date,
    end: date,
    currency: Currency,
    least_active_days: int = 0,
) -> dict[str, int]:
    """Minor units for each account, each rounded by itself as the reference core does: the sum may miss by a few units.

    Raises `SavingsRefused` for an amount or period that is none.
    """
    at_least(Rule.AMOUNT_ABOVE_ZERO, amount_minor, 1)
    not_before(Rule.DATE_IN_FUTURE, end, start)
    days = {account: share_days(state, start, end, least_active_days) for account, state in accounts.items()}
    total = sum(days.values())
    if total <= 0:
        return {}
    return {account: times_share(amount_minor, total, held, currency.scale) for account, held in days.items()}
