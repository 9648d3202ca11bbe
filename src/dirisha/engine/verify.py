"""Finished commands against the trail: a command without its event tells of events that were cut off at the end."""

from __future__ import annotations

from dirisha.db.transactions import Role, transaction
from dirisha.engine.commands import SQL


def commands_without_event() -> int:
    """How many finished commands of the current institution have no audit event."""
    with transaction("engine.verify", Role.KEEPER) as tx:
        return int(tx.run(SQL["without_event"]).one().missing)
