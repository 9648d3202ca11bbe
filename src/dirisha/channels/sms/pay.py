"""`PAY 500` and the code that confirms it. The code goes to the person's phone, whoever sent the message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from dirisha.access.secrets import Secret, SecretKind
from dirisha.acts.access.send_code import send_code
from dirisha.acts.loans.repay import repay
from dirisha.channels.sms import inbound
from dirisha.channels.sms.inbound import Message
from dirisha.channels.sms.keywords import Wish
from dirisha.channels.sms.refusals import say_refusal
from dirisha.channels.sms.sender import Sender
from dirisha.core.port import AccountStatus, Savings
from dirisha.engine.outcome import Pending, Refused
from dirisha.engine.run import confirm, latest_quote, quote, run
from dirisha.kit.actor import Channel
from dirisha.kit.money import Money, NotMoney
from dirisha.queries import accounts, loans
from dirisha.queries.ask import ask
from dirisha.tenants.current import current


def ask_for_code(wish: Wish, sender: Sender, message: Message, at: datetime) -> str | None:
    """Quote a repayment of the most urgent loan; the code's own message is the answer."""
    if message.quote is not None:
        return _send_code(message.quote, sender, message, at)
    amount = _amount(wish)
    if amount is None:
        return sender.say("pay.usage", currency=current().currency_code)
    standings = ask(loans.to_pay, sender.actor, at=at)
    if not standings:
        return sender.say("pay.no_loan")
    savings = ask(accounts.mine, sender.actor, at=at)
    source = _source(savings, amount + current().fee(repay.name, Channel.SMS))
    if source is None:
        return sender.say("pay.no_account")
    quoted = quote(
        repay, sender.actor, at=at, loan_id=standings[0].loan.id, source_id=source.id, amount=amount
    )  # fmt: skip
    if isinstance(quoted, Refused):
        return say_refusal(quoted, sender)
    inbound.remember_quote(message, quoted.id)
    return _send_code(quoted.id, sender, message, at)


def _amount(wish: Wish) -> Money | None:
    institution = current()
    if wish.currency not in ("", institution.currency_code.upper(), institution.currency_symbol.upper()):
        return None
    try:
        return Money.parse(wish.amount, institution.currency)
    except NotMoney:
        return None


def _source(savings: Sequence[Savings], wanted: Money) -> Savings | None:
    """The oldest open account that has the money; else the one that has most, which the refusal will name."""
    active = [each for each in savings if each.status is AccountStatus.ACTIVE]
    enough = [each for each in active if each.available >= wanted]
    if enough:
        return min(enough, key=lambda each: each.id)
    return max(active, key=lambda each: each.available, default=None)


def _send_code(quote_id: UUID, sender: Sender, message: Message, at: datetime) -> str | None:
    sent = run(send_code, sender.actor, at=at, key=str(message.id), quote_id=quote_id)
    return say_refusal(sent, sender) if isinstance(sent, Refused) else None


def confirm_by_code(wish: Wish, sender: Sender, message: Message, at: datetime) -> str | None:
    """Carry out the newest payment that waits for a code; its notice is the answer, now or when it is made."""
    quote_id = message.quote or latest_quote(sender.actor, at=at)
    if quote_id is None:
        return sender.say("code.nothing_waiting")
    if message.quote is None:
        inbound.remember_quote(message, quote_id)
    code = Secret(SecretKind.CODE, wish.code, attempt=str(message.id))
    outcome = confirm(quote_id, sender.actor, at=at, proof=code)
    if isinstance(outcome, Pending):
        order = outcome.instruction.order
        return sender.say(
            "code.on_its_way", amount=order.amount, target=order.target.account.masked, reference=outcome.reference
        )
    if not isinstance(outcome, Refused):
        return None
    if outcome.quote is not None:
        _send_code(outcome.quote.id, sender, message, at)
    return say_refusal(outcome, sender)
