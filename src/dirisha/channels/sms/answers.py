"""What is answered to each keyword. None is silence: another message, or nothing at all, is the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from dirisha.acts.messaging.start import start
from dirisha.acts.messaging.stop import stop
from dirisha.channels.sms import pay
from dirisha.channels.sms.inbound import Message
from dirisha.channels.sms.keywords import Wish, Word
from dirisha.channels.sms.refusals import say_refusal
from dirisha.channels.sms.sender import Sender
from dirisha.core.port import AccountStatus
from dirisha.engine.act import Act
from dirisha.engine.outcome import Refused
from dirisha.engine.run import latest_quote, run
from dirisha.kit.gsm7 import sms_parts
from dirisha.queries import accounts, loans
from dirisha.queries.ask import ask
from dirisha.queries.loans import LoanStanding

Answer = Callable[[Wish, Sender, Message, datetime], str | None]


def answer(wish: Wish, sender: Sender, message: Message, at: datetime) -> str | None:
    """Raises one of `AWAY`, or `NotNow`, while the books can't be reached."""
    if wish.word in NEEDS_BANKING and not sender.banks:
        return sender.say("not_on")
    return ANSWERS[wish.word](wish, sender, message, at)


def _balance(wish: Wish, sender: Sender, message: Message, at: datetime) -> str:
    savings = [each for each in ask(accounts.mine, sender.actor, at=at) if each.status is not AccountStatus.CLOSED]
    if not savings:
        return sender.say("balance.none")
    lines = [sender.say("balance.line", account=each.ref.masked, balance=each.balance) for each in savings]
    return _fitting(sender, lines)


def _fitting(sender: Sender, lines: Sequence[str]) -> str:
    """As many lines as one message holds, and how many more there are."""
    for shown in range(len(lines), 1, -1):
        text = "\n".join([*lines[:shown], _last_line(sender, more=len(lines) - shown)])
        if sms_parts(text) == 1:
            return text
    return "\n".join([lines[0], _last_line(sender, more=len(lines) - 1)])


def _last_line(sender: Sender, *, more: int) -> str:
    return sender.say("balance.more", more=more) if more else sender.say("balance.end")


def _loan(wish: Wish, sender: Sender, message: Message, at: datetime) -> str:
    standings = ask(loans.to_pay, sender.actor, at=at)
    if not standings:
        return sender.say("loan.none")
    more = sender.say("loan.more", count=len(standings) - 1) if len(standings) > 1 else ""
    return _most_urgent(sender, standings[0]) + more


def _most_urgent(sender: Sender, standing: LoanStanding) -> str:
    to_pay = standing.to_pay
    key = "loan.late" if to_pay.late_since else "loan.due" if to_pay.due_now.total.is_positive else "loan.next"
    return sender.say(
        key,
        loan=f"{standing.loan.name} {standing.loan.ref.masked}",
        due=to_pay.due_now.total,
        since=to_pay.late_since,
        next=to_pay.next_due.total,
        on=to_pay.next_due_on,
        left=to_pay.outstanding.total,
        plain=to_pay.due_now.total.plain(),
    )


def _help(wish: Wish, sender: Sender, message: Message, at: datetime) -> str:
    return sender.say("help.banking" if sender.banks else "help.other")


def _unknown(wish: Wish, sender: Sender, message: Message, at: datetime) -> str:
    return sender.say("unknown" if sender.banks else "help.other")


def _number(wish: Wish, sender: Sender, message: Message, at: datetime) -> str:
    return sender.say("number")


def _stop(wish: Wish, sender: Sender, message: Message, at: datetime) -> str | None:
    """Confirmed once: a second STOP changes nothing, and stays without answer."""
    return _switched(stop, sender, message, at, changed="stopped", otherwise=None)


def _start(wish: Wish, sender: Sender, message: Message, at: datetime) -> str | None:
    otherwise = "help.banking" if sender.banks else "help.other"
    return _switched(start, sender, message, at, changed="started", otherwise=otherwise)


def _switched(
    act: Act[bool], sender: Sender, message: Message, at: datetime, *, changed: str, otherwise: str | None
) -> str | None:
    outcome = run(act, sender.actor, at=at, key=str(message.id))
    if isinstance(outcome, Refused):
        return say_refusal(outcome, sender)
    key = changed if outcome.result else otherwise
    return None if key is None else sender.say(key)


def _cancel(wish: Wish, sender: Sender, message: Message, at: datetime) -> str | None:
    """Between `PAY` and its code the word is about the payment, at any other time about all messages."""
    if sender.banks and latest_quote(sender.actor, at=at) is not None:
        return sender.say("cancel.waiting")
    return _stop(wish, sender, message, at)


NEEDS_BANKING = frozenset({Word.BALANCE, Word.LOAN, Word.PAY, Word.CODE})
ANSWERS: dict[Word, Answer] = {
    Word.BALANCE: _balance,
    Word.LOAN: _loan,
    Word.PAY: pay.ask_for_code,
    Word.CODE: pay.confirm_by_code,
    Word.HELP: _help,
    Word.STOP: _stop,
    Word.START: _start,
    Word.CANCEL: _cancel,
    Word.NUMBER: _number,
    Word.UNKNOWN: _unknown,
}
