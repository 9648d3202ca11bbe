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
    tx.run(
        SQL["write"],
        {
            "id": time_ordered_id(at),
            "at": at,
            "actor": actor.name,
            "channel": actor.channel.value,
            "act": act,
            "outcome": outcome.value,
            "code": code,
            "command": command,
            "correlation": actor.correlation,
            "detail": orjson.dumps(detail or {}).decode(),
        },
    )
