"""Instructions as they stand: accepted in an act's transaction, read again by command, reference or payer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NewType
from uuid import UUID

import orjson

from dirisha.core.port import AccountKind, AccountRef, Order, Particulars, Party, Receipt
from dirisha.db.statements import Statements
from dirisha.db.transactions import Role, Rows, Tx, transaction
from dirisha.kit.ids import ClientId, OfficeId, time_ordered_id
from dirisha.kit.money import Money
from dirisha.kit.packed import pack, unpack
from dirisha.kit.refusal import Refusal
from dirisha.kit.scope import Scope
from dirisha.messaging.events import Event, Repaid, restored, stored
from dirisha.payments.states import State

SQL = Statements.beside(__file__, "sql/instruction.sql")

InstructionId = NewType("InstructionId", UUID)

# Longer than one sending with all its time-outs: while it holds, nobody else touches the row.
LEASE = timedelta(seconds=75)


@dataclass(frozen=True, slots=True)
class Instruction:
    """`payee` is the name that the person was shown; `key` goes with each sending and never changes.

    `promised` once somebody was told that a notice will follow while the door that sends it still waited.
    """

    id: InstructionId
    command: UUID
    order: Order
    payee: str
    key: str
    act: str
    actor: str
    channel: str
    correlation: str
    payer: ClientId
    rules: tuple[str, ...]
    notices: tuple[Event, ...]
    state: State
    tries: int
    accepted_at: datetime
    next_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    number: str | None
    trace: str | None
    refusal: Refusal | None
    particulars: Particulars | None
    promised: bool

    @property
    def reference(self) -> str:
        return self.order.reference

    @property
    def receipt(self) -> Receipt:
        """What a posted one is told as; without what the core has not told yet."""
        order, told = self.order, self.particulars
        assert self.ended_at is not None
        return Receipt(
            reference=order.reference,
            kind=order.kind,
            business_date=order.business_date,
            booked_at=(told and told.booked_at) or self.ended_at,
            source=order.source.account,
            target=order.target.account,
            payee=self.payee,
            amount=order.amount,
            fee=order.fee,
            principal=told.principal if told else None,
            interest=told.interest if told else None,
            balance_after=told.balance_after if told else None,
        )

    def notices_of(self, particulars: Particulars) -> list[Event]:
        """The notices as the books have it: planned balances give way to those of the core."""
        return [_as_booked(event, particulars) for event in self.notices]


def _as_booked(event: Event, particulars: Particulars) -> Event:
    changes: dict[str, Any] = {}
    if hasattr(event, "balance"):
        changes["balance"] = particulars.balance_after
    if isinstance(event, Repaid) and particulars.outstanding is not None:
        changes["left"] = particulars.outstanding
    return replace(event, **changes)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An instruction that the running transaction stores. `is_ours_to_send` is known once it is committed."""

    id: InstructionId
    _row: Rows

    @property
    def is_ours_to_send(self) -> bool:
        return bool(self._row.one().state == State.SENT)


def accept(
    tx: Tx,
    order: Order,
    *,
    command: UUID,
    payee: str,
    act: str,
    actor: str,
    channel: str,
    correlation: str,
    payer: ClientId,
    rules: Sequence[str],
    notices: Sequence[Event],
    at: datetime,
    at_once: bool,
) -> Accepted:
    """Queue the instruction's row, under the payer's lock. With `at_once` the caller sends it after the commit, unless
    an earlier one of the source account, or to the same loan, is under way.
    """
    instruction = InstructionId(time_ordered_id(at))
    row = tx.run(
        SQL["accept"],
        {
            "id": instruction, "command": command, "reference": order.reference, "key": key_of(instruction),
            "act": act, "actor": actor, "channel": channel, "correlation": correlation, "payer": payer,
            "rules": list(rules), "source": order.source.account.id,
            "loan": order.target.account.id if order.target.account.kind is AccountKind.LOAN else None,
            "terms": orjson.dumps({"payee": payee, "order": pack_order(order)}).decode(),
            "notices": orjson.dumps([stored(event) for event in notices]).decode(),
            "at": at, "until": at + LEASE, "at_once": at_once,
        },
    )  # fmt: skip
    return Accepted(instruction, row)


def key_of(instruction: UUID) -> str:
    """What goes with each sending as the core's idempotency key. Cores that scope keys by neither account nor user
    (Fineract) must never see two instructions under one: 122 random bits of ours, within their 50 characters.
    """
    return f"dirisha-{instruction}"


# --- reading ----------------------------------------------------------------------------------------------------------


def by_id(tx: Tx, instruction: UUID) -> Instruction:
    return _instruction(tx.run(SQL["by_id"], {"id": instruction}).one())


def promised(tx: Tx, instruction: UUID) -> Instruction:
    """As it stands, for somebody who asks beside the door that sends it: where it has no end, a notice must follow."""
    tx.run(SQL["promise"], {"id": instruction})
    return by_id(tx, InstructionId(instruction))


def by_ids(tx: Tx, ids: Sequence[UUID]) -> list[Instruction]:
    return from_rows(tx.run(SQL["by_ids"], {"ids": list(ids)}).all())


def by_command(tx: Tx, command: UUID) -> Instruction:
    return _instruction(tx.run(SQL["by_command"], {"command": command}).one())


def of_command(command: UUID) -> Instruction:
    with transaction("payments.of_command", Role.BOOKS) as tx:
        return by_command(tx, command)


def by_reference(scope: Scope, reference: str) -> Instruction | None:
    """One of the scope's own; None for anything else, there or not."""
    with transaction("payments.by_reference", Role.APP) as tx:
        tx.become_viewer(scope)
        row = tx.run(SQL["by_reference"], {"reference": reference}).first()
    return None if row is None else _instruction(row)


def by_reference_for_operator(tx: Tx, reference: str) -> Instruction | None:
    row = tx.run(SQL["by_reference"], {"reference": reference}).first()
    return None if row is None else _instruction(row)


def from_rows(rows: Sequence[Any]) -> list[Instruction]:
    return [_instruction(row) for row in rows]


def under_way(scope: Scope, payers: Sequence[ClientId]) -> tuple[Instruction, ...]:
    """What is not final yet, oldest first."""
    with transaction("payments.under_way", Role.APP) as tx:
        tx.become_viewer(scope)
        rows = tx.run(SQL["under_way"], {"payers": list(payers)}).all()
    return tuple(_instruction(row) for row in rows)


# --- packed -----------------------------------------------------------------------------------------------------------


def pack_order(order: Order) -> dict[str, Any]:
    return {
        "kind": order.kind,
        "reference": order.reference,
        "business_date": pack(order.business_date),
        "source": _pack_party(order.source),
        "target": _pack_party(order.target),
        "amount": pack(order.amount),
        "fee": pack(order.fee),
    }


def unpack_order(packed: dict[str, Any]) -> Order:
    return Order(
        kind=packed["kind"],
        reference=packed["reference"],
        business_date=_date(packed["business_date"]),
        source=_unpack_party(packed["source"]),
        target=_unpack_party(packed["target"]),
        amount=_money(packed["amount"]),
        fee=_money(packed["fee"]),
    )


def _pack_party(party: Party) -> dict[str, Any]:
    return {"account": party.account.packed(), "client": party.client, "office": party.office}


def _unpack_party(packed: dict[str, Any]) -> Party:
    return Party(AccountRef.unpacked(packed["account"]), ClientId(packed["client"]), OfficeId(packed["office"]))


def _date(packed: Any) -> date:
    value = unpack(packed)
    assert isinstance(value, date)
    return value


def _money(packed: Any) -> Money:
    value = unpack(packed)
    assert isinstance(value, Money)
    return value


def pack_particulars(particulars: Particulars) -> str:
    return orjson.dumps(
        {
            "balance_after": pack(particulars.balance_after),
            "booked_at": pack(particulars.booked_at),
            "principal": pack(particulars.principal),
            "interest": pack(particulars.interest),
            "outstanding": pack(particulars.outstanding),
        }
    ).decode()


def pack_refusal(refusal: Refusal) -> str:
    return orjson.dumps({"code": refusal.code, "facts": pack(refusal.facts)}).decode()


def _instruction(row: Any) -> Instruction:
    terms = orjson.loads(row.terms)
    refusal = None if row.refusal is None else orjson.loads(row.refusal)
    particulars = None if row.particulars is None else unpack(orjson.loads(row.particulars))
    return Instruction(
        id=row.id,
        command=row.command,
        order=unpack_order(terms["order"]),
        payee=terms["payee"],
        key=row.key,
        act=row.act,
        actor=row.actor,
        channel=row.channel,
        correlation=row.correlation,
        payer=ClientId(row.payer),
        rules=tuple(row.rules),
        notices=tuple(restored(each) for each in orjson.loads(row.notices)),
        state=State(row.state),
        tries=row.tries,
        accepted_at=row.accepted_at,
        next_at=row.next_at,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
        number=row.number,
        trace=row.trace,
        refusal=None if refusal is None else Refusal.of(refusal["code"], unpack(refusal["facts"])),
        particulars=None if particulars is None else Particulars(**particulars),
        promised=row.promised,
    )
