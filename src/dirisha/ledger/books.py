"""Journals and movements: built purely, posted in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from dirisha.db.statements import Statements
from dirisha.db.transactions import Tx
from dirisha.kit.money import Money

SQL = Statements.beside(__file__, "sql/books.sql")


class Side(StrEnum):
    """On which side an account's balance stands."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as a movement needs it. `is_client` ones have a balance row, lines and a floor."""

    id: int
    side: Side
    is_client: bool


CASH = Account(1, Side.DEBIT, is_client=False)
INTEREST_INCOME = Account(2, Side.CREDIT, is_client=False)
FEE_INCOME = Account(3, Side.CREDIT, is_client=False)


def savings_account(account_id: int) -> Account:
    return Account(account_id, Side.CREDIT, is_client=True)


def loan_account(account_id: int) -> Account:
    return Account(account_id, Side.DEBIT, is_client=True)


@dataclass(frozen=True, slots=True)
class Movement:
    """`amount` (positive) debited to one account and credited to another."""

    debit: Account
    credit: Account
    amount: Money


@dataclass(frozen=True, slots=True)
class Journal:
    """What happened once, and can't be changed: its movements balance by construction."""

    id: UUID
    kind: str
    business_date: date
    booked_at: datetime
    command: UUID
    reference: str
    movements: tuple[Movement, ...]


def post(tx: Tx, journal: Journal) -> None:
    """Queue the journal. The balance rows of its client accounts are locked already, by the caller, in id order.

    The floor is the database's to hold: a debit beyond it raises `psycopg.errors.CheckViolation` at the next fetch.
    """
    tx.run(SQL["post"], _parameters(journal))


def _parameters(journal: Journal) -> dict[str, Any]:
    legs = _Legs()
    rows = [
        (legs.take(m.debit, Side.DEBIT, m.amount.minor), legs.take(m.credit, Side.CREDIT, m.amount.minor))
        for m in journal.movements
    ]
    accounts = sorted(legs.delta)
    return {
        "journal": journal.id,
        "kind": journal.kind,
        "business_date": journal.business_date,
        "booked_at": journal.booked_at,
        "command": journal.command,
        "reference": journal.reference,
        "accounts": accounts,
        "deltas": [legs.delta[account] for account in accounts],
        "legs": [legs.count[account] for account in accounts],
        "seq": list(range(1, len(rows) + 1)),
        "debit": [m.debit.id for m in journal.movements],
        "credit": [m.credit.id for m in journal.movements],
        "amount": [m.amount.minor for m in journal.movements],
        "debit_nth": [debit[0] for debit, _ in rows],
        "debit_running": [debit[1] for debit, _ in rows],
        "credit_nth": [credit[0] for _, credit in rows],
        "credit_running": [credit[1] for _, credit in rows],
    }


class _Legs:
    """How many lines each client account gets, and what they sum to so far."""

    def __init__(self) -> None:
        self.count: dict[int, int] = defaultdict(int)
        self.delta: dict[int, int] = defaultdict(int)

    def take(self, account: Account, side: Side, minor: int) -> tuple[int | None, int | None]:
        if not account.is_client:
            return None, None
        self.count[account.id] += 1
        self.delta[account.id] += minor if side is account.side else -minor
        return self.count[account.id], self.delta[account.id]


def lock_balances(tx: Tx, accounts: Sequence[int], *, clients: Sequence[int] | None, office: int | None) -> None:
    """Queue the locks of the named client accounts that lie in the scope, in id order; others are not touched."""
    tx.run(
        SQL["lock_balances"],
        {"accounts": list(accounts), "clients": None if clients is None else list(clients), "office": office},
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a client account. `delta_minor` is signed on the account's own side."""

    number: int
    journal: UUID
    reference: str
    kind: str
    business_date: date
    booked_at: datetime
    delta_minor: int
    balance_minor: int


def lines(tx: Tx, account: int, side: Side, *, before: int | None, limit: int) -> list[Line]:
    """The newest lines below number `before` (or of all), newest first. Reads under the caller's role."""
    rows = tx.run(
        SQL["lines"], {"account": account, "before": before if before is not None else 2**31 - 1, "limit": limit}
    )
    return [
        Line(
            row.line, row.journal, row.reference, row.kind, row.business_date, row.booked_at,
            row.amount_minor if row.side == side else -row.amount_minor, row.balance,
        )
        for row in rows.all()
    ]  # fmt: skip


def open_account(
    tx: Tx, *, side: Side, kind: str, name: str, owner: int, office: int, currency: str, on: date
) -> tuple[int, str]:
    """A new client account with an empty balance row: its id and number."""
    row = tx.run(
        SQL["open_account"],
        {
            "side": side.value,
            "kind": kind,
            "name": name,
            "owner": owner,
            "office": office,
            "currency": currency,
            "on": on,
        },
    ).one()
    return int(row.id), str(row.number)
