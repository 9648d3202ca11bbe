"""What happens to a loan, in the order in which it is entered.

Each event has the day `on` which it is valued, and the business day `booked_on` which it is entered (None: the same
day). Amounts are in minor units of the loan's currency. Jobs are events that carry what they decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from dirisha.core.native.loans.charges import ChargeTerms
from dirisha.core.native.loans.terms import LoanTerms
from dirisha.core.parts import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    on: date
    booked_on: date | None = None

    @property
    def booked(self) -> date:
        return self.booked_on or self.on


# The application


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit(Event):
    """For the terms of the loan's life; `expected_on` is when the money is expected to go out."""

    expected_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeApplication(Event):
    """Other terms are applied for."""

    terms: LoanTerms
    expected_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve(Event):
    """For `principal_minor`, or for what was applied for."""

    principal_minor: int | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoApproval(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawApplication(Event):
    pass


# The money goes out


@dataclass(frozen=True, slots=True, kw_only=True)
class Disburse(Event):
    """`settles_minor` of it closes an older loan (a top-up). Of a loan in tranches, one after the other goes out."""

    amount_minor: int
    settles_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoDisbursal(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoLastTranche(Event):
    """The tranche that went out last never did, and is no longer expected."""


# The money comes back


class RepaymentKind(IntEnum):
    """What is allocated as a repayment is; the numbers are those of `TransactionKind`."""

    REPAYMENT = 2
    MERCHANT_REFUND = 21
    PAYOUT_REFUND = 22
    GOODWILL_CREDIT = 23
    CHARGE_REFUND = 24
    INTEREST_PAYMENT_WAIVER = 31
    INTEREST_REFUND = 33


@dataclass(frozen=True, slots=True, kw_only=True)
class Repay(Event):
    amount_minor: int
    kind: RepaymentKind = RepaymentKind.REPAYMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(Event):
    """Transaction number `transaction` never was."""

    transaction: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust(Event):
    """Transaction number `transaction` was of another amount, or of another day: `on`."""

    transaction: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chargeback(Event):
    """Of transaction number `transaction`, so much goes back to who paid it, and is owed again."""

    transaction: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundCreditBalance(Event):
    """What was paid too much goes back."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundByCash(Event):
    """Money goes back from an active loan: what was paid last is owed again."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreclose(Event):
    """The loan is repaid in full, with interest only to the day."""


# Charges


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCharge(Event):
    charge: ChargeTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class PayCharge(Event):
    """Charge number `charge` alone is paid; of an installment fee, the one of `installment`."""

    charge: int
    amount_minor: int
    installment: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveCharge(Event):
    """What is left of charge number `charge` need not be paid; of an installment fee, the one of `installment`."""

    charge: int
    installment: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustCharge(Event):
    """Charge number `charge` is made good, in whole or in part, by a payment that nobody makes."""

    charge: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveInterest(Event):
    amount_minor: int


# Giving up


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoWriteOff(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Recover(Event):
    """Money for a loan that is written off."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeOff(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoChargeOff(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Event):
    """With nothing outstanding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAsRescheduled(Event):
    """Another loan takes over what is outstanding."""


# Jobs


@dataclass(frozen=True, slots=True)
class Penalty:
    """What the penalty job charges for an installment; `sequence` tells repeated ones apart, from 1.

    `base_minor` is what its percentage was taken of.
    """

    installment: int
    sequence: int
    due_on: date
    amount_minor: int
    charge: ChargeTerms
    base_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargePenalties(Event):
    penalties: tuple[Penalty, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeArrears(Event):
    """The arrears as the nightly job sees them: with the product's grace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkNonPerforming(Event):
    non_performing: bool


@dataclass(frozen=True, slots=True)
class ChargeAccrual:
    """How much of an accrual is charge number `charge`; of an installment fee, the one of `installment`."""

    charge: int
    amount_minor: int
    installment: int | None = None


@dataclass(frozen=True, slots=True)
class Accrual:
    """Income of one transaction, valued on the day `on`."""

    on: date
    income: Parts
    charges: tuple[ChargeAccrual, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrue(Event):
    """Income that a job has found earned until the day `on`."""

    accruals: tuple[Accrual, ...]
