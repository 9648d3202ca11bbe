"""The GSM 03.38 default alphabet: what fits one USSD screen or one SMS, and what a character costs."""

from __future__ import annotations

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Sent as an escape and a letter: two septets each.
EXTENDED = frozenset("^{}\\[~]|€\f")

# What phones' own keyboards and word processors put in place of a basic character.
_CLOSE = str.maketrans("[]{}|~^\\\u2018\u2019\u201c\u201d\u2013\u2014\u2212\u00a0\u202f", "()()/--/''\"\"---  ")


def is_gsm7(text: str) -> bool:
    return all(character in BASIC or character in EXTENDED for character in text)


def septets(text: str) -> int:
    """Length in septets; only for texts that are GSM-7."""
    return sum(2 if character in EXTENDED else 1 for character in text)


def ucs2_units(text: str) -> int:
    """Length in UTF-16 code units: what a text costs that has one character outside GSM-7."""
    return len(text.encode("utf-16-be")) // 2


def sms_parts(text: str) -> int:
    """How many SMS a text is sent as: 160 septets in one part and 153 in each of several; 70 and 67 in UCS-2."""
    length, one, several = (septets(text), 160, 153) if is_gsm7(text) else (ucs2_units(text), 70, 67)
    return 1 if length <= one else -(-length // several)


def as_basic(text: str) -> str:
    """The text at one septet a character: accents that GSM-7 lacks are dropped, other strangers become `?`."""
    return "".join(_basic(character) for character in text.translate(_CLOSE))


def _basic(character: str) -> str:
    if character in BASIC:
        return character
    letter = unicodedata.normalize("NFKD", character)[0]
    return letter if letter in BASIC else "?"
