"""Payers' rows and limit use. The payer is the client who owns the source account, whoever acts, on either core."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from dirisha.db.statements import Statements
from dirisha.db.transactions import Rows, Tx
from dirisha.kit.ids import ClientId
from dirisha.kit.money import Money
from dirisha.limits.rules import DayRule

SQL = Statements.beside(__file__, "sql/limits.sql")


def add_payer(tx: Tx, client: ClientId) -> None:
    tx.run(SQL["add_payer"], {"client": client})


def lock(tx: Tx, clients: Sequence[ClientId]) -> None:
    """Queue the locks, in id order, of everybody for whom the actor may pay: nearly always one row."""
    tx.run(SQL["lock"], {"clients": list(clients)})


def read_use(tx: Tx, clients: Sequence[ClientId], rules: Sequence[DayRule], period: date) -> Rows:
    return tx.run(SQL["used"], {"clients": list(clients), "rules": [rule.name for rule in rules], "period": period})


class Use(StrEnum):
    """Whether an amount counts: money that moved, money on its way, money that did not move after all."""

    USED = "used"
    RESERVED = "reserved"
    RELEASED = "released"


def use(
    tx: Tx,
    payer: ClientId,
    rules: Sequence[DayRule],
    period: date,
    amount: Money,
    command: UUID,
    *,
    state: Use = Use.USED,
) -> None:
    if rules:
        tx.run(
            SQL["use"],
            {
                "payer": payer,
                "rules": [r.name for r in rules],
                "period": period,
                "amount": amount.minor,
                "command": command,
                "state": state.value,
            },
        )


def end(tx: Tx, payer: ClientId, rules: Sequence[str], period: date, command: UUID, state: Use) -> None:
    """Turn what a command has reserved into used or released."""
    if rules:
        tx.run(
            SQL["end"],
            {"payer": payer, "rules": list(rules), "period": period, "command": command, "state": state.value},
        )
