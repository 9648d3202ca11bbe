"""An account between two events: all that the next event needs, as it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum

from dirisha.core.native.savings.charges import Charge
from dirisha.core.native.savings.earned import Carried
from dirisha.core.native.savings.transactions import Transaction


class Status(IntEnum):
    """Fineract's `SavingsAccountStatusType`."""

    SUBMITTED = 100
    APPROVED = 200
    ACTIVE = 300
    WITHDRAWN = 400
    REJECTED = 500
    CLOSED = 600
    PREMATURELY_CLOSED = 700
    MATURED = 800


class SubStatus(IntEnum):
    """Of an active account (Fineract's `SavingsAccountSubStatusEnum`)."""

    NONE = 0
    INACTIVE = 100
    DORMANT = 200
    ESCHEAT = 300
    BLOCKED = 400
    CREDITS_BLOCKED = 500
    DEBITS_BLOCKED = 600


@dataclass(frozen=True, slots=True)
class Maturity:
    """When a deposit falls due, what it will be worth then (minor units), and what of it was put in."""

    on: date
    amount_minor: int
    deposited_minor: int


@dataclass(frozen=True, slots=True)
class DueDeposit:
    """An installment of a recurring deposit."""

    due_on: date
    amount_minor: int
    paid_minor: int = 0

    @property
    def outstanding_minor(self) -> int:
        return self.amount_minor - self.paid_minor


@dataclass(frozen=True, slots=True)
class Overdue:
    """Installments of a recurring deposit that are late, as counted at the last deposit."""

    installments: int = 0
    amount_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Transactions in order of day and number.

    `reckoned_to`, of a deposit: the day to which its balances were last drawn up (see `premature`).
    `annual_rate`, `interest_earned_minor` and `interest_calculated_on` are of the last calculation of interest.
    `interest_posted_until` is the day of the last posting that the last reckoning made, or else found.
    `carried`: where the interest of periods that are posted for good is carried forward; None: from the beginning.
    """

    status: Status
    submitted_on: date
    annual_rate: Decimal
    sub_status: SubStatus = SubStatus.NONE
    approved_on: date | None = None
    activated_on: date | None = None
    locked_until: date | None = None
    closed_on: date | None = None
    transactions: tuple[Transaction, ...] = ()
    charges: tuple[Charge, ...] = ()
    next_number: int = 1
    held_minor: int = 0
    interest_earned_minor: int = 0
    interest_calculated_on: date | None = None
    interest_posted_until: date | None = None
    carried: Carried | None = None
    maturity: Maturity | None = None
    reckoned_to: date | None = None
    due_deposits: tuple[DueDeposit, ...] = ()
    overdue: Overdue | None = None

    @property
    def available_minor(self) -> int:
        """What the balance is without held amounts."""
        return next((line.running_balance_minor for line in reversed(self.transactions) if line.counts), 0)

    @property
    def balance_minor(self) -> int:
        return self.available_minor + self.held_minor

    def transaction(self, number: int) -> Transaction | None:
        return next((line for line in self.transactions if line.number == number), None)
