"""Names for the numbers that identify things, and the two kinds that we make ourselves."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import NewType
from uuid import UUID

OfficeId = NewType("OfficeId", int)
ClientId = NewType("ClientId", int)
UserId = NewType("UserId", int)
SavingsId = NewType("SavingsId", int)
LoanId = NewType("LoanId", int)
CommandId = NewType("CommandId", UUID)
JournalId = NewType("JournalId", UUID)

# No 0/O, 1/I/L, 5/S, 2/Z, 8/B, U/V: what is read over a telephone must not be guessed at.
REFERENCE_LETTERS = "34679ACDEFGHJKMNPQRTWXY"


def time_ordered_id(at: datetime) -> UUID:
    """A UUIDv7 (RFC 9562 §5.7): the moment in milliseconds, then 74 random bits."""
    milliseconds = int(at.timestamp() * 1000)
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80
    value |= 0x7 << 76
    value |= secrets.randbits(12) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return UUID(int=value)


def reference_for(identifier: UUID) -> str:
    """A receipt's human reference, `R7K4-9M2P-XC`: nine letters from the id's random part and a check letter."""
    number = identifier.int & ((1 << 62) - 1)
    letters = ""
    for _ in range(9):
        number, index = divmod(number, len(REFERENCE_LETTERS))
        letters += REFERENCE_LETTERS[index]
    whole = letters + _check_letter(letters)
    return f"{whole[:4]}-{whole[4:8]}-{whole[8:]}"


def read_reference(text: str) -> str | None:
    """A typed reference in its stored form, or None when a letter is wrong (the check letter tells)."""
    letters = text.strip().upper().replace("-", "").replace(" ", "")
    if len(letters) != 10 or any(letter not in REFERENCE_LETTERS for letter in letters):
        return None
    if _check_letter(letters[:9]) != letters[9]:
        return None
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def _check_letter(letters: str) -> str:
    # Weights that differ from place to place also catch two letters exchanged.
    base = len(REFERENCE_LETTERS)
    total = sum((place + 1) * REFERENCE_LETTERS.index(letter) for place, letter in enumerate(letters))
    return REFERENCE_LETTERS[total % base]
