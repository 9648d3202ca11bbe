"""The sealer: each second, rows whose transactions have ended are hashed onto one endless chain.

A hash of the row before, inside the act, would make the whole bank stand in one queue. The unsealed window is the age
of the oldest open write of the cluster.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from dirisha.audit.trail import SQL
from dirisha.db.horizon import horizon
from dirisha.db.transactions import Role, transaction

BEGINNING = bytes(32)


def seal(at: datetime) -> int:
    """Seal the current institution's ended rows; how many. 0 when there are none or another worker is at it."""
    with transaction("audit.seal", Role.KEEPER) as tx:
        if not tx.run(SQL["lock_sealer"]).one().mine:
            return 0
        last = tx.run(SQL["last_seal"]).first()
        to = horizon(tx)
        start = last.to_xid if last else "0"
        rows = tx.run(SQL["rows_between"], {"from": start, "to": str(to)}).all()
        if rows:
            previous = bytes(last.hash) if last else BEGINNING
            number = last.n + 1 if last else 1
            tx.run(
                SQL["write_seal"],
                {
                    "n": number, "from": start, "to": str(to), "at": at, "rows": len(rows),
                    "hash": chained(previous, number, start, str(to), rows),
                },
            )  # fmt: skip
        return len(rows)


def chained(previous: bytes, number: int, from_xid: str, to_xid: str, rows: Iterable[Any]) -> bytes:
    """SHA-256 over the previous hash, the seal's own figures and every row in order."""
    digest = hashlib.sha256(previous)
    digest.update(f"{number}:{from_xid}:{to_xid}".encode())
    for row in rows:
        digest.update(
            orjson.dumps(
                [str(row.id), row.xid, row.at, row.actor, row.channel, row.act, row.outcome, row.code,
                 str(row.command), row.correlation, row.detail]
            )
        )  # fmt: skip
    return digest.digest()


@dataclass(frozen=True, slots=True)
class Verified:
    """`findings` is empty when the trail is whole. `head` (`n:hash`) is worth keeping elsewhere: a later check that
    is given it also finds a chain that was cut short at its end."""

    sealed: int
    seals: int
    head: str
    findings: tuple[str, ...]


def verify(anchor: str | None = None) -> Verified:
    """Walk the whole chain of the current institution. `anchor` is a head noted earlier."""
    findings: list[str] = []
    with transaction("audit.verify", Role.KEEPER) as tx:
        seals = tx.run(SQL["seals"]).all()
        previous, upto, sealed = BEGINNING, "0", 0
        heads = {}
        for expected, each in enumerate(seals, start=1):
            if each.n != expected:
                findings.append(f"seal {expected} is missing")
                break
            if each.from_xid != upto:
                findings.append(f"seal {each.n} does not begin where seal {each.n - 1} ended")
            rows = tx.run(SQL["rows_between"], {"from": each.from_xid, "to": each.to_xid}).all()
            if len(rows) != each.rows:
                verb = "removed" if len(rows) < each.rows else "inserted"
                findings.append(f"seal {each.n}: {abs(each.rows - len(rows))} rows {verb}")
            elif chained(previous, each.n, each.from_xid, each.to_xid, rows) != bytes(each.hash):
                findings.append(f"seal {each.n}: a row or the seal itself was altered")
            previous, upto, sealed = bytes(each.hash), each.to_xid, sealed + len(rows)
            heads[each.n] = previous.hex()
    if anchor is not None:
        number, _, digest = anchor.partition(":")
        if heads.get(int(number) if number.isdigit() else 0) != digest:
            findings.append(f"the chain does not contain the anchor {anchor}: it was cut or written anew")
    return Verified(sealed, len(seals), f"{len(seals)}:{previous.hex()}", tuple(findings))
