"""Pages that fit a phone: cut by us at line ends, with the way on and the way back on each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dirisha.kit.gsm7 import is_gsm7, septets, ucs2_units

BACK, HOME, MORE = "0", "00", "98"
# Numbers from 98 on mean something else.
MOST_OPTIONS = 97


@dataclass(frozen=True, slots=True)
class Limit:
    """The longest screen: `gsm7` septets, or `ucs2` units as soon as one character is outside that alphabet."""

    gsm7: int
    ucs2: int

    def holds(self, text: str) -> bool:
        return septets(text) <= self.gsm7 if is_gsm7(text) else ucs2_units(text) <= self.ucs2


@dataclass(frozen=True, slots=True)
class Ways:
    """The last line of a page, spoken: `more` stands on all pages but the last."""

    more: str
    others: tuple[str, ...]

    def line(self, *, is_last: bool) -> str:
        return " ".join(self.others if is_last else (self.more, *self.others))


@dataclass(frozen=True, slots=True)
class Numbered:
    """A choice on a page: what it is, as the dialog knows it, and how it is called."""

    label: str
    value: Any


@dataclass(frozen=True, slots=True)
class Page:
    """`keys` is what may be typed on it and what it stands for."""

    text: str
    keys: Mapping[str, Any]
    is_last: bool


def paged(lines: Sequence[str], options: Sequence[Numbered], ways: Ways, limit: Limit) -> list[Page]:
    """The whole on as few pages as it takes; never a page over the limit, never half a choice."""
    pieces: list[tuple[str, str | None]] = [(line, None) for line in lines if line]
    pieces += [(f"{n} {option.label}", str(n)) for n, option in enumerate(options[:MOST_OPTIONS], 1)]
    values = {str(n): option.value for n, option in enumerate(options[:MOST_OPTIONS], 1)}
    pages: list[Page] = []
    while True:
        count = _fitting(pieces, ways.line(is_last=True), limit)
        is_last = count == len(pieces)
        if not is_last:
            pieces = _first_made_to_fit(pieces, ways.line(is_last=False), limit)
            count = _fitting(pieces, ways.line(is_last=False), limit)
        here = pieces[:count]
        text = _joined(here, ways.line(is_last=is_last))
        pages.append(Page(text, {key: values[key] for _, key in here if key is not None}, is_last))
        pieces = pieces[count:]
        if is_last:
            return pages


def ending(lines: Sequence[str], limit: Limit) -> str:
    """The last screen of a session: nothing can follow it, so what does not fit is cut at a word."""
    text = "\n".join(line for line in lines if line)
    return text if limit.holds(text) else _clipped(text, limit.holds)


def _joined(pieces: Sequence[tuple[str, str | None]], ways: str) -> str:
    return "\n".join(line for line in (*(text for text, _ in pieces), ways) if line)


def _fitting(pieces: Sequence[tuple[str, str | None]], ways: str, limit: Limit) -> int:
    """How many pieces from the first on fit above the line of ways."""
    count = 0
    while count < len(pieces) and limit.holds(_joined(pieces[: count + 1], ways)):
        count += 1
    return count


def _first_made_to_fit(
    pieces: Sequence[tuple[str, str | None]], ways: str, limit: Limit
) -> list[tuple[str, str | None]]:
    """The pieces with the first one short enough for a page of its own: a choice clipped, prose cut in two."""
    text, key = pieces[0]
    if limit.holds(f"{text}\n{ways}"):
        return list(pieces)
    head = _clipped(text, lambda piece: limit.holds(f"{piece}\n{ways}"))
    if key is not None:
        return [(head, key), *pieces[1:]]
    return [(head, None), (text[len(head) :].lstrip(), None), *pieces[1:]]


def _clipped(text: str, holds: Callable[[str], bool]) -> str:
    """The longest beginning that holds, cut at a word where there is one in its last third."""
    end = len(text)
    while end > 1 and not holds(text[:end]):
        end -= 1
    space = text.rfind(" ", end * 2 // 3, end + 1)
    return text[: space if space > 0 else end].rstrip()
