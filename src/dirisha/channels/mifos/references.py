"""A receipt's reference as the whole number that the API wants for an id, and back: no second name is stored."""

from __future__ import annotations

from dirisha.kit.ids import REFERENCE_LETTERS

BASE = len(REFERENCE_LETTERS)
LETTERS = 9  # the tenth only checks them


def number_of(reference: str) -> int:
    """Below 23⁹, so every JSON reader keeps it whole; two receipts never share one, since their references differ."""
    number = 0
    for letter in reversed(reference.replace("-", "")[:LETTERS]):
        number = number * BASE + REFERENCE_LETTERS.index(letter)
    return number
