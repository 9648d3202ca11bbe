"""An amount of a loan by what it is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parts:
    """In minor units of the loan's currency."""

    principal: int = 0
    interest: int = 0
    fees: int = 0
    penalties: int = 0

    @property
    def total(self) -> int:
        return self.principal + self.interest + self.fees + self.penalties

    @property
    def cost(self) -> int:
        """What is paid besides the principal."""
        return self.interest + self.fees + self.penalties

    def __add__(self, other: Parts) -> Parts:
        return Parts(
            self.principal + other.principal,
            self.interest + other.interest,
            self.fees + other.fees,
            self.penalties + other.penalties,
        )

    def __sub__(self, other: Parts) -> Parts:
        return Parts(
            self.principal - other.principal,
            self.interest - other.interest,
            self.fees - other.fees,
            self.penalties - other.penalties,
        )

    def __neg__(self) -> Parts:
        return NOTHING - self

    def __bool__(self) -> bool:
        return bool(self.principal or self.interest or self.fees or self.penalties)


NOTHING = Parts()
