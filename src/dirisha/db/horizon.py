"""The oldest transaction still open: everything below it has ended, so a reader that stops there misses nothing."""

from __future__ import annotations

from dirisha.db.transactions import Tx


def horizon(tx: Tx) -> int:
    """`pg_snapshot_xmin` as its own statement, so that a later one in the same transaction sees all below it."""
    return int(tx.run("select pg_snapshot_xmin(pg_current_snapshot())::text as xmin").one().xmin)
