"""USSD by Africa's Talking: a form post a turn, answered by text that begins with `CON` or `END`.

Nothing is signed: the hook's secret path and the source address are all that vouches for `phoneNumber`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dirisha.carriers.port import NotUssd, Screen, UssdEnded, UssdTurn
from dirisha.kit.phone import Msisdn

SESSION_ID = re.compile(r"[!-~]{1,128}")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
STATUSES = frozenset({"Success", "Incomplete", "Failed"})
# Forty answers of a whole screen each; a gateway that sends more is none.
LONGEST_TEXT = 8000


class Ussd:
    """The USSD half of the gateway."""

    def read_turn(self, form: Mapping[str, str]) -> UssdTurn:
        # A plus that was not escaped arrives as a space.
        phone = "+" + form.get("phoneNumber", "").strip().removeprefix("+")
        text = form.get("text", "")
        if not E164.fullmatch(phone) or len(text) > LONGEST_TEXT:
            raise NotUssd
        return UssdTurn(_session(form), Msisdn(phone), text)

    def read_ended(self, form: Mapping[str, str]) -> UssdEnded:
        """`input` and `lastAppResponse` hold what was typed and shown, so they are not even read."""
        status = form.get("status", "")
        return UssdEnded(
            _session(form),
            status if status in STATUSES else "other",
            _figure(form.get("hopsCount", "")),
            _figure(form.get("durationInMillis", "")),
        )

    def written(self, screen: Screen) -> tuple[str, str]:
        return f"{'END' if screen.ends else 'CON'} {screen.text}", "text/plain; charset=utf-8"


def _session(form: Mapping[str, str]) -> str:
    session = form.get("sessionId", "")
    if not SESSION_ID.fullmatch(session):
        raise NotUssd
    return session


def _figure(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
