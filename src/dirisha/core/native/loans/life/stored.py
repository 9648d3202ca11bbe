"""A state as plain data for storing (lists, dicts, text, numbers), and back; a stored state lacks its terms.

Members are told by their types, so that a new one is stored without further ado.
"""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from dirisha.core.native.loans.life.state import State
from dirisha.core.native.loans.life.terms import LifeTerms

TERMS = "terms"


def dump(state: State) -> dict[str, Any]:
    return {field.name: _plain(getattr(state, field.name)) for field in fields(State) if field.name != TERMS}


def load(terms: LifeTerms, stored: dict[str, Any]) -> State:
    """A member that the stored state does not have yet is at its default."""
    types_of = _types(State)
    return State(terms=terms, **{name: _typed(value, types_of[name]) for name, value in stored.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _typed(value: Any, kind: Any) -> Any:
    if value is None:
        return None
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _typed(value, next(one for one in get_args(kind) if one is not type(None)))
    if origin is tuple:
        part = get_args(kind)[0]
        return tuple(_typed(one, part) for one in value)
    if isinstance(kind, type) and is_dataclass(kind):
        types_of = _types(kind)
        return kind(**{name: _typed(one, types_of[name]) for name, one in value.items()})
    if kind is date:
        return date.fromisoformat(value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum | Decimal) else value


@cache
def _types(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
