"""Values as JSON and back: results, refusals' facts and notices' variables are stored this way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dirisha.kit.money import Currency, Money


def pack(value: Any) -> Any:
    """JSON for plain values, `Money`, dates, moments and ids, nested in lists and mappings. Raises `TypeError`."""
    match value:
        case None | bool() | int() | str():
            return value
        case Money():
            return {"~money": [value.minor, value.currency.code, value.currency.scale]}
        case datetime():
            return {"~moment": value.isoformat()}
        case date():
            return {"~date": value.isoformat()}
        case UUID():
            return {"~id": str(value)}
        case Mapping():
            return {str(key): pack(each) for key, each in value.items()}
        case list() | tuple():
            return [pack(each) for each in value]
    raise TypeError(f"{type(value).__name__} is not stored")


def unpack(value: Any) -> Any:
    if isinstance(value, list):
        return [unpack(each) for each in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"~money": [minor, code, scale]}:
            return Money(minor, Currency(code, scale))
        case {"~moment": text}:
            return datetime.fromisoformat(text)
        case {"~date": text}:
            return date.fromisoformat(text)
        case {"~id": text}:
            return UUID(text)
    return {key: unpack(each) for key, each in value.items()}
