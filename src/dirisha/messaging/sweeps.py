"""Keeping the outbox small in secrets: what nobody took in time loses its text, and old counts go."""

from __future__ import annotations

from datetime import datetime, timedelta

from dirisha.db.transactions import Role, transaction
from dirisha.messaging.outbox import SQL

KEEP_REPLY_COUNTS = timedelta(hours=2)


def sweep(at: datetime) -> int:
    """Expire codes and replies that were not handed over; how many there were."""
    with transaction("messaging.sweep", Role.KEEPER) as tx:
        expired = tx.run(SQL["expire"], {"at": at}).all()
        tx.run(SQL["sweep_replies"], {"before": at - KEEP_REPLY_COUNTS})
    return len(expired)
