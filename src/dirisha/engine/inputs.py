"""Inputs of an act as doors hand them over: checked against what the act declares, packed, hashed."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from dirisha.access.keys import keyed_hash
from dirisha.engine.act import Act, Declared
from dirisha.kit.money import Money
from dirisha.kit.packed import pack
from dirisha.kit.refusal import BadInput
from dirisha.tenants.institution import Institution

LONGEST_TEXT = 200


def checked(act: Declared, inputs: dict[str, Any], institution: Institution) -> dict[str, Any]:
    """The inputs, each of its declared type and in range; raises `BadInput` for the first that is not.

    A name that the act does not declare is a fault of the door (`TypeError`), as is a missing one in Python.
    """
    unknown = inputs.keys() - act.inputs.keys()
    if unknown:
        raise TypeError(f"{act.name} takes no {', '.join(sorted(unknown))}")
    for name, declared in act.inputs.items():
        if name not in inputs or inputs[name] is None:
            if name not in act.optional:
                raise BadInput(field=name, reason="missing")
        else:
            _check(name, getattr(declared, "__supertype__", declared), inputs[name], institution)
    return inputs


def _check(name: str, declared: Any, value: Any, institution: Institution) -> None:
    if declared is Money:
        if not isinstance(value, Money) or value.currency != institution.currency:
            raise BadInput(field=name, reason="not_money")
        if not value.is_positive:
            raise BadInput(field=name, reason="not_positive")
    elif declared is bool:
        _must(isinstance(value, bool), name)
    elif declared is int:
        _must(isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63, name)
    elif declared is str:
        _must(
            isinstance(value, str) and len(value.strip()) > 0 and len(value) <= LONGEST_TEXT and "\0" not in value, name
        )
    elif declared in (date, UUID):
        _must(isinstance(value, declared), name)


def _must(holds: bool, name: str) -> None:
    if not holds:
        raise BadInput(field=name, reason="malformed")


def as_json(act: Declared, inputs: dict[str, Any]) -> str | None:
    """Inputs to be stored with the command; None where some of them are secrets."""
    if isinstance(act, Act) and act.secret_inputs:
        return None
    return orjson.dumps(pack(inputs), option=orjson.OPT_SORT_KEYS).decode()


def hashed(act: Declared, inputs: dict[str, Any]) -> bytes:
    """What tells the same wish from others under one key; keyed where a plain hash could be guessed back."""
    packed = orjson.dumps([act.name, pack(inputs)], option=orjson.OPT_SORT_KEYS)
    if isinstance(act, Act) and act.secret_inputs:
        return keyed_hash("inputs", packed.decode())
    return hashlib.sha256(packed).digest()
