"""A quote as other acts read it: what it shows and what a proof for it is bound to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from dirisha.db.transactions import Tx
from dirisha.engine import commands
from dirisha.engine.plan import Quoted
from dirisha.kit.actor import Actor


@dataclass(frozen=True, slots=True)
class OpenQuote:
    quoted: Quoted
    digest: bytes

    @property
    def payee(self) -> str:
        """The payee as a short message can show it: the account's name and last digits."""
        return f"{self.quoted.target.name} {self.quoted.target.masked}"


def open_quote_of(tx: Tx, quote_id: UUID, actor: Actor, at: datetime) -> OpenQuote | None:
    """The actor's own unfinished, unexpired quote on this channel; None for anything else."""
    row = commands.by_id(tx, quote_id)
    if row is None or row.terms is None or row.state != "open" or row.expires_at <= at:
        return None
    if row.actor != actor.name or row.channel != actor.channel.value:
        return None
    return OpenQuote(Quoted.unpacked(orjson.loads(row.terms)), bytes(row.digest))
