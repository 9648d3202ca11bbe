"""A quote as other acts and doors read it: what it shows, what a proof for it is bound to, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from dirisha.core.port import Receipt
from dirisha.db.transactions import Role, Tx, transaction
from dirisha.engine import commands
from dirisha.engine.plan import Quoted
from dirisha.kit.actor import Actor
from dirisha.kit.packed import unpack
from dirisha.kit.refusal import Refusal
from dirisha.payments.instructions import Instruction, of_command
from dirisha.payments.states import State


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
    row = commands.own_quote(tx, quote_id, actor)
    if row is None or row.state != "open" or row.expires_at <= at:
        return None
    return OpenQuote(Quoted.unpacked(orjson.loads(row.terms)), bytes(row.digest))


@dataclass(frozen=True, slots=True)
class KeptQuote:
    """An own quote, open or not. `ended` is how it ended; `replaced_by` came with `plan.changed`.

    `inputs` are those of the act, so that a person can begin again where it stood.
    """

    id: UUID
    act: str
    inputs: dict[str, Any]
    quoted: Quoted
    expires_at: datetime
    ended: Receipt | Instruction | Refusal | None
    replaced_by: UUID | None


def kept_quote(quote_id: UUID, actor: Actor) -> KeptQuote | None:
    """The actor's own quote on this channel, for a page that is opened again. Raises `psycopg.Error`."""
    with transaction("engine.kept_quote", Role.APP) as tx:
        row = commands.own_quote(tx, quote_id, actor)
    if row is None:
        return None
    is_open = row.state == "open"
    replaced_by = None if is_open else orjson.loads(row.result).get("quote")
    return KeptQuote(
        id=quote_id,
        act=row.act,
        inputs=unpack(orjson.loads(row.inputs)),
        quoted=Quoted.unpacked(orjson.loads(row.terms)),
        expires_at=row.expires_at,
        ended=None if is_open else _ended(row),
        replaced_by=UUID(replaced_by) if replaced_by else None,
    )


def _ended(row: Any) -> Receipt | Instruction | Refusal:
    """A receipt, a refusal, or an instruction that is on its way, or that the core has refused."""
    if commands.instruction_of(row) is None:
        ended: Receipt | Refusal = commands.stored_result(row)
        return ended
    instruction = of_command(row.id)
    return instruction.receipt if instruction.state is State.POSTED else instruction
