"""The last lines of a savings account, and each of them in full."""

from __future__ import annotations

from dirisha.channels.ussd.accounts import called, with_balance
from dirisha.channels.ussd.dialog import Dialog, End, choose, look, show
from dirisha.channels.ussd.words import WORDS, Bare, Say, say
from dirisha.core.port import Savings, SavingsLine
from dirisha.queries import accounts

LINES = 10


def statement() -> Dialog[End]:
    mine = yield from look(accounts.mine)
    if not mine:
        return (yield from show("statement.none", [say("balances.none")]))
    account = yield from choose(
        "statement.account", [say("statement.which")], mine, key=lambda each: each.id, label=with_balance
    )
    page = yield from look(accounts.page, savings_id=account.id, size=LINES)
    if not page.lines:
        return (yield from show("statement.empty", [called(account.ref), say("statement.empty")]))
    line = yield from choose(
        "statement.line", [called(account.ref)], page.lines,
        key=lambda each: each.line, label=line_label, skip_single=False,
    )  # fmt: skip
    return (yield from show("statement.detail", detail_lines(account, line)))


def line_label(line: SavingsLine) -> Say:
    return say("statement.line", date=line.business_date, amount=Bare(line.amount), what=_kind(line))


def detail_lines(account: Savings, line: SavingsLine) -> list[Say]:
    return [
        _kind(line),
        say("statement.amount", amount=line.amount, date=line.business_date),
        say("receipt.balance", account=called(account.ref), balance=line.balance),
        *([say("receipt.reference", reference=line.reference)] if line.reference else []),
    ]


def _kind(line: SavingsLine) -> Say:
    key = f"kind.{line.kind}"
    return say(key) if WORDS.has(key) else say("kind.other")
