"""Writing the trail: one row an act, in the act's own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import orjson

from dirisha.audit.events import Outcome
from dirisha.db.statements import Statements
from dirisha.db.transactions import Tx
from dirisha.kit.actor import Actor
from dirisha.kit.ids import time_ordered_id

SQL = Statements.beside(__file__, "sql/audit.sql")


def write(
    tx: Tx,
    actor: Actor,
    act: str,
    outcome: Outcome,
    *,
    at: datetime,
    code: str | None = None,
    command: UUID | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Queue one event. `detail` holds ids, masked numbers and amounts: never a secret, a name or a whole number."""
    write_for(
        tx, actor.name, actor.channel, act, outcome,
        at=at, correlation=actor.correlation, code=code, command=command, detail=detail,
    )  # fmt: skip


def write_for(
    tx: Tx,
    actor: str,
    channel: str,
    act: str,
    outcome: Outcome,
    *,
    at: datetime,
    correlation: str,
    code: str | None = None,
    command: UUID | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """The same for somebody who is no longer there: an act's end that comes after its answer."""
    tx.run(
        SQL["write"],
        {
            "id": time_ordered_id(at),
            "at": at,
            "actor": actor,
            "channel": channel,
            "act": act,
            "outcome": outcome.value,
            "code": code,
            "command": command,
            "correlation": correlation,
            "detail": orjson.dumps(detail or {}).decode(),
        },
    )
