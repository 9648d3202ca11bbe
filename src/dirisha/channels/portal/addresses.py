"""What an address may hold besides its words."""

from __future__ import annotations

from django.urls.converters import IntConverter

LARGEST_ID = 2**63 - 1


class IdConverter(IntConverter):
    """An id as the database has them; a number beyond it is nobody's, so the address is not there."""

    def to_python(self, value: str) -> int:
        number = int(value) if len(value) <= len(str(LARGEST_ID)) else LARGEST_ID + 1
        if number > LARGEST_ID:
            raise ValueError("larger than any id")
        return number
