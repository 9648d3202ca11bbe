"""A line of a savings account, and which balances it moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum


class Kind(IntEnum):
    """Fineract's `SavingsAccountTransactionType`."""

    DEPOSIT = 1
    WITHDRAWAL = 2
    INTEREST_POSTING = 3
    WITHDRAWAL_FEE = 4
    ANNUAL_FEE = 5
    WAIVE_CHARGE = 6
    PAY_CHARGE = 7
    DIVIDEND_PAYOUT = 8
    OVERDRAFT_INTEREST = 17
    WITHHOLD_TAX = 18
    ESCHEAT = 19
    HOLD = 20
    RELEASE = 21


CHARGE_PAYMENTS = frozenset({Kind.WITHDRAWAL_FEE, Kind.ANNUAL_FEE, Kind.PAY_CHARGE})
INTEREST = frozenset({Kind.INTEREST_POSTING, Kind.OVERDRAFT_INTEREST})

# What a kind does to the account's balance. An escheated balance stays shown, though the account is closed.
CREDITS = frozenset({Kind.DEPOSIT, Kind.INTEREST_POSTING, Kind.DIVIDEND_PAYOUT})
DEBITS = frozenset({Kind.WITHDRAWAL, Kind.OVERDRAFT_INTEREST, Kind.WITHHOLD_TAX}) | CHARGE_PAYMENTS

# The balance that earns: without posted interest, which enters by compounding, and without the tax on it.
_EARNING = {
    **dict.fromkeys((Kind.DEPOSIT, Kind.DIVIDEND_PAYOUT), 1),
    **dict.fromkeys((Kind.WITHDRAWAL, *CHARGE_PAYMENTS), -1),
}
_BALANCE = {**dict.fromkeys(CREDITS, 1), **dict.fromkeys(DEBITS, -1)}
_AVAILABLE = {**_BALANCE, Kind.HOLD: -1, Kind.RELEASE: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """`number` counts up in entry order; a day's transactions stand in that order.

    `running_balance_minor`: what is available after it, held amounts taken off; 0 once reversed.
    `overdraft_minor`: the part of the amount that was, or came, below zero.
    `by_hand`: interest posted to a chosen day. `replaces`: the transaction that was reversed for this one.
    `reverses`: this is the counter-entry of that transaction and moves nothing itself.
    `charge`: the charge paid or waived. `released_by`: the release of a hold. `of_transfer`: one leg of a transfer.
    `pays_interest_out`: posted interest leaving for another account. `penalty`: a charge payment of a penalty.
    """

    number: int
    kind: Kind
    on: date
    amount_minor: int
    running_balance_minor: int = 0
    overdraft_minor: int = 0
    reversed: bool = False
    by_hand: bool = False
    replaces: int | None = None
    reverses: int | None = None
    charge: int | None = None
    penalty: bool = False
    released_by: int | None = None
    of_transfer: bool = False
    pays_interest_out: bool = False

    @property
    def counts(self) -> bool:
        """Neither reversed nor the counter-entry of a reversed one."""
        return not self.reversed and self.reverses is None

    @property
    def available_change_minor(self) -> int:
        return _AVAILABLE.get(self.kind, 0) * self.amount_minor

    @property
    def balance_change_minor(self) -> int:
        return _BALANCE.get(self.kind, 0) * self.amount_minor

    @property
    def earning_change_minor(self) -> int:
        return _EARNING.get(self.kind, 0) * self.amount_minor

    @property
    def bears_interest(self) -> bool:
        return self.kind in _EARNING
