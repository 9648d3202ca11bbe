"""The one table that turns refusals into this door's words: whether money moved, what next, whom to call."""

from __future__ import annotations

from dirisha.channels.sms.sender import Sender
from dirisha.engine.outcome import Refused
from dirisha.engine.refusals import TryLater
from dirisha.kit.refusal import Refusal


class NotNow(Exception):
    """The books can't be reached: the message waits, and is taken up again."""


def say_refusal(refused: Refused, sender: Sender) -> str:
    """Raises `NotNow` instead of saying so: the same message, taken up later, comes to a better end."""
    if isinstance(refused.refusal, TryLater):
        raise NotNow
    return sender.say(key_of(refused.refusal), **({"reference": refused.reference} | refused.refusal.facts))


def key_of(refusal: Refusal) -> str:
    if refusal.code == "access.wrong_code" and refusal.facts.get("left") == 0:
        return "refusal.access.code_over"
    return f"refusal.{refusal.code}"
