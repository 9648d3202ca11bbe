"""The end of every payment: a quote, its terms to read, the proof; then the receipt, that it is on its way, or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dirisha.access.secrets import WrongSecret
from dirisha.channels.ussd.accounts import called
from dirisha.channels.ussd.dialog import Dialog, End, Offer, confirm, quoted
from dirisha.channels.ussd.refusals import refused
from dirisha.channels.ussd.words import Say, say
from dirisha.core.port import Receipt
from dirisha.engine.act import MoneyAct
from dirisha.engine.outcome import Done, Pending, Refused
from dirisha.engine.plan import Quoted
from dirisha.engine.policy import Need
from dirisha.engine.refusals import ProofNeeded
from dirisha.payments.instructions import Instruction


def pay(
    name: str, act: MoneyAct[Any], receipt_lines: Callable[[Receipt], tuple[Say, ...]], **inputs: Any
) -> Dialog[End]:
    """`name` begins the steps' names and the keys of the texts (`repay.confirm` …)."""
    offer = yield from quoted(f"{name}.quote", act, **inputs)
    if isinstance(offer, Refused):
        return (yield from refused(f"{name}.refused", offer))
    note = None
    while True:
        outcome = yield from confirm(f"{name}.confirm", offer, lambda *shown: terms_lines(name, *shown), note)
        if isinstance(outcome, Done):
            return End(receipt_lines(outcome.result))
        if isinstance(outcome, Pending):
            return End(on_its_way_lines(outcome.instruction))
        if outcome.quote is not None:
            offer, note = Offer.of(outcome.quote), say("confirm.changed")
        elif isinstance(outcome.refusal, WrongSecret):
            note = say("pin.wrong", left=outcome.refusal.facts["left"])
        elif isinstance(outcome.refusal, ProofNeeded):
            offer, note = replace(offer, need=Need.PIN), say("confirm.pin_now")
        else:
            return (yield from refused(f"{name}.refused", outcome))


def on_its_way_lines(instruction: Instruction) -> tuple[Say, ...]:
    """What happens next, and that it is not to be paid once more meanwhile."""
    order = instruction.order
    return (
        say("on_its_way.to", amount=order.amount, account=called(order.target.account)),
        say("on_its_way.next"),
        say("call", reference=order.reference),
    )


def balance_lines(receipt: Receipt) -> tuple[Say, ...]:
    """None where the core has moved the money and has not told its balance yet: the SMS will."""
    if receipt.balance_after is None or receipt.source is None:
        return ()
    return (say("receipt.balance", account=called(receipt.source), balance=receipt.balance_after),)


def terms_lines(name: str, terms: Quoted, need: Need) -> tuple[Say, ...]:
    """Amount, to, from and fee, as the proof covers them, and what to type."""
    assert terms.source is not None
    fee = say("confirm.fee", fee=terms.fee) if terms.fee.is_positive else say("confirm.no_fee")
    return (
        say(f"{name}.confirm", amount=terms.amount),
        say("confirm.to", account=called(terms.target)),
        say("confirm.from", account=called(terms.source)),
        fee,
        say("confirm.press") if need is Need.PRESSED else say("confirm.pin"),
    )
