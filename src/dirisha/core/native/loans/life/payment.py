"""A payment while it is spread over installments: what is left of it, and what it has paid so far."""

from __future__ import annotations

from datetime import date

from dirisha.core.native.loans.life.rows import Portion, Row, parts
from dirisha.core.native.loans.life.transactions import ChargeShare, InstallmentShare, TransactionKind
from dirisha.core.parts import Parts


class Payment:
    """`by_installment` has amounts by portion; a refund's are negative."""

    __slots__ = ("by_installment", "charges", "kind", "left_minor", "on", "split")

    def __init__(self, kind: TransactionKind, on: date, amount_minor: int) -> None:
        self.kind = kind
        self.on = on
        self.left_minor = amount_minor
        self.split = [0, 0, 0, 0]
        self.by_installment: dict[int, list[int]] = {}
        self.charges: list[ChargeShare] = []

    def pay(self, row: Row, portion: Portion, most_minor: int | None = None) -> int:
        """Pay `portion` of the row, at most `most_minor`; how much that was."""
        most = self.left_minor if most_minor is None else min(most_minor, self.left_minor)
        taken = row.pay(portion, most, self.on)
        self._note(row, portion, taken)
        return taken

    def waive(self, row: Row, portion: Portion) -> int:
        taken = row.waive(portion, self.left_minor, self.on)
        self._note(row, portion, taken)
        return taken

    def take_back(self, row: Row, portion: Portion, most_minor: int | None = None) -> int:
        most = self.left_minor if most_minor is None else min(most_minor, self.left_minor)
        taken = row.take_back(portion, most, self.on)
        self._note(row, portion, taken)
        return taken

    def _note(self, row: Row, portion: Portion, taken: int) -> None:
        if taken:
            self.left_minor -= taken
            self.split[portion] += taken
            self.by_installment.setdefault(row.number, [0, 0, 0, 0])[portion] += taken

    @property
    def parts(self) -> Parts:
        return parts(self.split)

    @property
    def shares(self) -> tuple[InstallmentShare, ...]:
        return tuple(InstallmentShare(number, Parts(*amounts)) for number, amounts in self.by_installment.items())
