"""Values as the API writes them: money and rates as JSON numbers with their decimals, days as arrays, no null keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from dirisha.kit.money import Money
from dirisha.tenants.institution import Institution

Json = dict[str, Any]


def number(amount: Money) -> orjson.Fragment:
    """`1250.00`, digit by digit: no binary fraction on the way."""
    return orjson.Fragment(amount.plain())


@dataclass(frozen=True, slots=True)
class Figures:
    """How a server writes its amounts, all of one currency.

    What Fineract keeps in a column comes with the column's decimals (`1250.000000`), what it sums up on the way with
    the currency's (`1250.00`), and a column without a value as `0`. `column_decimals` None writes all of them alike.
    """

    institution: Institution
    column_decimals: int | None = None

    @property
    def currency(self) -> Json:
        return currency_of(self.institution)

    def kept(self, amount: Money) -> orjson.Fragment:
        """An amount that stands in a column."""
        return self._padded(amount.plain())

    def kept_minor(self, amount_minor: int) -> orjson.Fragment:
        return self.kept(Money(amount_minor, self.institution.currency))

    def summed(self, amount: Money) -> orjson.Fragment:
        """An amount that was worked out for this answer."""
        return number(amount)

    def summed_minor(self, amount_minor: int) -> orjson.Fragment:
        return number(Money(amount_minor, self.institution.currency))

    @property
    def zero(self) -> orjson.Fragment:
        """Nought that stands in a column."""
        return self.kept_minor(0)

    @property
    def none(self) -> orjson.Fragment:
        """A column that nobody has filled."""
        return self.zero if self.column_decimals is None else orjson.Fragment("0")

    def rate(self, percent: str) -> orjson.Fragment:
        """A rate that is text with its decimals already."""
        return self._padded(percent)

    def _padded(self, digits: str) -> orjson.Fragment:
        if self.column_decimals is None:
            return orjson.Fragment(digits)
        whole, _, fraction = digits.partition(".")
        return orjson.Fragment(f"{whole}.{fraction.ljust(self.column_decimals, '0')}")


def day(on: date) -> list[int]:
    return [on.year, on.month, on.day]


def present(**members: Any) -> Json:
    """The members that have a value: a missing key keeps a client's default, a null does not."""
    return {name: value for name, value in members.items() if value is not None}


def dumped(body: Json | list[Json], *, pretty: bool = False) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 if pretty else 0)


def currency_of(institution: Institution) -> Json:
    return {
        "code": institution.currency_code,
        "name": institution.currency_name,
        "decimalPlaces": institution.currency_scale,
        "inMultiplesOf": 0,
        "displaySymbol": institution.currency_symbol,
        "nameCode": f"currency.{institution.currency_code}",
        "displayLabel": f"{institution.currency_name} ({institution.currency_symbol})",
    }


def short_name(product: str) -> str:
    """Four letters at most, as the apps show on a tile: the initials, or the beginning of a single word."""
    words = product.split()
    letters = "".join(word[0] for word in words) if len(words) > 1 else product
    return letters[:4].upper()


def flags(names: Sequence[str], on: str) -> dict[str, bool]:
    """All the named booleans, of which one is true."""
    return {name: name == on for name in names}
