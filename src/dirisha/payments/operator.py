"""What the operator of the machine sees of instructions; nothing here changes what one says, or how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dirisha.db.transactions import Role, transaction
from dirisha.payments.instructions import SQL, Instruction, by_reference_for_operator, from_rows
from dirisha.payments.states import State


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One line of an instruction's story: what was said, and the state since."""

    n: int
    at: datetime
    state: State
    said: str


def listed(states: Sequence[State] | None, *, most: int) -> list[Instruction]:
    """The newest first; of all states where none are named."""
    with transaction("payments.listed", Role.KEEPER) as tx:
        rows = tx.run(
            SQL["listed"], {"states": None if states is None else [state.value for state in states], "most": most}
        ).all()
    return from_rows(rows)


def shown(reference: str) -> tuple[Instruction, list[StepTaken]] | None:
    with transaction("payments.shown", Role.KEEPER) as tx:
        instruction = by_reference_for_operator(tx, reference)
        if instruction is None:
            return None
        steps = tx.run(SQL["steps"], {"id": instruction.id}).all()
    return instruction, [StepTaken(row.n, row.at, State(row.state), row.said) for row in steps]
