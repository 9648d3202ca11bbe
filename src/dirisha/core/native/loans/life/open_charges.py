"""A charge while events fold into it: what is paid of it, what is waived, and what is left.

Source: Fineract's `LoanCharge`, `LoanInstallmentCharge`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.loans.charges import ChargeTime
from dirisha.core.native.loans.charges_due import AT_DISBURSEMENT
from dirisha.core.native.loans.life.state import InstallmentFee, LoanCharge


class OpenFee:
    """The part of an installment fee that one installment carries."""

    __slots__ = (
        "amount_minor",
        "due_date",
        "installment",
        "paid_minor",
        "through_charge_payment_minor",
        "waived_minor",
    )

    def __init__(self, fee: InstallmentFee, due_date: date) -> None:
        self.installment = fee.installment
        self.due_date = due_date
        self.amount_minor = fee.amount_minor
        self.paid_minor = fee.paid_minor
        self.waived_minor = fee.waived_minor
        self.through_charge_payment_minor = fee.through_charge_payment_minor

    def fee(self) -> InstallmentFee:
        return InstallmentFee(
            installment=self.installment,
            amount_minor=self.amount_minor,
            paid_minor=self.paid_minor,
            waived_minor=self.waived_minor,
            through_charge_payment_minor=self.through_charge_payment_minor,
        )

    @property
    def outstanding_minor(self) -> int:
        return self.amount_minor - self.paid_minor - self.waived_minor

    def pay(self, left_minor: int) -> int:
        taken = min(left_minor, self.outstanding_minor)
        self.paid_minor += taken
        return taken

    def take_back(self, left_minor: int) -> int:
        taken = min(left_minor, self.paid_minor)
        self.paid_minor -= taken
        return taken


class OpenCharge:
    """`outstanding_minor` is kept, not worked out: a capped installment fee starts with less than its parts' sum."""

    __slots__ = (
        "amount_minor",
        "fees",
        "frozen",
        "is_paid",
        "is_waived",
        "outstanding_minor",
        "paid_minor",
        "waived_minor",
    )

    def __init__(self, charge: LoanCharge, due_dates: dict[int, date]) -> None:
        self.frozen = charge
        self.amount_minor = charge.amount_minor
        self.paid_minor = charge.paid_minor
        self.waived_minor = charge.waived_minor
        self.outstanding_minor = charge.outstanding_minor
        self.is_paid = charge.is_paid
        self.is_waived = charge.is_waived
        self.fees = [OpenFee(fee, due_dates[fee.installment]) for fee in charge.fees]

    def charge(self) -> LoanCharge:
        return replace(
            self.frozen,
            amount_minor=self.amount_minor,
            paid_minor=self.paid_minor,
            waived_minor=self.waived_minor,
            outstanding_minor=self.outstanding_minor,
            is_paid=self.is_paid,
            is_waived=self.is_waived,
            fees=tuple(fee.fee() for fee in self.fees),
        )

    @property
    def number(self) -> int:
        return self.frozen.number

    @property
    def is_penalty(self) -> bool:
        return self.frozen.terms.is_penalty

    @property
    def is_at_disbursement(self) -> bool:
        return self.frozen.terms.time in AT_DISBURSEMENT

    @property
    def is_installment_fee(self) -> bool:
        return self.frozen.terms.time is ChargeTime.INSTALLMENT_FEE

    @property
    def is_pending(self) -> bool:
        return not self.is_paid and not self.is_waived

    @property
    def earliest_unpaid_fee(self) -> OpenFee | None:
        return min((fee for fee in self.fees if fee.outstanding_minor), key=lambda fee: fee.due_date, default=None)

    @property
    def latest_paid_fee(self) -> OpenFee | None:
        return max((fee for fee in self.fees if fee.paid_minor), key=lambda fee: fee.due_date, default=None)

    @property
    def due_on(self) -> date | None:
        """When it next falls due: an installment fee with its first unpaid installment."""
        if not self.is_installment_fee:
            return self.frozen.due_on
        fee = self.earliest_unpaid_fee
        return fee.due_date if fee else None

    def of_installment(self, number: int) -> OpenFee:
        return next(fee for fee in self.fees if fee.installment == number)

    def pay(self, left_minor: int, fee: OpenFee | None) -> int:
        """Pay at most what is outstanding; of an installment fee, of `fee` alone. How much that was."""
        offered = left_minor if fee is None else fee.pay(left_minor)
        taken = min(offered, self.outstanding_minor)
        self.paid_minor += taken
        if offered >= self.outstanding_minor:
            self.outstanding_minor = 0
            self.is_waived = self.waived_minor > 0
            self.is_paid = not self.is_waived
        else:
            self.outstanding_minor = self.amount_minor - self.waived_minor - self.paid_minor
        return taken

    def take_back(self, left_minor: int, fee: OpenFee | None) -> int:
        """Undo at most what is paid; how much that was."""
        taken = min(left_minor if fee is None else fee.take_back(left_minor), self.paid_minor)
        self.paid_minor -= taken
        self.outstanding_minor = self.amount_minor - self.waived_minor - self.paid_minor
        if not self.paid_minor:
            self.is_paid = False
        return taken

    def waive(self, fee: OpenFee | None) -> int:
        """Waive what is left; of an installment fee, of `fee` alone. How much that was."""
        waived = self.outstanding_minor if fee is None else fee.outstanding_minor
        if fee is not None:
            fee.waived_minor += waived
        self.waived_minor += waived
        self.outstanding_minor -= waived
        if self.amount_minor == self.paid_minor + self.waived_minor:
            self.is_paid, self.is_waived = False, True
        return waived

    def unwaive(self, waived_minor: int, fee: OpenFee | None) -> None:
        if fee is not None:
            fee.waived_minor -= waived_minor
        self.waived_minor -= waived_minor
        self.outstanding_minor += waived_minor
        self.is_waived = False

    def forget_payments(self) -> None:
        """Nothing paid; what is waived stays waived."""
        if self.is_at_disbursement:
            return
        self.paid_minor = 0
        self.outstanding_minor = self.amount_minor - self.waived_minor
        self.is_paid = False
        for fee in self.fees:
            fee.paid_minor = 0
