"""Our mark in Fineract's books: a transfer's description, by which it is found again. The branch's staff see it too."""

from __future__ import annotations

import re

from dirisha.core.port import Order
from dirisha.kit.ids import read_reference

_MARK = re.compile(r"Dirisha ([0-9A-Z-]{12}) ([a-z_]+\.[a-z_]+)")


def mark_of(order: Order) -> str:
    """`Dirisha R7K4-9M2P-XC loans.repay`."""
    return f"Dirisha {order.reference} {order.kind}"


def read_mark(text: object) -> tuple[str, str] | tuple[None, None]:
    """Reference and act of what we have written; Nones for everybody else's words."""
    found = _MARK.fullmatch(text) if isinstance(text, str) else None
    if found is None or read_reference(found[1]) != found[1]:
        return None, None
    return found[1], found[2]
