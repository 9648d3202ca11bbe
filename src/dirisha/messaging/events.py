"""Every event that a person may be told of, with the variables of its text.

Money is carried as `Money`, rendered in the reader's language when the row is handed over. Account numbers are masked
before they come here; codes travel encrypted, beside the variables and never among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, ClassVar

from dirisha.kit.ids import ClientId, UserId
from dirisha.kit.money import Money
from dirisha.kit.packed import pack, unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """To a user, or to the user of a client. Exactly one of the two is set."""

    name: ClassVar[str]
    user: UserId | None = None
    client: ClientId | None = None

    def variables(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("user", "client", "code")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaid(Event):
    """`balance` is the source account's after the payment; `left` is what is still owed in all."""

    name: ClassVar[str] = "repaid"
    amount: Money
    loan: str
    account: str
    balance: Money
    left: Money
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred(Event):
    name: ClassVar[str] = "transferred"
    amount: Money
    source: str
    target: str
    balance: Money
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited(Event):
    name: ClassVar[str] = "deposited"
    amount: Money
    account: str
    balance: Money
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disbursed(Event):
    name: ClassVar[str] = "disbursed"
    amount: Money
    account: str
    installment: Money
    first_due: date
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSent(Event):
    """A one-time code; `code` goes into the encrypted part of the row and nowhere else.

    `channel` is the door that asked for it: by SMS the code is the answer to the message, elsewhere it is typed there.
    """

    name: ClassVar[str] = "code"
    channel: str
    amount: Money
    fee: Money
    source: str
    payee: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLocked(Event):
    """`secret` is `pin` or `password`; `until` is when it opens again by itself."""

    name: ClassVar[str] = "access_locked"
    secret: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessUnlocked(Event):
    name: ClassVar[str] = "access_unlocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled(Event):
    """`login` is the name to log in by. Secrets are handed over at the branch, never by message."""

    name: ClassVar[str] = "enrolled"
    login: str
    dial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsSwitched(Event):
    """`on` picks the text: SMS banking is on, or off."""

    name: ClassVar[str] = "sms_switched"
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMade(Event):
    """Money that was on its way has not moved after all. `why` is a refusal's code: it picks the text."""

    name: ClassVar[str] = "not_made"
    amount: Money
    target: str
    why: str
    reference: str


EVENTS: tuple[type[Event], ...] = (
    Repaid, Transferred, Deposited, Disbursed, NotMade, CodeSent, AccessLocked, AccessUnlocked, Enrolled, SmsSwitched,
)  # fmt: skip


def stored(event: Event) -> dict[str, Any]:
    """A notice that is told later, as JSON. Not for codes."""
    return {
        "event": event.name,
        "user": event.user,
        "client": event.client,
        "variables": pack(event.variables()),
    }


def restored(packed: dict[str, Any]) -> Event:
    kind = next(each for each in EVENTS if each.name == packed["event"])
    return kind(user=packed["user"], client=packed["client"], **unpack(packed["variables"]))
