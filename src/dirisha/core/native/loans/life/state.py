"""What a loan has come to: its schedule with what is paid, its charges, its transactions, its status.

All of it is plain and frozen, so that it can be stored (`stored.py`) and compared. Enumerations carry the reference
core's ids, so that a door can show them. Amounts are in minor units.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from dirisha.core.installments import Installment
from dirisha.core.native.loans.charges import ChargeTerms
from dirisha.core.native.loans.life.terms import LifeTerms
from dirisha.core.native.loans.life.transactions import Transaction
from dirisha.core.parts import Parts


class Status(IntEnum):
    """Loan-math §12."""

    SUBMITTED = 100
    APPROVED = 200
    ACTIVE = 300
    WITHDRAWN = 400
    REJECTED = 500
    CLOSED = 600
    WRITTEN_OFF = 601
    RESCHEDULED = 602
    OVERPAID = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallmentFee:
    """The part of a charge that one installment carries."""

    installment: int
    amount_minor: int
    paid_minor: int = 0
    waived_minor: int = 0
    through_charge_payment_minor: int = 0

    @property
    def outstanding_minor(self) -> int:
        return self.amount_minor - self.paid_minor - self.waived_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanCharge:
    """`number` is its place among the loan's charges, from 1.

    `overdue_installment` and `sequence` are those of a penalty of the overdue job. `after_transaction` is the number of
    the last transaction that was entered before it.
    """

    number: int
    terms: ChargeTerms
    due_on: date | None
    amount_minor: int
    submitted_on: date
    base_minor: int = 0
    paid_minor: int = 0
    waived_minor: int = 0
    outstanding_minor: int = 0
    fees: tuple[InstallmentFee, ...] = ()
    overdue_installment: int | None = None
    sequence: int = 0
    active: bool = True
    is_paid: bool = False
    is_waived: bool = False
    after_transaction: int = 0


@dataclass(frozen=True, slots=True)
class Arrears:
    """What was overdue when the loan was last looked at, and since when."""

    overdue: Parts
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The days of the loan's story so far."""

    submitted_on: date | None = None
    approved_on: date | None = None
    expected_on: date | None = None
    disbursed_on: date | None = None
    rejected_on: date | None = None
    withdrawn_on: date | None = None
    closed_on: date | None = None
    written_off_on: date | None = None
    overpaid_on: date | None = None
    charged_off_on: date | None = None
    foreclosed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`on` is the business day of the last entry, or the later one on which the loan is looked at.

    `installments` are in due-date order. `approved_minor` is what may go out, `principal_minor` what went out.
    """

    terms: LifeTerms
    status: Status
    on: date
    dates: Dates = Dates()
    approved_minor: int = 0
    principal_minor: int = 0
    overpaid_minor: int = 0
    installments: tuple[Installment, ...] = ()
    charges: tuple[LoanCharge, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    arrears: Arrears | None = None
    non_performing: bool = False
