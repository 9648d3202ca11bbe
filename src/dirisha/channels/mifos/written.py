"""Values as the API writes them: money and rates as JSON numbers with their decimals, days as arrays, no null keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson

from dirisha.kit.money import Currency, Money
from dirisha.tenants.institution import Institution

Json = dict[str, Any]


def number(amount: Money) -> orjson.Fragment:
    """`1250.00`, digit by digit: no binary fraction on the way."""
    return orjson.Fragment(amount.plain())


def minor(amount_minor: int, currency: Currency) -> orjson.Fragment:
    return number(Money(amount_minor, currency))


def rate(percent: str) -> orjson.Fragment:
    """A rate that is text with its decimals already."""
    return orjson.Fragment(percent)


def day(on: date) -> list[int]:
    return [on.year, on.month, on.day]


def present(**members: Any) -> Json:
    """The members that have a value: a missing key keeps a client's default, a null does not."""
    return {name: value for name, value in members.items() if value is not None}


def dumped(body: Json, *, pretty: bool = False) -> bytes:
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
