"""One row of a loan's schedule: what falls due, and what has become of it. Amounts in minor units of its currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dirisha.core.parts import NOTHING, Parts


class InstallmentKind(StrEnum):
    """Why a row stands in the schedule."""

    REPAYMENT = "repayment"
    DOWN_PAYMENT = "down_payment"
    # Charges that fall due after the last repayment have a row of their own.
    CHARGES_ONLY = "charges_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installment:
    """`due` is as charged; what is paid, waived and written off is taken from it in `outstanding`.

    `met_on` is the value date of the transaction that left nothing outstanding. `paid_in_advance_minor` and
    `paid_late_minor` say how much of what is paid came before and after the due date. `credited_minor` of the principal
    due is owed for the second time, since it went back to the borrower (a chargeback).
    """

    number: int
    from_date: date
    due_date: date
    due: Parts
    kind: InstallmentKind = InstallmentKind.REPAYMENT
    paid: Parts = NOTHING
    waived: Parts = NOTHING
    written_off: Parts = NOTHING
    met_on: date | None = None
    paid_in_advance_minor: int = 0
    paid_late_minor: int = 0
    credited_minor: int = 0

    @property
    def outstanding(self) -> Parts:
        return self.due - self.paid - self.waived - self.written_off

    @property
    def outstanding_minor(self) -> int:
        return self.due.total - self.paid.total - self.waived.total - self.written_off.total

    @property
    def is_met(self) -> bool:
        return not self.outstanding
