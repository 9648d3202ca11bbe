"""A phone's open call as the page carries it from one request to the next: sealed, since the PIN was typed in it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from uuid import uuid4

import httpx
import orjson
from cryptography.fernet import InvalidToken

from dirisha.access.keys import decrypt, encrypt
from dirisha.simulators.africastalking.phone import Phone, ussd_form

NO_NETWORK = "No network. Nothing was sent."
NOT_IN_SERVICE = "This code is not in service. Dial {code}"


@dataclass(frozen=True, slots=True)
class Line:
    """`screen` is what the phone shows; `is_open` while it waits for an answer."""

    session: str = ""
    inputs: tuple[str, ...] = field(default=(), repr=False)
    screen: str = field(default="", repr=False)
    is_open: bool = False

    def sealed(self) -> str:
        return encrypt(orjson.dumps(asdict(self))).decode()

    @classmethod
    def unsealed(cls, text: str) -> Line:
        """An idle phone for anything that this institution did not seal."""
        try:
            stored = orjson.loads(decrypt(text.encode()))
        except (InvalidToken, ValueError):
            return IDLE
        return cls(stored["session"], tuple(stored["inputs"]), stored["screen"], stored["is_open"])


IDLE = Line()


def dial(phone: Phone, typed: str, code: str) -> Line:
    """A new session, where `typed` is the institution's code, or goes on from it: `*384*1#` for `*384#`."""
    compact = typed.replace(" ", "")
    if compact != code and not (compact.startswith(f"{code[:-1]}*") and compact.endswith("#")):
        return Line(screen=NOT_IN_SERVICE.format(code=code))
    behind = compact[len(code) : -1]
    return _turn(phone, code, Line(f"ATUid_{uuid4().hex}", tuple(behind.split("*")) if behind else ()))


def answer(phone: Phone, line: Line, typed: str, code: str) -> Line:
    return _turn(phone, code, replace(line, inputs=(*line.inputs, typed)))


def _turn(phone: Phone, code: str, line: Line) -> Line:
    try:
        status, body = phone.post(f"{phone.hooks}/ussd", ussd_form(line.session, phone.msisdn, code, list(line.inputs)))
    except httpx.HTTPError:
        return replace(line, screen=NO_NETWORK, is_open=False)
    if status != 200 or body[:4] not in ("CON ", "END "):
        return replace(line, screen=f"The service answered with an error ({status}).", is_open=False)
    return replace(line, screen=body[4:], is_open=body.startswith("CON "))
