"""How accounts and dates are called on a phone."""

from __future__ import annotations

from dirisha.channels.ussd.words import Say, say
from dirisha.core.port import AccountRef, Savings

# Longer names are clipped: the digits behind them tell accounts apart.
LONGEST_NAME = 24


def called(account: AccountRef) -> Say:
    return say("account", name=account.name[:LONGEST_NAME].rstrip(), number=account.masked)


def with_balance(account: Savings) -> Say:
    return say("account_with_balance", account=called(account.ref), balance=account.balance)
