"""Money as integer minor units of a currency that knows its scale.

Inside the house an amount is never a float and never a bare number: it is `Money`, or an integer named
`…_minor`. Text appears at the edges only, through `Money.parse` and `Money.text`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering

from babel.numbers import format_decimal

# PostgreSQL's bigint; an amount that does not fit is no amount.
LARGEST_MINOR = 2**63 - 1
MOST_DIGITS = 24
LONGEST_TYPED = 32

# ASCII digits alone: `Decimal` would also take Arabic-Indic ones, exponents and `1_000`.
_TYPED = re.compile(r"-?([0-9]+|[0-9]{1,3}([, \u00a0][0-9]{3})+)(\.[0-9]+)?")


class NotMoney(ValueError):
    """The text or number is no amount of this currency: malformed, too many decimals, or too large."""


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 code and its scale: how many decimals an amount has (0 to 4)."""

    code: str
    scale: int = 2

    def __post_init__(self) -> None:
        if not 0 <= self.scale <= 4:
            raise ValueError(f"{self.code}: a currency has 0 to 4 decimals, not {self.scale}")


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """`minor` smallest units of `currency` (KES 12.50 is `Money(1250, KES)`); may be negative in sums."""

    minor: int
    currency: Currency

    @classmethod
    def zero(cls, currency: Currency) -> Money:
        return cls(0, currency)

    @classmethod
    def of(cls, amount: Decimal | int, currency: Currency) -> Money:
        """Exact conversion of a decimal amount; raises `NotMoney` when a digit would be lost."""
        amount = Decimal(amount)
        # An exponent such as 1e400 must not be expanded into digits before it is refused.
        # More digits than the arithmetic carries would be rounded without a word.
        if not amount.is_finite() or amount.adjusted() > 18 or len(amount.as_tuple().digits) > MOST_DIGITS:
            raise NotMoney(f"not an amount: {str(amount)[:40]}")
        scaled = amount.scaleb(currency.scale)
        if scaled != scaled.to_integral_value():
            raise NotMoney(f"{currency.code} has {currency.scale} decimals: {amount}")
        minor = int(scaled)
        if abs(minor) > LARGEST_MINOR:
            raise NotMoney("too large")
        return cls(minor, currency)

    @classmethod
    def parse(cls, text: str, currency: Currency) -> Money:
        """What a person typed: `2500`, `2,500`, `2 500.50`. Raises `NotMoney`; never rounds.

        Commas and spaces group thousands or are refused: `2500,50` may mean another amount than it would be read as.
        """
        typed = text.strip()
        if len(typed) > LONGEST_TYPED or not _TYPED.fullmatch(typed):
            raise NotMoney(text[:40])
        return cls.of(Decimal(re.sub("[, \u00a0]", "", typed)), currency)

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-self.currency.scale)

    @property
    def is_zero(self) -> bool:
        return self.minor == 0

    @property
    def is_positive(self) -> bool:
        return self.minor > 0

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency.code} and {other.currency.code} do not mix")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def plain(self) -> str:
        """`1250.00`: for machines and logs; no grouping, always the currency's decimals."""
        return f"{self.decimal:.{self.currency.scale}f}"

    def text(self, locale: str = "en") -> str:
        """`KES 1,250.00` by the locale's rules, joined by a no-break space, with a real minus sign."""
        pattern = "#,##0" + ("." + "0" * self.currency.scale if self.currency.scale else "")
        number = format_decimal(abs(self.decimal), format=pattern, locale=locale)
        sign = "\u2212" if self.minor < 0 else ""
        return f"{sign}{self.currency.code}\u00a0{number}"

    def gsm_text(self, locale: str = "en") -> str:
        """As `text`, in GSM-7 characters (plain space, hyphen): for USSD and SMS."""
        return self.text(locale).replace("\u00a0", " ").replace("\u2212", "-").replace("\u202f", " ")
