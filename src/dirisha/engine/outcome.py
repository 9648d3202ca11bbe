"""How an act ended, as every door gets it. A fault of ours is an exception, and no outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from dirisha.core.port import Receipt
from dirisha.engine.plan import Quoted
from dirisha.engine.policy import Need
from dirisha.kit.money import Money
from dirisha.kit.refusal import Refusal
from dirisha.payments.instructions import Instruction

R = TypeVar("R", covariant=True)


@dataclass(frozen=True, slots=True)
class Quote:
    """A stored plan. Its id is the key of the act in every door that confirms; `need` is what the door must ask for."""

    id: UUID
    act: str
    quoted: Quoted
    balance_after: Money
    need: Need
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Done(Generic[R]):
    """It happened: now, or before under the same key (`replayed`)."""

    result: R
    command: UUID
    replayed: bool


@dataclass(frozen=True, slots=True)
class Pending:
    """The money is on its way: the core bank has not said yet what became of it. The client will be told."""

    instruction: Instruction
    replayed: bool

    @property
    def reference(self) -> str:
        return self.instruction.reference

    @property
    def command(self) -> UUID:
        return self.instruction.command


@dataclass(frozen=True, slots=True)
class Refused:
    """It did not happen; no money moved. `reference` finds it in the audit trail; `quote` comes with `plan.changed`."""

    refusal: Refusal
    reference: str
    replayed: bool = False
    quote: Quote | None = None

    @property
    def code(self) -> str:
        return self.refusal.code


Outcome = Done[R] | Refused
MoneyOutcome = Done[Receipt] | Pending | Refused
