"""How a repayment falls on a loan: the oldest installment first, in each its interest, then its principal.

This is the reference core's `mifos-standard-strategy` (penalties, fees, interest, principal), loan-math §10. What is
left over when every installment is met is refused or kept by whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dirisha.core.installments import Installment


@dataclass(frozen=True, slots=True)
class InstallmentPart:
    """How much of a payment falls on one installment."""

    number: int
    principal_minor: int
    interest_minor: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """How a repayment falls on the installments; `left_over_minor` is what none of them takes."""

    parts: tuple[InstallmentPart, ...]
    left_over_minor: int

    @property
    def principal_minor(self) -> int:
        return sum(part.principal_minor for part in self.parts)

    @property
    def interest_minor(self) -> int:
        return sum(part.interest_minor for part in self.parts)


def allocate(installments: Sequence[Installment], amount_minor: int) -> Allocation:
    """Spread a repayment over installments in due-date order; met ones may be left out. Changes nothing.

    Raises `ValueError` for an amount that is not above zero.
    """
    if amount_minor <= 0:
        raise ValueError(f"a repayment is above zero, not {amount_minor}")
    left_minor = amount_minor
    parts: list[InstallmentPart] = []
    for installment in installments:
        if left_minor == 0:
            break
        interest_minor = min(left_minor, installment.interest_outstanding_minor)
        principal_minor = min(left_minor - interest_minor, installment.principal_outstanding_minor)
        if interest_minor or principal_minor:
            left_minor -= interest_minor + principal_minor
            parts.append(InstallmentPart(installment.number, principal_minor, interest_minor))
    return Allocation(tuple(parts), left_minor)


def repaid(installments: Sequence[Installment], allocation: Allocation, *, on: date) -> tuple[Installment, ...]:
    """The installments after a repayment of the day `on`; `allocation` was made on the same ones."""
    parts = {part.number: part for part in allocation.parts}
    return tuple(
        _with_payment(installment, parts[installment.number], on) if installment.number in parts else installment
        for installment in installments
    )


def _with_payment(installment: Installment, part: InstallmentPart, on: date) -> Installment:
    paid_minor = part.principal_minor + part.interest_minor
    return Installment(
        number=installment.number,
        from_date=installment.from_date,
        due_date=installment.due_date,
        principal_minor=installment.principal_minor,
        interest_minor=installment.interest_minor,
        principal_paid_minor=installment.principal_paid_minor + part.principal_minor,
        interest_paid_minor=installment.interest_paid_minor + part.interest_minor,
        met_on=on if paid_minor == installment.outstanding_minor else None,
        paid_in_advance_minor=installment.paid_in_advance_minor + (paid_minor if on < installment.due_date else 0),
        paid_late_minor=installment.paid_late_minor + (paid_minor if on > installment.due_date else 0),
    )
