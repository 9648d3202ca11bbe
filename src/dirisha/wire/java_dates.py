"""Dates written by a Java pattern (`dd MMMM yyyy`) in a language, read as strictly as java.time does.

Kinder in one thing: where the pattern has a month's name, its long and its short forms are taken, since the published
apps send `23 Nov 2026` and `05 Sept 2026` under `MMMM`.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from babel import Locale

LONGEST_PATTERN = 40
LONGEST_TEXT = 60

_DIGITS = {
    "d": ("day", {1: "[0-9]{1,2}", 2: "[0-9]{2}"}),
    "M": ("month", {1: "[0-9]{1,2}", 2: "[0-9]{2}"}),
    "y": ("year", {1: "[0-9]{4}", 2: "[0-9]{2}", 4: "[0-9]{4}"}),
    "H": ("hour", {1: "[0-9]{1,2}", 2: "[0-9]{2}"}),
    "m": ("minute", {1: "[0-9]{1,2}", 2: "[0-9]{2}"}),
    "s": ("second", {1: "[0-9]{1,2}", 2: "[0-9]{2}"}),
}
_PIECE = re.compile(r"'(?:[^']|'')*'|(?P<run>([A-Za-z])\2*)|[^A-Za-z']+")
_SAME_LETTER = {"u": "y", "L": "M"}
_TAIL = r"(?: [0-2][0-9]:[0-5][0-9]:[0-5][0-9])?"


class BadPattern(ValueError):
    """Not a pattern that names a day, a month and a year, once each, in letters that are known here."""


def read_date(text: str, pattern: str, locale: Locale) -> date | None:
    """The day, or None when the text is not written so or is no day (31 February). Raises `BadPattern`."""
    expression, has_short_year = _compiled(pattern, str(locale))
    found = expression.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if found is None:
        return None
    parts = found.groupdict()
    month = int(parts["month"]) if parts.get("month") else _months(str(locale))[_folded(parts["name"])]
    year = int(parts["year"]) + (2000 if has_short_year else 0)
    try:
        return date(year, month, int(parts["day"]))
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _compiled(pattern: str, locale: str) -> tuple[re.Pattern[str], bool]:
    if len(pattern) > LONGEST_PATTERN:
        raise BadPattern(pattern[:LONGEST_PATTERN])
    expression, seen, has_short_year = "", [], False
    for letters, is_literal in _pieces(pattern):
        if is_literal:
            expression += re.escape(letters)
            continue
        name, part = _part(letters, locale)
        expression += f"(?P<{name}>{part})"
        seen.append("month" if name == "name" else name)
        has_short_year |= name == "year" and len(letters) == 2
    dated = [name for name in seen if name in ("day", "month", "year")]
    if sorted(dated) != ["day", "month", "year"] or len(set(seen)) != len(seen):
        raise BadPattern(pattern)
    tail = _TAIL if len(seen) == 3 else ""
    return re.compile(expression + tail, re.IGNORECASE), has_short_year


def _pieces(pattern: str) -> list[tuple[str, bool]]:
    """Runs of one letter, and literals: other characters, and what stands between quotes (two of them are one)."""
    found = list(_PIECE.finditer(pattern))
    if "".join(piece[0] for piece in found) != pattern:
        raise BadPattern(pattern)
    return [(piece[0] if piece["run"] else _unquoted(piece[0]), not piece["run"]) for piece in found]


def _unquoted(literal: str) -> str:
    if not literal.startswith("'"):
        return literal
    return literal[1:-1].replace("''", "'") or "'"


def _part(letters: str, locale: str) -> tuple[str, str]:
    letter = _SAME_LETTER.get(letters[0], letters[0])
    if letter == "M" and len(letters) in (3, 4):
        names = sorted(_months(locale), key=len, reverse=True)
        return "name", "|".join(rf"{re.escape(name)}\.?" for name in names)
    name, widths = _DIGITS.get(letter, ("", {}))
    if len(letters) not in widths:
        raise BadPattern(letters)
    return name, widths[len(letters)]


@lru_cache(maxsize=64)
def _months(locale: str) -> dict[str, int]:
    """Every written form of each month, folded."""
    parsed = Locale.parse(locale)
    names = {
        _folded(name): number
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in parsed.months[context][width].items()
    }
    if parsed.language == "en":
        names |= {"sep": 9, "sept": 9}
    return names


def _folded(name: str) -> str:
    return name.casefold().rstrip(".")
