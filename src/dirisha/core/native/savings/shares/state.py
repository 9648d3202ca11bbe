"""A share account between two events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from dirisha.core.native.savings.shares.terms import ShareChargeTerms


class ShareStatus(IntEnum):
    """Fineract's `ShareAccountStatusType`."""

    SUBMITTED = 100
    APPROVED = 200
    ACTIVE = 300
    REJECTED = 500
    CLOSED = 600


class RequestStatus(IntEnum):
    APPLIED = 100
    APPROVED = 300
    REJECTED = 400


class ShareKind(IntEnum):
    PURCHASE = 500
    REDEMPTION = 600
    CHARGE_PAYMENT = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareTransaction:
    """`amount_minor`: what is paid in with its charge, or paid out without it; `paid_minor`: what was of it."""

    number: int
    kind: ShareKind
    on: date
    status: RequestStatus
    shares: int = 0
    price_minor: int = 0
    amount_minor: int = 0
    charge_minor: int = 0
    paid_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareCharge:
    """`on_minor`: the purchases or redemptions so far that a percentage is taken of."""

    terms: ShareChargeTerms
    amount_minor: int = 0
    on_minor: int = 0
    paid_minor: int = 0

    @property
    def outstanding_minor(self) -> int:
        return self.amount_minor - self.paid_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareState:
    status: ShareStatus
    submitted_on: date
    approved_on: date | None = None
    activated_on: date | None = None
    closed_on: date | None = None
    transactions: tuple[ShareTransaction, ...] = ()
    charges: tuple[ShareCharge, ...] = ()

    @property
    def held(self) -> int:
        """Shares bought and approved, less those redeemed."""
        return sum(
            line.shares if line.kind is ShareKind.PURCHASE else -line.shares
            for line in self.transactions
            if line.status is RequestStatus.APPROVED
        )

    @property
    def pending(self) -> int:
        return sum(line.shares for line in self.transactions if line.status is RequestStatus.APPLIED)
