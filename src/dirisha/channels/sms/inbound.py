"""The store of inbound messages: first kept, then answered, and answered once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from dirisha.access.keys import decrypt, encrypt
from dirisha.carriers.port import InboundSms
from dirisha.channels.sms.keywords import wish_of
from dirisha.db.statements import Statements
from dirisha.db.transactions import Role, transaction
from dirisha.kit.ids import reference_for, time_ordered_id
from dirisha.messaging import outbox

SQL = Statements.beside(__file__, "sql/inbound.sql")

# Who received a message answers it within this; afterwards the worker takes over.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message that is ours to answer."""

    id: UUID
    msisdn: str
    text: str = field(repr=False)
    quote: UUID | None
    reference: str
    received_at: datetime
    tries: int = 1


def take(sms: InboundSms, *, carrier: str, remote: str, at: datetime) -> Message | None:
    """Store it; None when it is here already."""
    message_id = time_ordered_id(at)
    reference = reference_for(message_id)
    with transaction("sms.take", Role.APP) as tx:
        is_new = tx.run(
            SQL["take"],
            {
                "id": message_id, "carrier": carrier, "carrier_id": sms.id, "msisdn": sms.sender,
                "understood": wish_of(sms.text).understood, "sealed": encrypt(sms.text.encode()), "remote": remote,
                "until": at + LEASE, "reference": reference, "at": at,
            },
        ).first()  # fmt: skip
    return None if is_new is None else Message(message_id, sms.sender, sms.text, None, reference, at)


def left_over(at: datetime, most: int) -> list[Message]:
    with transaction("sms.left_over", Role.APP) as tx:
        rows = tx.run(SQL["left_over"], {"at": at, "until": at + LEASE, "most": most}).all()
    return [
        Message(r.id, r.msisdn, decrypt(bytes(r.sealed)).decode(), r.quote, r.reference, r.received_at, r.tries)
        for r in rows
    ]


def remember_quote(message: Message, quote: UUID) -> None:
    with transaction("sms.remember_quote", Role.APP) as tx:
        tx.run(SQL["remember_quote"], {"id": message.id, "quote": quote})


def settle(message: Message, answer: str | None, *, language: str, at: datetime, given_up: bool = False) -> None:
    """Queue the answer, if any, and forget the text, in one transaction: no second answer to one message."""
    state = "given_up" if given_up else "silent" if answer is None else "answered"
    with transaction("sms.settle", Role.APP) as tx:
        is_ours = tx.run(SQL["settle"], {"id": message.id, "state": state, "at": at}).first()
        if is_ours is not None and answer is not None:
            outbox.reply(tx, message.msisdn, answer, language=language, at=at, correlation=message.reference)
