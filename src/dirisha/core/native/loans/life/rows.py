"""An installment while events fold into it: the same figures as `Installment`, in place.

Figures stand in lists by `Portion`, so that a strategy is an order of portions.
"""

from __future__ import annotations

from datetime import date
from enum import IntEnum

from dirisha.core.installments import Installment, InstallmentKind
from dirisha.core.parts import NOTHING, Parts


class Portion(IntEnum):
    """What an amount of a loan is for; the place of its figure in a list of four."""

    PRINCIPAL = 0
    INTEREST = 1
    FEES = 2
    PENALTIES = 3


def figures(parts: Parts) -> list[int]:
    return [parts.principal, parts.interest, parts.fees, parts.penalties]


def parts(amounts: list[int]) -> Parts:
    return Parts(*amounts) if any(amounts) else NOTHING


class Row:
    """One installment, taken from and put back into its frozen form; untouched ones stay the same object."""

    __slots__ = (
        "credited",
        "due",
        "due_date",
        "from_date",
        "frozen",
        "in_advance",
        "kind",
        "late",
        "met_on",
        "number",
        "paid",
        "touched",
        "waived",
        "written_off",
    )

    def __init__(self, installment: Installment) -> None:
        self.frozen = installment
        self.touched = False
        self.number = installment.number
        self.from_date = installment.from_date
        self.due_date = installment.due_date
        self.kind = installment.kind
        self.due = figures(installment.due)
        self.paid = figures(installment.paid)
        self.waived = figures(installment.waived)
        self.written_off = figures(installment.written_off)
        self.met_on = installment.met_on
        self.in_advance = installment.paid_in_advance_minor
        self.late = installment.paid_late_minor
        self.credited = installment.credited_minor

    def installment(self) -> Installment:
        if not self.touched:
            return self.frozen
        return Installment(
            number=self.number,
            from_date=self.from_date,
            due_date=self.due_date,
            due=parts(self.due),
            kind=self.kind,
            paid=parts(self.paid),
            waived=parts(self.waived),
            written_off=parts(self.written_off),
            met_on=self.met_on,
            paid_in_advance_minor=self.in_advance,
            paid_late_minor=self.late,
            credited_minor=self.credited,
        )

    @property
    def is_charges_only(self) -> bool:
        return self.kind is InstallmentKind.CHARGES_ONLY

    @property
    def is_down_payment(self) -> bool:
        return self.kind is InstallmentKind.DOWN_PAYMENT

    def outstanding(self, portion: Portion) -> int:
        return self.due[portion] - self.paid[portion] - self.waived[portion] - self.written_off[portion]

    @property
    def outstanding_minor(self) -> int:
        return sum(self.due) - sum(self.paid) - sum(self.waived) - sum(self.written_off)

    def pay(self, portion: Portion, left_minor: int, on: date) -> int:
        """Pay at most what is outstanding of `portion`; how much that was."""
        if left_minor <= 0:
            return 0
        taken = min(left_minor, self.outstanding(portion))
        if taken <= 0:
            return 0
        self.paid[portion] += taken
        if on < self.due_date:
            self.in_advance += taken
        elif on > self.due_date:
            self.late += taken
        self.look_whether_met(on)
        return taken

    def take_back(self, portion: Portion, left_minor: int, on: date) -> int:
        """Undo at most what is paid of `portion`; how much that was."""
        taken = min(left_minor, self.paid[portion])
        if taken <= 0:
            return 0
        self.paid[portion] -= taken
        if on < self.due_date:
            self.in_advance = max(0, self.in_advance - taken)
        elif on > self.due_date:
            self.late = max(0, self.late - taken)
        self.look_whether_met(on)
        return taken

    def waive(self, portion: Portion, left_minor: int, on: date) -> int:
        """Waive at most what is outstanding of `portion`; how much that was."""
        taken = max(0, min(left_minor, self.outstanding(portion)))
        if taken:
            self.waived[portion] += taken
            self.look_whether_met(on)
        return taken

    def write_off(self, on: date) -> list[int]:
        """Write off whatever is outstanding; the amounts by portion."""
        amounts = [self.outstanding(portion) for portion in Portion]
        for portion, amount in enumerate(amounts):
            self.written_off[portion] += amount
        self.look_whether_met(on)
        return amounts

    def credit(self, amount_minor: int) -> None:
        """Principal that went back to the borrower falls due here once more."""
        self.touched = True
        self.due[Portion.PRINCIPAL] += amount_minor
        self.credited += amount_minor
        self.met_on = None

    def look_whether_met(self, on: date | None) -> None:
        self.touched = True
        self.met_on = on if self.outstanding_minor == 0 else None

    def forget_payments(self) -> None:
        """As on the first day: nothing paid, waived or written off, nothing credited."""
        self.touched = True
        self.due[Portion.PRINCIPAL] -= self.credited
        self.credited = 0
        self.paid = [0, 0, 0, 0]
        self.waived = [0, 0, 0, 0]
        self.written_off = [0, 0, 0, 0]
        self.met_on = None
        self.in_advance = 0
        self.late = 0
