"""What is past its use: quotes nobody confirmed, results of acts that moved no money, counts of attempts, codes."""

from __future__ import annotations

from datetime import datetime, timedelta

from dirisha.access.secrets import SQL as ACCESS
from dirisha.db.transactions import Role, transaction
from dirisha.engine.commands import SQL

# Keys live for at least a day, as documented; a person who looks for an old quote deserves "expired", not "not found".
KEYS_LIVE = timedelta(days=2)
QUOTES_STAY = timedelta(days=1)
CODES_STAY = timedelta(days=1)


def sweep(at: datetime) -> None:
    """Once in a while, for the current institution."""
    with transaction("engine.sweep", Role.KEEPER) as tx:
        tx.run(SQL["sweep_open"], {"before": at - QUOTES_STAY})
        tx.run(SQL["sweep_finished"], {"before": at - KEYS_LIVE})
        tx.run(ACCESS["sweep_attempts"], {"at": at})
        tx.run(ACCESS["sweep_codes"], {"before": at - CODES_STAY})
