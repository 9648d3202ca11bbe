"""Move money between two savings accounts of one's own."""

from __future__ import annotations

from dirisha.acts.transfers.own import own
from dirisha.channels.ussd.accounts import called, with_balance
from dirisha.channels.ussd.dialog import Dialog, End, ask_money, choose, look, show
from dirisha.channels.ussd.dialogs.pay import balance_lines, pay
from dirisha.channels.ussd.words import Say, say
from dirisha.core.port import AccountStatus, Receipt
from dirisha.queries import accounts


def move_money() -> Dialog[End]:
    mine = yield from look(accounts.mine)
    active = [account for account in mine if account.status is AccountStatus.ACTIVE]
    if len(active) < 2:
        return (yield from show("move.none", [say("move.none")]))
    source = yield from choose("move.source", [say("move.from")], active, key=lambda each: each.id, label=with_balance)
    others = [account for account in active if account.id != source.id]
    target = yield from choose("move.target", [say("move.to")], others, key=lambda each: each.id, label=with_balance)
    lines = [say("move.amount", source=called(source.ref), target=called(target.ref))]
    amount = yield from ask_money("move.amount", lines, source.balance.currency, {})
    return (yield from pay("move", own, receipt_lines, source_id=source.id, target_id=target.id, amount=amount))


def receipt_lines(receipt: Receipt) -> tuple[Say, ...]:
    return (
        say("move.done", amount=receipt.amount, target=called(receipt.target)),
        *balance_lines(receipt),
        say("receipt.reference", reference=receipt.reference),
    )
