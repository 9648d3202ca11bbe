"""A receipt, read again by its reference: from the books of a near core, or from the instruction to a far one."""

from __future__ import annotations

from dirisha.access.permissions import SEE_OWN
from dirisha.core.port import Receipt
from dirisha.core.view import QuestionView
from dirisha.kit.ids import read_reference
from dirisha.kit.refusal import NotFound
from dirisha.payments import instructions
from dirisha.payments.instructions import Instruction
from dirisha.payments.states import State
from dirisha.queries.ask import question


@question("receipts.by_reference", permission=SEE_OWN)
def by_reference(view: QuestionView, *, reference: str) -> Receipt | Instruction:
    """The receipt; the instruction as it stands where its money is on its way, or has not moved after all."""
    stored = read_reference(reference)
    if stored is None:
        raise NotFound(kind="receipt")
    if not view.is_far:
        return view.receipt(stored)
    instruction = instructions.by_reference(view.scope, stored)
    if instruction is None:
        raise NotFound(kind="receipt")
    return instruction.receipt if instruction.state is State.POSTED else instruction
