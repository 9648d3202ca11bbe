"""The command's row: claimed, read, finished. Every statement on it is here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from dirisha.core.port import AccountRef, Receipt
from dirisha.db.statements import Statements
from dirisha.db.transactions import Rows, Tx
from dirisha.engine.plan import Quoted
from dirisha.kit.actor import Actor
from dirisha.kit.packed import pack, unpack
from dirisha.kit.refusal import Refusal

SQL = Statements.beside(__file__, "sql/command.sql")

QUOTE_LIFE = timedelta(minutes=10)
PROOF_LIFE = timedelta(minutes=2)
CHECK_LIFE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Key:
    """One wish of one person: the same key is the same wish. Under it another act is a conflict, like other inputs."""

    actor: str
    act: str
    key: str

    @property
    def lock(self) -> int:
        """64 signed bits for the advisory lock, made here: PostgreSQL's own text hash has but 32."""
        digest = hashlib.sha256(f"{self.actor}\0{self.key}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


def claim(tx: Tx, key: Key) -> Rows:
    """Queue the try-lock; its row tells `mine` or `taken`, and later statements of the trip obey it."""
    return tx.run(SQL["claim"], {"lock": key.lock})


def read(tx: Tx, key: Key) -> Rows:
    return tx.run(SQL["read"], {"actor": key.actor, "key": key.key})


def by_id(tx: Tx, command: UUID) -> Any | None:
    return tx.run(SQL["by_id"], {"id": command}).first()


def own_quote(tx: Tx, quote_id: UUID, actor: Actor) -> Any | None:
    """The row of a quote that this actor made on this channel; None for anything else, there or not."""
    row = by_id(tx, quote_id)
    if row is None or row.terms is None or row.actor != actor.name or row.channel != actor.channel.value:
        return None
    return row


def open_quote(
    tx: Tx,
    command: UUID,
    key: Key,
    actor: Actor,
    *,
    inputs: str,
    inputs_hash: bytes,
    quoted: Quoted,
    digest: bytes,
    at: datetime,
) -> datetime:
    """Queue a quote's row; until when it holds."""
    expires_at = at + QUOTE_LIFE
    tx.run(
        SQL["quote"],
        {
            "id": command, "actor": key.actor, "act": key.act, "key": key.key, "channel": actor.channel.value,
            "inputs": inputs, "inputs_hash": inputs_hash, "terms": orjson.dumps(quoted.packed()).decode(),
            "digest": digest, "at": at, "expires_at": expires_at,
        },
    )  # fmt: skip
    return expires_at


@dataclass(frozen=True, slots=True)
class Finished:
    """What is stored under a key for ever: a result, or a final refusal (with the quote that replaced this one)."""

    state: str
    result: dict[str, Any]

    @classmethod
    def done(cls, value: Any) -> Finished:
        return cls("done", {"receipt": pack_receipt(value)} if isinstance(value, Receipt) else {"value": pack(value)})

    @classmethod
    def ordered(cls, instruction: UUID) -> Finished:
        """The money is a far core's to move: what became of it stands with the instruction."""
        return cls("done", {"instruction": str(instruction)})

    @classmethod
    def refused(cls, refusal: Refusal, replaced_by: UUID | None = None) -> Finished:
        result: dict[str, Any] = {"code": refusal.code, "facts": pack(refusal.facts)}
        if replaced_by is not None:
            result["quote"] = str(replaced_by)
        return cls("refused", result)


def finish(
    tx: Tx,
    command: UUID,
    key: Key,
    actor: Actor,
    finished: Finished,
    *,
    is_open: bool,
    inputs: str | None,
    inputs_hash: bytes,
    at: datetime,
) -> None:
    """Queue the result: into the quote's row, or as the row of a command that had none."""
    result = orjson.dumps(finished.result).decode()
    if is_open:
        tx.run(SQL["finish_open"], {"id": command, "state": finished.state, "result": result, "at": at})
    else:
        tx.run(
            SQL["finish_new"],
            {
                "id": command, "actor": key.actor, "act": key.act, "key": key.key, "channel": actor.channel.value,
                "state": finished.state, "inputs": inputs, "inputs_hash": inputs_hash, "result": result, "at": at,
            },
        )  # fmt: skip


def instruction_of(row: Any) -> UUID | None:
    """Where a finished row's result is an instruction: which."""
    return UUID(stored["instruction"]) if "instruction" in (stored := orjson.loads(row.result)) else None


def stored_result(row: Any) -> Any:
    """The result of a finished row that has no instruction: a `Receipt`, a plain value, or a `Refusal`."""
    stored = orjson.loads(row.result)
    if row.state == "refused":
        return Refusal.of(stored["code"], unpack(stored["facts"]))
    return unpack_receipt(stored["receipt"]) if "receipt" in stored else unpack(stored["value"])


def pack_receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "reference": receipt.reference,
        "kind": receipt.kind,
        "business_date": pack(receipt.business_date),
        "booked_at": pack(receipt.booked_at),
        "source": receipt.source.packed() if receipt.source else None,
        "target": receipt.target.packed(),
        "payee": receipt.payee,
        "amount": pack(receipt.amount),
        "fee": pack(receipt.fee),
        "principal": pack(receipt.principal),
        "interest": pack(receipt.interest),
        "balance_after": pack(receipt.balance_after),
    }


def unpack_receipt(stored: dict[str, Any]) -> Receipt:
    return Receipt(
        reference=stored["reference"],
        kind=stored["kind"],
        business_date=unpack(stored["business_date"]),
        booked_at=unpack(stored["booked_at"]),
        source=AccountRef.unpacked(stored["source"]) if stored["source"] else None,
        target=AccountRef.unpacked(stored["target"]),
        payee=stored["payee"],
        amount=unpack(stored["amount"]),
        fee=unpack(stored["fee"]),
        principal=unpack(stored["principal"]),
        interest=unpack(stored["interest"]),
        balance_after=unpack(stored["balance_after"]),
    )
