"""How a repayment falls on a loan: the oldest installment first, in each its interest, then its principal.

This is the reference core's `mifos-standard-strategy` (penalties, fees, interest, principal), loan-math §10. What is
left over when every installment is met is refused or kept by whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from dirisha.core.installments import Installment
from dirisha.core.parts import NOTHING, Parts


@dataclass(frozen=True, slots=True)
class InstallmentPart:
    """How much of a payment falls on one installment."""

    number: int
    paid: Parts


@dataclass(frozen=True, slots=True)
class Allocation:
    """How a repayment falls on the installments; `left_over_minor` is what none of them takes."""

    parts: tuple[InstallmentPart, ...]
    left_over_minor: int

    @property
    def paid(self) -> Parts:
        return sum((part.paid for part in self.parts), NOTHING)


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
        if paid := _paid_from(left_minor, installment.outstanding):
            left_minor -= paid.total
            parts.append(InstallmentPart(installment.number, paid))
    return Allocation(tuple(parts), left_minor)


def _paid_from(left_minor: int, outstanding: Parts) -> Parts:
    penalties = min(left_minor, outstanding.penalties)
    fees = min(left_minor - penalties, outstanding.fees)
    interest = min(left_minor - penalties - fees, outstanding.interest)
    principal = min(left_minor - penalties - fees - interest, outstanding.principal)
    return Parts(principal, interest, fees, penalties)


def repaid(installments: Sequence[Installment], allocation: Allocation, *, on: date) -> tuple[Installment, ...]:
    """The installments after a repayment of the day `on`; `allocation` was made on the same ones."""
    parts = {part.number: part.paid for part in allocation.parts}
    return tuple(
        _with_payment(installment, parts[installment.number], on) if installment.number in parts else installment
        for installment in installments
    )


def _with_payment(installment: Installment, paid: Parts, on: date) -> Installment:
    return replace(
        installment,
        paid=installment.paid + paid,
        met_on=on if paid.total == installment.outstanding_minor else None,
        paid_in_advance_minor=installment.paid_in_advance_minor + (paid.total if on < installment.due_date else 0),
        paid_late_minor=installment.paid_late_minor + (paid.total if on > installment.due_date else 0),
    )
