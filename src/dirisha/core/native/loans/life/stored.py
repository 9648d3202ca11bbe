"""A state as plain data for storing (lists, dicts, text, numbers), and back; a stored state lacks its terms.

Members are told by their types, so that a new one is stored without further ado. One that is at its default is left
out, and one that the stored state does not have yet is at its default.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from dirisha.core.native.loans.life.state import State
from dirisha.core.native.loans.life.terms import LifeTerms

TERMS = "terms"

Converter = Callable[[Any], Any]


def dump(state: State) -> dict[str, Any]:
    plain: dict[str, Any] = _members_to_plain(State)(state)
    return plain


def load(terms: LifeTerms, stored: dict[str, Any]) -> State:
    converters = _from_plain_by_member(State)
    return State(terms=terms, **{name: converters[name](value) for name, value in stored.items()})


@cache
def _to_plain(kind: Any) -> Converter:
    """What makes plain data of a value of this type; converters are made once a type."""
    if part := _part_of_tuple(kind):
        of_part = _to_plain(part)
        return lambda value: [of_part(one) for one in value]
    if isinstance(kind, type) and is_dataclass(kind):
        return _members_to_plain(kind)
    if kind is date:
        return date.isoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: value.value
    return str if kind is Decimal else _as_it_is


@cache
def _from_plain(kind: Any) -> Converter:
    if part := _part_of_tuple(kind):
        of_part = _from_plain(part)
        return lambda value: tuple([of_part(one) for one in value])
    if isinstance(kind, type) and is_dataclass(kind):
        converters = _from_plain_by_member(kind)
        return lambda value: kind(**{name: converters[name](one) for name, one in value.items()})
    if kind is date:
        return date.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Enum | Decimal):
        return kind
    return _as_it_is


@cache
def _members_to_plain(kind: Any) -> Converter:
    defaults = {field.name: field.default for field in fields(kind)}
    members = [(name, defaults[name], _to_plain(of)) for name, of in _types(kind).items()]

    def to_plain(value: Any) -> dict[str, Any]:
        plain = {}
        for name, default, convert in members:
            member = getattr(value, name)
            if member is not default and (default is MISSING or member != default):
                plain[name] = None if member is None else convert(member)
        return plain

    return to_plain


@cache
def _from_plain_by_member(kind: Any) -> dict[str, Converter]:
    return {name: _unless_none(_from_plain(of)) for name, of in _types(kind).items()}


def _unless_none(convert: Converter) -> Converter:
    if convert is _as_it_is:
        return convert
    return lambda value: None if value is None else convert(value)


def _as_it_is(value: Any) -> Any:
    return value


def _part_of_tuple(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is tuple else None


@cache
def _types(kind: Any) -> dict[str, Any]:
    """The type of each member that is stored; of one that may be None, what it is otherwise."""
    found = {name: _otherwise(of) for name, of in get_type_hints(kind).items()}
    if kind is State:
        del found[TERMS]
    return found


def _otherwise(kind: Any) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        return next(one for one in get_args(kind) if one is not type(None))
    return kind
