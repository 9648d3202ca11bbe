"""The shape of a JSON body: member paths with their types, those that every row of a list has among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


def kind_of(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | Decimal():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case dict():
            return "object"
    return "null"


def rows_of(value: list[Any]) -> dict[str, list[dict[str, Any]]]:
    """The objects of a list by what they are: rows of one kind have the same members."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in value:
        if isinstance(row, dict):
            named = row.get("type") or row.get("transactionType") or row.get("accountType")
            label = (
                named["code"] if isinstance(named, dict) and "loanType" not in row and "depositType" not in row else ""
            )
            label = "period" if "period" in row else "disbursement" if "principalDisbursed" in row else label
            rows.setdefault(label, []).append(row)
    return rows


@dataclass
class Shape:
    """Member paths with their JSON types; `always` are those that every row has."""

    types: dict[str, set[str]]
    always: set[str]

    @classmethod
    def of(cls, body: Any) -> Shape:
        shape = cls({}, set())
        shape._add("", body)
        return shape

    def _add(self, path: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, member in value.items():
                inner = f"{path}.{name}" if path else name
                self.types.setdefault(inner, set()).add(kind_of(member))
                self.always.add(inner)
                self._add(inner, member)
        elif isinstance(value, list):
            for label, rows in rows_of(value).items():
                parts = [Shape.of(row) for row in rows]
                prefix = f"{path}[{label}]."
                for part in parts:
                    for name, types in part.types.items():
                        self.types.setdefault(prefix + name, set()).update(types)
                self.always |= {prefix + name for name in set.intersection(*(part.always for part in parts))}


def explained(path: str, table: dict[str, str]) -> bool:
    return any(re.fullmatch(pattern, path) for pattern in table)
