"""One table: what a refusal looks like on a phone. Each has its words in every language, a number that is never used
again for another, whether money moved, what to do, whom to call; and whether the session goes on."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.channels.ussd.dialog import Dialog, End, show
from dirisha.channels.ussd.words import Say, say
from dirisha.engine.outcome import Refused


@dataclass(frozen=True, slots=True)
class Shown:
    """`number` is the stable code that a person reads out; `ends` where nothing can be put right in this session."""

    number: int
    ends: bool = False


SHOWN: dict[str, Shown] = {
    "input.bad": Shown(10),
    "object.not_found": Shown(11),
    "access.not_permitted": Shown(12, ends=True),
    "system.try_later": Shown(13, ends=True),
    "command.in_progress": Shown(14, ends=True),
    "command.conflict": Shown(15, ends=True),
    "quote.expired": Shown(16),
    "plan.changed": Shown(17),
    "proof.needed": Shown(20),
    "proof.not_on_this_channel": Shown(21),
    "proof.above_sms_cap": Shown(22),
    "access.wrong_secret": Shown(23),
    "access.wrong_code": Shown(24),
    "access.locked_out": Shown(25, ends=True),
    "access.sms_taken": Shown(26),
    "limit.transaction": Shown(30),
    "limit.day": Shown(31),
    "account.not_enough_money": Shown(40),
    "account.not_active": Shown(41),
    "transfer.same_account": Shown(42),
    "loan.not_active": Shown(50),
    "loan.more_than_outstanding": Shown(51),
    "core.refused": Shown(60),
    "core.not_taken": Shown(61),
}

REFERENCE_LETTERS = 6


def refused(step: str, outcome: Refused, *, about_money: bool = True) -> Dialog[End]:
    """The refusal's screen: the last one, or one to go back from."""
    lines = lines_of(outcome, about_money=about_money)
    if SHOWN[outcome.code].ends:
        return End(lines)
    return (yield from show(step, lines))


def lines_of(outcome: Refused, *, about_money: bool) -> tuple[Say, Say, Say]:
    """What happened and what to do; whether money moved; whom to call, with what to tell them."""
    is_unknown = outcome.refusal.facts.get("known") is False
    key = "unknown" if is_unknown else outcome.code
    moved = "unknown" if is_unknown else "no_money" if about_money else "no_change"
    return (
        Say(f"refusal.{key}", outcome.refusal.facts),
        say(f"moved.{moved}"),
        say("call", reference=reference_of(outcome)),
    )


def reference_of(outcome: Refused) -> str:
    """`21-9A12BC`: the refusal's number, and the end of the id under which audit and logs have it.

    What a far core has refused is found by the reference of the instruction, which comes whole.
    """
    found_by = outcome.refusal.facts.get("reference", outcome.reference[-REFERENCE_LETTERS:].upper())
    return f"{SHOWN[outcome.code].number}-{found_by}"
