"""The relay: what stands in the outbox goes to the carrier after the commit, leased, with no transaction open.

Each row is leased in a short transaction, sent, and settled in another. A crash between hand-over and record sends a
second copy, with the same reference, when the lease has ended; nothing else does.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog
from prometheus_client import Counter

from dirisha.access.keys import decrypt
from dirisha.carriers.port import LONGEST_SEND_S, Deferred, HandedOver, Rejected, Sent, SmsCarrier, Unknown, carrier_of
from dirisha.db.transactions import Role, transaction
from dirisha.kit.packed import unpack
from dirisha.messaging.outbox import SQL
from dirisha.messaging.wording import text_of
from dirisha.tenants.current import current

MOST_A_ROUND = 20
# A round begins no row after this; the last one begun may take LONGEST_SEND_S, and the lease outlives both.
ROUND_S = 20
LEASE = timedelta(seconds=ROUND_S + LONGEST_SEND_S + 10)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 5, 3600
GIVE_UP_AFTER = timedelta(days=1)

log = structlog.get_logger()
messages = Counter("dirisha_sms", "Messages given to a carrier", ["institution", "kind", "outcome"])


@dataclass(frozen=True, slots=True)
class Leased:
    """A row of the outbox that is ours until the lease ends. `sealed` is a code or a reply's text, encrypted."""

    id: UUID
    kind: str
    event: str
    language: str
    msisdn: str
    variables: dict[str, Any] = field(repr=False)
    sealed: bytes | None = field(repr=False)
    made_at: datetime
    expires_at: datetime | None
    tries: int
    correlation: str

    def text(self) -> str:
        """What is sent. A code is decrypted here and nowhere else."""
        opened = None if self.sealed is None else decrypt(self.sealed).decode()
        if self.kind == "reply":
            return opened or ""
        return text_of(self.event, self.variables, institution=current(), language=self.language, code=opened)


def relay(at: datetime, carrier: SmsCarrier | None = None, *, most: int = MOST_A_ROUND) -> int:
    """One round for the current institution: how many rows it took. `carrier` is the institution's own unless given."""
    carrier = carrier or carrier_of(current())
    if carrier is None:
        return 0
    leased = _lease(at, most)
    until = time.monotonic() + ROUND_S
    for number, row in enumerate(leased):
        if time.monotonic() > until:
            _give_back(leased[number:])
            break
        _hand_over(row, carrier, at)
    return len(leased)


def _lease(at: datetime, most: int) -> list[Leased]:
    with transaction("messaging.lease", Role.KEEPER) as tx:
        rows = tx.run(SQL["lease"], {"at": at, "until": at + LEASE, "most": most}).all()
    return [
        Leased(
            row.id, row.kind, row.event, row.language, row.msisdn, unpack(orjson.loads(row.variables)),
            None if row.sealed is None else bytes(row.sealed), row.made_at, row.expires_at, row.tries, row.correlation,
        )
        for row in sorted(rows, key=lambda row: (row.made_at, row.id))
    ]  # fmt: skip


def _hand_over(row: Leased, carrier: SmsCarrier, at: datetime) -> None:
    if row.expires_at is not None and row.expires_at <= at:
        _settle(row, "expired", at)
        return
    match _send(row, carrier):
        case HandedOver(carrier_id):
            _settle(row, "sent", at, carrier_id=carrier_id)
        case Rejected(reason):
            _settle(row, "refused", at, failure=reason)
        case Unknown(reason):
            _settle(row, "unknown", at, failure=reason)
        case Deferred(reason) if at - row.made_at >= GIVE_UP_AFTER:
            _settle(row, "refused", at, failure=f"given up: {reason}")
        case Deferred(reason):
            _put_back(row, at + pause_after(row.tries), reason)


def _send(row: Leased, carrier: SmsCarrier) -> Sent:
    sent = _worded_and_sent(row, carrier)
    outcome = type(sent).__name__.lower()
    messages.labels(current().slug, row.kind, outcome).inc()
    log.info(
        "sms.handed_over" if isinstance(sent, HandedOver) else "sms.not_handed_over",
        message=str(row.id), kind=row.kind, event_name=row.event, outcome=outcome, tries=row.tries,
        reason=getattr(sent, "reason", None), for_correlation=row.correlation,
    )  # fmt: skip
    return sent


def _worded_and_sent(row: Leased, carrier: SmsCarrier) -> Sent:
    """A row that fails by a fault of ours must not hold up those behind it, round after round."""
    try:
        text = row.text()
    except Exception:
        log.error("sms.not_worded", message=str(row.id), exc_info=True)
        return Rejected("not worded")
    try:
        return carrier.send(row.msisdn, text, row.id)
    except Exception:
        log.error("sms.carrier_fault", message=str(row.id), exc_info=True)
        return Unknown("a fault in between")


def pause_after(tries: int) -> timedelta:
    """5 s, doubled by each try up to an hour, and by chance up to as much again: rows put back together part."""
    pause_s = min(FIRST_PAUSE_S * 2 ** min(tries - 1, 20), LONGEST_PAUSE_S)
    return timedelta(seconds=pause_s, milliseconds=secrets.randbelow(pause_s * 1000))


def _settle(
    row: Leased, state: str, at: datetime, *, carrier_id: str | None = None, failure: str | None = None
) -> None:
    with transaction("messaging.settle", Role.KEEPER) as tx:
        tx.run(SQL["settle"], {"id": row.id, "state": state, "at": at, "carrier_id": carrier_id, "failure": failure})


def _put_back(row: Leased, due_at: datetime, reason: str) -> None:
    with transaction("messaging.put_back", Role.KEEPER) as tx:
        tx.run(SQL["put_back"], {"id": row.id, "tries": row.tries, "due_at": due_at, "failure": reason})


def _give_back(rows: list[Leased]) -> None:
    """Rows that this round had no time for: due at once, and not counted as tried."""
    with transaction("messaging.give_back", Role.KEEPER) as tx:
        tx.run_many(SQL["give_back"], [{"id": row.id, "tries": row.tries} for row in rows])
