"""What a session remembers: the choices made so far, and what stands on the phone at this moment.

Encrypted where it is kept. Values are ids, words and amounts that were chosen: never a balance, never a PIN.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from dirisha.kit.packed import pack, unpack


@dataclass(frozen=True, slots=True)
class Entry:
    """One step passed: its name, the value chosen, the offer that was shown. `asked` ones can be gone back to."""

    step: str
    value: Any
    offer: tuple[Any, ...] = ()
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """The page on the phone: which step's, which of its pages, what its numbers stand for.

    On the last page of a step other things than its numbers may be typed.
    """

    step: str
    page: int
    keys: dict[str, Any]
    is_last: bool


@dataclass(frozen=True, slots=True)
class Tape:
    """`home` is where the menu stands on it, once it was reached.

    `dialled` is the length of what was dialled behind the service code, and `dialled_used` how many of its parts are
    spent: the parts themselves come again with each request and are not kept. `language` is the last one spoken.
    """

    entries: tuple[Entry, ...] = ()
    shown: Shown | None = None
    home: int | None = None
    dialled: int = 0
    dialled_used: int = 0
    language: str | None = None

    def with_entry(self, entry: Entry) -> Tape:
        return replace(self, entries=(*self.entries, entry))

    def cut(self, length: int) -> Tape:
        """Forget what came after the first `length` entries; what was dialled is spent by any going back."""
        home = self.home if self.home is not None and self.home <= length else None
        return Tape(entries=self.entries[:length], home=home, language=self.language)

    @property
    def back(self) -> int | None:
        """Where the tape is cut to go one page back; None where there is nothing to go back to."""
        floor = self.home if self.home is not None else 0
        asked = [n for n, entry in enumerate(self.entries) if entry.asked and n >= floor]
        return asked[-1] if asked else None

    @property
    def is_past_home(self) -> bool:
        return self.home is not None and len(self.entries) > self.home

    @property
    def user(self) -> int | None:
        """Whose PIN was entered; None before that."""
        return next(
            (int(e.value["user"]) for e in self.entries if isinstance(e.value, dict) and "user" in e.value), None
        )

    def packed(self) -> bytes:
        shown = self.shown
        return orjson.dumps(
            {
                "entries": [[e.step, pack(e.value), pack(e.offer), e.asked] for e in self.entries],
                "shown": [shown.step, shown.page, pack(shown.keys), shown.is_last] if shown else None,
                "home": self.home,
                "dialled": [self.dialled, self.dialled_used],
                "language": self.language,
            }
        )

    @classmethod
    def unpacked(cls, stored: bytes) -> Tape:
        whole = orjson.loads(stored)
        entries = tuple(
            Entry(step, unpack(value), tuple(unpack(offer)), asked) for step, value, offer, asked in whole["entries"]
        )
        shown = whole["shown"]
        return cls(
            entries,
            Shown(shown[0], shown[1], unpack(shown[2]), shown[3]) if shown else None,
            whole["home"],
            dialled=whole["dialled"][0],
            dialled_used=whole["dialled"][1],
            language=whole["language"],
        )


EMPTY = Tape()


@dataclass(frozen=True, slots=True)
class Typed:
    """What came with this turn: the answer to what stands on the phone (None at the first), and what was dialled."""

    answer: str | None = field(repr=False)
    dialled: tuple[str, ...] = field(default=(), repr=False)
