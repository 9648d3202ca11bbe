"""A state as plain values (JSON), and back: what a database keeps of an account between two events."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from dirisha.core.native.savings.state import State


def dumped(state: State) -> dict[str, Any]:
    """Dates in ISO form, decimals as text; members that hold their default are left out."""
    plain: dict[str, Any] = _plain(state)
    return plain


def loaded(plain: dict[str, Any]) -> State:
    """The state that was dumped, equal to the last digit."""
    state: State = _of(State, plain)
    return state


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        found = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: _plain(held) for field, held in found if held != field.default}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _of(kind: Any, plain: Any) -> Any:
    """A plain value as what a member is declared to be."""
    if isinstance(kind, UnionType):
        if plain is None:
            return None
        kind = next(part for part in get_args(kind) if part is not NoneType)
    if get_origin(kind) is tuple:
        parts = get_args(kind)
        inner = parts[0]
        return tuple(_of(inner, value) for value in plain)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: _of(hints[name], value) for name, value in plain.items()})
    if kind is date:
        return date.fromisoformat(plain)
    if kind is Decimal or (isinstance(kind, type) and issubclass(kind, Enum)):
        return kind(plain)
    return plain
