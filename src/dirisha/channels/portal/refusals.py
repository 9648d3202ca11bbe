"""The one table that turns refusals into the portal's words: what happened, whether money moved, what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.channels.portal.speech import Speech
from dirisha.engine.outcome import Refused
from dirisha.kit.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Explained:
    """`moved` is whether money moved; `reference` is what a person reads out on the telephone, with the code."""

    code: str
    said: str
    moved: str
    next: str
    reference: str
    is_known: bool = True


# What the person typed, by field and reason; what a page never sends by itself is told in general words.
FIELDS = frozenset({"amount", "source_id", "target_id", "login_name", "password", "code", "language"})


def explain(refused: Refused, speech: Speech, *, key: str = "") -> Explained:
    """`key` is for words that fit the page better than those of the code."""
    refusal = refused.refusal
    is_known = bool(refusal.facts.get("known", True))
    key = key or key_of(refusal)
    facts = {"number": speech.institution.help_number} | refusal.facts
    return Explained(
        code=refusal.code,
        said=speech.say(f"{key}.said", **facts),
        moved=speech.say("money.nothing_moved" if is_known else "money.not_known"),
        next=speech.say(f"{key}.next", **facts),
        # What a far core has refused is found by the instruction's own reference.
        reference=str(facts.get("reference", refused.reference)),
        is_known=is_known,
    )


# What is not the input's fault; the rest is 422.
STATUS = {
    "system.try_later": 503,
    "access.locked_out": 429,
    "access.not_permitted": 403,
    "object.not_found": 404,
    "quote.expired": 409,
    "plan.changed": 409,
    "command.conflict": 409,
    "command.in_progress": 409,
}


def status_of(refused: Refused) -> int:
    return STATUS.get(refused.code, 422)


def key_of(refusal: Refusal) -> str:
    """Where the texts of a refusal stand; a few have a second form."""
    if refusal.code == "system.try_later" and not refusal.facts.get("known", True):
        return "refusal.system.not_known"
    if refusal.code == "access.wrong_code" and refusal.facts.get("left") == 0:
        return "refusal.access.code_over"
    return f"refusal.{refusal.code}"


def say_input(speech: Speech, field: str, reason: str) -> str:
    """What is wrong with one field, beside it and in the summary."""
    if field not in FIELDS:
        return speech.say("input.any")
    specific = f"input.{field}.{reason}"
    return speech.say(specific if speech.knows(specific) else f"input.{field}.malformed")
