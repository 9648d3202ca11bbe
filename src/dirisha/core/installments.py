"""One row of a loan's schedule, with what has been paid on it. Amounts in minor units of the loan's currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Installment:
    """`met_on` is the business date of the payment that left nothing outstanding.

    `paid_in_advance_minor` and `paid_late_minor` say how much of what is paid came before and after the due date.
    """

    number: int
    from_date: date
    due_date: date
    principal_minor: int
    interest_minor: int
    principal_paid_minor: int = 0
    interest_paid_minor: int = 0
    met_on: date | None = None
    paid_in_advance_minor: int = 0
    paid_late_minor: int = 0

    @property
    def principal_outstanding_minor(self) -> int:
        return self.principal_minor - self.principal_paid_minor

    @property
    def interest_outstanding_minor(self) -> int:
        return self.interest_minor - self.interest_paid_minor

    @property
    def outstanding_minor(self) -> int:
        return self.principal_outstanding_minor + self.interest_outstanding_minor

    @property
    def is_met(self) -> bool:
        return self.outstanding_minor == 0
