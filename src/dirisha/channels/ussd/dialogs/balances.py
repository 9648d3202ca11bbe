"""What is in each savings account."""

from __future__ import annotations

from dirisha.channels.ussd.accounts import with_balance
from dirisha.channels.ussd.dialog import Dialog, End, look, show
from dirisha.channels.ussd.words import say
from dirisha.queries import accounts


def balances() -> Dialog[End]:
    mine = yield from look(accounts.mine)
    if not mine:
        return (yield from show("balances.none", [say("balances.none")]))
    return (yield from show("balances", [with_balance(account) for account in mine]))
