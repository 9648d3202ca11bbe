"""What a message asks for: the whole message is one keyword, an amount to pay, or a code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class Word(StrEnum):
    BALANCE = "balance"
    LOAN = "loan"
    PAY = "pay"
    CODE = "code"
    HELP = "help"
    STOP = "stop"
    START = "start"
    CANCEL = "cancel"
    NUMBER = "number"  # digits that are no code: a PIN, most likely
    UNKNOWN = "unknown"


# English and Swahili side by side: who can't read the one may still know the other.
KEYWORDS = {
    Word.BALANCE: ("BAL", "BALANCE", "SALIO"),
    Word.LOAN: ("LOAN", "MKOPO"),
    Word.HELP: ("HELP", "INFO", "MSAADA"),
    Word.STOP: (
        "STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "OPTOUT", "OPT OUT", "REVOKE", "SIMAMA", "ACHA",
    ),
    Word.START: ("START", "YES", "UNSTOP", "ANZA"),
    Word.CANCEL: ("CANCEL", "END", "QUIT", "GHAIRI"),
}  # fmt: skip
_BY_KEYWORD = {keyword: word for word, keywords in KEYWORDS.items() for keyword in keywords}

# Thousands are grouped by commas alone: in `PAY 500 2468` somebody gave a PIN away, and no amount.
_PAY = re.compile(
    r"(?:PAY|LIPA)(?![A-Z])[\s:]*"
    r"(?:(?P<currency>[A-Z]{1,4})\.?\s*)?"
    r"(?P<amount>-?(?:\d{1,3}(?:,\d{3})+|\d{1,18})(?:\.\d{1,6})?)?"
    r"(?:/[=-])?\.?",
    re.ASCII,
)
_DIGITS = re.compile(r"\d[\d\s-]*", re.ASCII)
CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Wish:
    """`amount` and `currency` are as typed, empty where there are none; `code` is digits."""

    word: Word
    amount: str = ""
    currency: str = ""
    code: str = field(default="", repr=False)

    @property
    def understood(self) -> str:
        """What may be kept of the message."""
        return f"{self.word} {self.amount}".rstrip()


def wish_of(text: str) -> Wish:
    typed = text.strip().upper()
    pay = _PAY.fullmatch(typed)
    if pay is not None:
        return Wish(Word.PAY, amount=pay["amount"] or "", currency=pay["currency"] or "")
    if _DIGITS.fullmatch(typed):
        digits = re.sub(r"\D", "", typed)
        return Wish(Word.CODE, code=digits) if len(digits) == CODE_DIGITS else Wish(Word.NUMBER)
    return Wish(_BY_KEYWORD.get(_bare(typed), Word.UNKNOWN))


def _bare(typed: str) -> str:
    """Without punctuation, one space between words."""
    return " ".join("".join(c if c.isalnum() else " " for c in typed).split())
