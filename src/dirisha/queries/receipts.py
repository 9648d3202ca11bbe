"""A receipt, read again from the books by its reference."""

from __future__ import annotations

from dirisha.access.permissions import SEE_OWN
from dirisha.core.port import Receipt
from dirisha.core.view import QuestionView
from dirisha.kit.ids import read_reference
from dirisha.kit.refusal import NotFound
from dirisha.queries.ask import question


@question("receipts.by_reference", permission=SEE_OWN)
def by_reference(view: QuestionView, *, reference: str) -> Receipt:
    stored = read_reference(reference)
    if stored is None:
        raise NotFound(kind="receipt")
    return view.receipt(stored)
