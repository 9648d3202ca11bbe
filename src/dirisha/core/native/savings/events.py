"""What can happen to a savings account, a fixed or a recurring deposit.

`on` is the day of entry (the business date); a transaction may be dated back by its `value_date`. Amounts in minor
units. Jobs of an institution's end of day are events, too: they decide by the account's own state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dirisha.core.native.savings.charge_terms import ChargeTerms
from dirisha.core.native.savings.state import SubStatus


@dataclass(frozen=True, slots=True)
class Approve:
    on: date


@dataclass(frozen=True, slots=True)
class UndoApproval:
    on: date


@dataclass(frozen=True, slots=True)
class Reject:
    on: date


@dataclass(frozen=True, slots=True)
class WithdrawApplication:
    """By the applicant."""

    on: date


@dataclass(frozen=True, slots=True)
class Activate:
    on: date


@dataclass(frozen=True, slots=True)
class Deposit:
    on: date
    value_date: date
    amount_minor: int
    of_transfer: bool = False


@dataclass(frozen=True, slots=True)
class PayDividend:
    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    on: date
    value_date: date
    amount_minor: int
    of_transfer: bool = False


@dataclass(frozen=True, slots=True)
class CalculateInterest:
    on: date


@dataclass(frozen=True, slots=True)
class PostInterest:
    on: date


@dataclass(frozen=True, slots=True)
class PostInterestAsOn:
    """Interest to the day before `value_date`, posted on it."""

    on: date
    value_date: date


@dataclass(frozen=True, slots=True)
class TransferInterest:
    """Job: posted interest that is to be paid out leaves the deposit, dated as it was posted."""

    on: date


@dataclass(frozen=True, slots=True)
class AddCharge:
    on: date
    terms: ChargeTerms


@dataclass(frozen=True, slots=True)
class ChangeCharge:
    on: date
    charge: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class WaiveCharge:
    on: date
    charge: int


@dataclass(frozen=True, slots=True)
class PayCharge:
    on: date
    value_date: date
    charge: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class InactivateCharge:
    on: date
    charge: int


@dataclass(frozen=True, slots=True)
class DeleteCharge:
    on: date
    charge: int


@dataclass(frozen=True, slots=True)
class PayDueCharges:
    """Job."""

    on: date


@dataclass(frozen=True, slots=True)
class ApplyAnnualFees:
    """Job."""

    on: date


@dataclass(frozen=True, slots=True)
class Hold:
    """`lien`: it may exceed the balance, as far as the terms allow."""

    on: date
    value_date: date
    amount_minor: int
    lien: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    on: date
    hold: int


@dataclass(frozen=True, slots=True)
class Block:
    """`block`: BLOCKED, CREDITS_BLOCKED or DEBITS_BLOCKED."""

    on: date
    block: SubStatus


@dataclass(frozen=True, slots=True)
class Unblock:
    on: date
    block: SubStatus


@dataclass(frozen=True, slots=True)
class UpdateDormancy:
    """Job."""

    on: date


@dataclass(frozen=True, slots=True)
class Undo:
    on: date
    transaction: int


@dataclass(frozen=True, slots=True)
class Reverse:
    """As `Undo`, with a counter-entry."""

    on: date
    transaction: int


@dataclass(frozen=True, slots=True)
class Modify:
    on: date
    transaction: int
    value_date: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Close:
    """`interest_must_be_posted`: refused unless interest is posted to the very day."""

    on: date
    value_date: date
    withdraw_balance: bool = True
    interest_must_be_posted: bool = False


@dataclass(frozen=True, slots=True)
class Mature:
    """Job: a deposit whose day has come earns its last interest and matures."""

    on: date


@dataclass(frozen=True, slots=True)
class CalculatePremature:
    """What closing early would pay: leaves the rate on the account, as the reference core does, until interest is next
    reckoned."""

    on: date
    value_date: date


@dataclass(frozen=True, slots=True)
class ClosePrematurely:
    on: date
    value_date: date


Event = (
    Approve | UndoApproval | Reject | WithdrawApplication | Activate | Deposit | PayDividend | Withdraw
    | CalculateInterest | PostInterest | PostInterestAsOn | TransferInterest
    | AddCharge | ChangeCharge | WaiveCharge | PayCharge | InactivateCharge | DeleteCharge
    | PayDueCharges | ApplyAnnualFees
    | Hold | Release | Block | Unblock | UpdateDormancy | Undo | Reverse | Modify | Close
    | Mature | CalculatePremature | ClosePrematurely
)  # fmt: skip
