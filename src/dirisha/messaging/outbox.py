"""Writing to the outbox, in the transaction of the act that has something to say."""

from __future__ import annotations

from datetime import datetime, timedelta
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
MOST_REPLIES_AN_HOUR = 20


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


def may_answer(tx: Tx, msisdn: str, at: datetime) -> bool:
    """Count one answer to this number; False when it has had its answers for the hour."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    replies = tx.run(SQL["count_reply"], {"msisdn": msisdn, "hour": hour}).one().replies
    return int(replies) <= MOST_REPLIES_AN_HOUR


def reply(tx: Tx, msisdn: str, text: str, *, language: str, at: datetime, correlation: str) -> None:
    """Queue an answer to a sender, who has been counted by `may_answer`."""
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
