"""Writing to the outbox, in the transaction of the act that has something to say."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, StrEnum
from uuid import UUID

import orjson

from dirisha.access.keys import encrypt
from dirisha.db.statements import Statements
from dirisha.db.transactions import Tx
from dirisha.kit.ids import UserId, time_ordered_id
from dirisha.kit.packed import pack
from dirisha.messaging.events import CodeSent, Event
from dirisha.tenants.current import current

SQL = Statements.beside(__file__, "sql/outbox.sql")

# Nobody waits longer for a code or an answer; a notice of money moved never expires.
CODE_LIFE = timedelta(minutes=10)
REPLY_LIFE = timedelta(minutes=30)


class ReplyKind(StrEnum):
    """What is answered, each counted by itself: who asks too much still hears what became of a STOP or a code."""

    ASKED = "asked"  # a keyword of somebody who banks by SMS
    SWITCHED = "switched"  # STOP, START, CANCEL
    CODE = "code"
    OTHER = "other"  # anybody else, and what nobody understands


# A person's own hour is far below these; codes are bounded already, twelve an hour and five tries each.
MOST_REPLIES_AN_HOUR = {ReplyKind.ASKED: 60, ReplyKind.SWITCHED: 20, ReplyKind.CODE: 120, ReplyKind.OTHER: 20}


class Allowance(Enum):
    """Whether a sender is still answered in this hour; at `LAST` the answer is that it is the last."""

    ANSWER = 1
    LAST = 2
    SILENCE = 3


def tell(tx: Tx, event: Event, *, at: datetime, command: UUID | None, correlation: str) -> None:
    """Queue one message to the event's user, or to the user of its client: in that person's language, to its phone."""
    is_code = isinstance(event, CodeSent)
    parameters = {
        "id": time_ordered_id(at),
        "kind": "code" if is_code else "notice",
        "event": event.name,
        "language": current().languages[0],
        "variables": orjson.dumps(pack(event.variables())).decode(),
        "sealed": encrypt(event.code.encode()) if isinstance(event, CodeSent) else None,
        "at": at,
        "expires_at": at + CODE_LIFE if is_code else None,
        "command": command,
        "correlation": correlation,
    }
    if event.user is not None:
        tx.run(SQL["tell_user"], parameters | {"user_id": event.user})
    else:
        tx.run(SQL["tell_client"], parameters | {"client": event.client})


def allowance(tx: Tx, msisdn: str, kind: ReplyKind, at: datetime) -> Allowance:
    """Count one answer of this kind to this number, and say whether it may be given."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    counted = tx.run(SQL["count_reply"], {"msisdn": msisdn, "hour": hour, "kind": kind.value}).one()
    over = int(counted.replies) - MOST_REPLIES_AN_HOUR[kind]
    if over <= 0:
        return Allowance.ANSWER
    return Allowance.LAST if over == 1 and kind is ReplyKind.ASKED else Allowance.SILENCE


def reply(tx: Tx, msisdn: str, text: str, *, language: str, at: datetime, correlation: str) -> None:
    """Queue an answer to a sender, who has been counted by `allowance`."""
    tx.run(
        SQL["reply"],
        {
            "id": time_ordered_id(at),
            "language": language,
            "msisdn": msisdn,
            "sealed": encrypt(text.encode()),
            "at": at,
            "expires_at": at + REPLY_LIFE,
            "correlation": correlation,
        },
    )


def codes_since(tx: Tx, user: UserId, since: datetime) -> int:
    """How many codes were written for the user since then, whatever became of them."""
    return int(tx.run(SQL["codes_since"], {"user_id": user, "since": since}).one().codes)


def stop(tx: Tx, msisdn: str, at: datetime) -> bool:
    """The number wants no more messages than the law and its own acts require; True when that is new."""
    return tx.run(SQL["stop"], {"msisdn": msisdn, "at": at}).first() is not None


def start(tx: Tx, msisdn: str) -> bool:
    return tx.run(SQL["start"], {"msisdn": msisdn}).first() is not None
