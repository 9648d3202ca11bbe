"""A call and its answer, without the socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from dirisha.simulators.fineract.errors import Item, invalid
from dirisha.wire.written import Json, dumped

PREFIX = "/fineract-provider"
API = f"{PREFIX}/api/v1"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, at the moment `at`; `headers` have lower-case names."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def whole_number(self, parameter: str, *, otherwise: int) -> int:
        given = self.query.get(parameter)
        if given is None:
            return otherwise
        try:
            return int(given)
        except ValueError:
            raise unsupported(parameter, given) from None

    def names(self, parameter: str, known: tuple[str, ...]) -> tuple[str, ...]:
        """The names in a list such as `associations=transactions,charges`; `all` is every one."""
        given = self.query.get(parameter, "")
        asked = tuple(name for name in given.split(",") if name)
        for name in asked:
            if name not in (*known, "all"):
                raise unsupported(parameter, name)
        return known if "all" in asked else asked


def unsupported(parameter: str, value: str) -> Exception:
    message = f"The query parameter {parameter} has an unsupported value of: {value}"
    return invalid(Item("error.msg.query.parameter.value.unsupported", message, parameter, (parameter, value, [])))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON

    @classmethod
    def of(cls, body: Json | list[Json], *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
        return cls(status, dumped(body), headers or {})
