"""An account's lines as Fineract's transactions: legs of one journal together, a fee apart; and what they are called.

A transaction's id is worked out from its account and the number of its first line, a transfer's is that of the
transaction at its source.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from dirisha.core.native.branch import BRANCH
from dirisha.core.native.facts import MOST_LEGS
from dirisha.core.port import Savings
from dirisha.db.transactions import Tx
from dirisha.kit.money import Money
from dirisha.ledger.books import CASH, FEE_INCOME
from dirisha.simulators.fineract.users import SUPER_USER
from dirisha.wire import enumerations as enums
from dirisha.wire import savings as wire
from dirisha.wire.savings import Transaction
from dirisha.wire.written import Figures, Json

LINES_AN_ACCOUNT = 10_000_000
SELF_TRANSFER = "transfers.own"
DISBURSED = "Loan Disbursement"


def id_of(account: int, line: int) -> int:
    """Below 2⁵³ for accounts below nine hundred million, so that every JSON reader keeps it whole."""
    return account * LINES_AN_ACCOUNT + line


def line_of(account: int, transaction_id: int) -> int | None:
    """The line's number, or None when the transaction is none of this account."""
    owner, line = divmod(transaction_id, LINES_AN_ACCOUNT)
    return line if owner == account and line > 0 else None


@dataclass(frozen=True, slots=True)
class Days:
    """From the first to the last, both included."""

    first: date = date(1, 1, 1)
    last: date = date(9999, 12, 31)


ALL_DAYS = Days()
ALL_LINES = 2**31 - 1


def newest(
    tx: Tx, account: Savings, figures: Figures, *, days: Days = ALL_DAYS, offset: int = 0, limit: int | None = None
) -> list[Transaction]:
    """A page of the account's transactions, newest first; no more lines are read than it may need."""
    lines = ALL_LINES if limit is None else (offset + limit + 1) * MOST_LEGS
    found = _read(tx, account, figures, before=ALL_LINES, days=days, lines=lines)
    return list(found)[offset : None if limit is None else offset + limit]


def one(tx: Tx, account: Savings, line: int, figures: Figures) -> Transaction | None:
    wanted = id_of(account.id, line)
    found = _read(tx, account, figures, before=line + 2 * MOST_LEGS, days=ALL_DAYS, lines=3 * MOST_LEGS)
    return next((each for each in found if each.id == wanted), None)


def total(tx: Tx, account: Savings, days: Days) -> int:
    bounds = {"account": account.id, "fees": FEE_INCOME.id, "first": days.first, "last": days.last}
    return int(tx.run(BRANCH["savings_transactions"], bounds).one().total)


def _read(tx: Tx, account: Savings, figures: Figures, *, before: int, days: Days, lines: int) -> Iterator[Transaction]:
    wanted = {"account": account.id, "before": before, "first": days.first, "last": days.last, "limit": lines}
    rows = tx.run(BRANCH["savings_legs"], wanted).all()
    for _, legs in groupby(rows, key=lambda row: (row.journal, row.side, row.other == FEE_INCOME.id)):
        yield _transaction(account, list(legs), figures)


def _transaction(account: Savings, legs: list[Any], figures: Figures) -> Transaction:
    """From the legs of one journal, newest first."""
    newest_leg, oldest = legs[0], legs[-1]
    is_in, is_fee = newest_leg.side == "credit", newest_leg.other == FEE_INCOME.id
    currency = account.balance.currency
    amount = Money(sum(leg.amount_minor for leg in legs), currency)
    number = id_of(account.id, oldest.line)
    is_transfer = not is_fee and is_between_accounts(newest_leg)
    return Transaction(
        id=number,
        type=enums.DEPOSIT if is_in else enums.WITHDRAWAL_FEE if is_fee else enums.WITHDRAWAL,
        amount=amount,
        balance=Money(newest_leg.balance, currency),
        on=newest_leg.business_date,
        transfer=transfer_of(newest_leg, amount, figures) if is_transfer else None,
        payment=payment(number) if not is_transfer and not is_fee else None,
        by=newest_leg.by or SUPER_USER.name,
    )


def is_between_accounts(row: Any) -> bool:
    """Cash paid in or out is none; a transfer of an account to itself goes over the cash, and is one."""
    return row.kind == SELF_TRANSFER or CASH.id not in (row.source, row.target)


def transfer_of(row: Any, amount: Money, figures: Figures) -> Json:
    described = row.description or (DISBURSED if row.kind == "loans.disburse" else row.reference)
    return wire.transfer(id_of(row.source, row.source_line), amount, row.business_date, described, figures)


def payment(number: int) -> Json:
    """What is known of money that came over the counter: nothing but that it did."""
    return {
        "id": number,
        "paymentType": {"id": 1, "name": "Money Transfer", "isSystemDefined": False},
        "accountNumber": "",
        "checkNumber": "",
        "routingCode": "",
        "receiptNumber": "",
        "bankNumber": "",
    }
