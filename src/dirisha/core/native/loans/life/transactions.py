"""A loan's transactions: what moved its debt or told of its income, and what each fell on. Amounts in minor units.

`TransactionKind` carries the reference core's ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from dirisha.core.parts import NOTHING, Parts


class TransactionKind(IntEnum):
    DISBURSEMENT = 1
    REPAYMENT = 2
    WAIVE_INTEREST = 4
    REPAYMENT_AT_DISBURSEMENT = 5
    WRITE_OFF = 6
    CLOSE_AS_RESCHEDULED = 7
    RECOVERY = 8
    WAIVE_CHARGES = 9
    ACCRUAL = 10
    REFUND_BY_CASH = 18
    CHARGE_PAYMENT = 17
    CREDIT_BALANCE_REFUND = 20
    MERCHANT_REFUND = 21
    PAYOUT_REFUND = 22
    GOODWILL_CREDIT = 23
    CHARGE_REFUND = 24
    CHARGEBACK = 25
    CHARGE_ADJUSTMENT = 26
    CHARGE_OFF = 27
    DOWN_PAYMENT = 28
    INTEREST_PAYMENT_WAIVER = 31
    INTEREST_REFUND = 33


# What is allocated to installments by the loan's strategy.
REPAYMENT_LIKE = frozenset(
    {
        TransactionKind.REPAYMENT,
        TransactionKind.MERCHANT_REFUND,
        TransactionKind.PAYOUT_REFUND,
        TransactionKind.GOODWILL_CREDIT,
        TransactionKind.CHARGE_REFUND,
        TransactionKind.CHARGE_ADJUSTMENT,
        TransactionKind.DOWN_PAYMENT,
        TransactionKind.INTEREST_PAYMENT_WAIVER,
        TransactionKind.INTEREST_REFUND,
    }
)


REPAYMENTS = frozenset({TransactionKind.REPAYMENT, TransactionKind.DOWN_PAYMENT})
PAYS_INSTALLMENTS = REPAYMENT_LIKE | {TransactionKind.CHARGE_PAYMENT}

# What goes back to the borrower, and is owed again as far as it was not overpaid.
CREDITS = frozenset({TransactionKind.CREDIT_BALANCE_REFUND, TransactionKind.CHARGEBACK})


@dataclass(frozen=True, slots=True)
class InstallmentShare:
    """How much of a transaction fell on an installment (negative where a refund took it back)."""

    installment: int
    parts: Parts


@dataclass(frozen=True, slots=True)
class ChargeShare:
    """How much of a transaction settles charge number `charge`; of an installment fee, the one of `installment`."""

    charge: int
    amount_minor: int
    installment: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """`number` is its place among the loan's transactions, and stays when its split moves.

    `balance_minor` is the principal still out after it, in the order of value dates. `overpaid_minor` is what no
    installment took. `unrecognized_minor` is waived income that no job had accrued:
    of interest it is part of the split, of a charge it stands beside it. `of_transaction` is what a chargeback takes
    back, `of_charge` the charge that is adjusted.
    """

    number: int
    kind: TransactionKind
    on: date
    booked_on: date
    amount_minor: int
    split: Parts = NOTHING
    overpaid_minor: int = 0
    unrecognized_minor: int = 0
    balance_minor: int = 0
    shares: tuple[InstallmentShare, ...] = ()
    charges: tuple[ChargeShare, ...] = ()
    reversed_on: date | None = None
    of_transaction: int | None = None
    of_charge: int | None = None

    @property
    def stands(self) -> bool:
        return self.reversed_on is None


def same_split(one: Transaction, other: Transaction) -> bool:
    """Whether a ledger would post both alike."""
    return (
        one.amount_minor == other.amount_minor
        and one.split == other.split
        and one.overpaid_minor == other.overpaid_minor
        and one.unrecognized_minor == other.unrecognized_minor
    )
