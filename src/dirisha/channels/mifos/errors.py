"""Errors in the API's envelope, in the person's language, with a reference; never a trace, a secret or SQL.

Every error carries `errors[0].defaultUserMessage`, since that is what the apps show, and `code`, our own stable word.
The reference core leaves `errors` out of some, and answers others in its container's form; here they are all alike,
the container's members (`timestamp`, `status`, `error`, `path`) included where it has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from http import HTTPStatus
from typing import Any

import orjson
from babel.dates import format_date, format_datetime

from dirisha.kit.money import Money
from dirisha.kit.words import Words
from dirisha.tenants.institution import Institution
from dirisha.wire.written import Json, number, present

WORDS = Words.beside(__file__, "texts")


class Kind(Enum):
    """What went wrong, at large: status, the envelope's code, whether the container would have answered."""

    VALIDATION = (400, "validation.msg.validation.errors.exist", False)
    BODY = (400, "error.msg.invalid.request.body", False)
    TENANT = (400, "error.msg.invalid.tenant.identifier", True)
    LOGIN = (401, "error.msg.not.authenticated", False)
    UNAUTHENTICATED = (401, "error.msg.not.authenticated", True)
    FORBIDDEN = (403, "error.msg.not.authorized", False)
    DOMAIN_RULE = (403, "validation.msg.domain.rule.violation", False)
    NOT_FOUND = (404, "error.msg.resource.not.found", False)
    NO_ROUTE = (404, "error.msg.resource.not.found", True)
    METHOD = (405, "error.msg.method.not.allowed", True)
    CONFLICT = (409, "error.msg.platform.service.idempotency.key.conflict", False)
    TOO_LARGE = (413, "error.msg.request.too.large", False)
    MEDIA_TYPE = (415, "error.msg.unsupported.media.type", True)
    IN_PROGRESS = (425, "error.msg.command.in.progress", False)
    FAULT = (500, "error.msg.platform.server.side.error", False)
    UNAVAILABLE = (503, "error.msg.platform.service.unavailable", False)

    def __init__(self, status: int, code: str, is_containers: bool) -> None:
        self.status = status
        self.code = code
        self.is_containers = is_containers

    @property
    def text(self) -> str:
        return f"kind.{self.name.lower()}"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is wrong. `code` is Fineract's where it has one, `ours` is ours; `facts` fill the text."""

    code: str
    text: str
    ours: str
    parameter: str | None = None
    args: tuple[Any, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


class ApiError(Exception):
    """Ends a request with an error. `headers` go with the answer.

    `reference` is the one under which the audit has it, where that is not this request's.
    """

    def __init__(
        self, kind: Kind, *items: Item, headers: Mapping[str, str] | None = None, reference: str | None = None
    ) -> None:
        super().__init__(kind.name)
        self.kind = kind
        self.items = items
        self.headers = dict(headers or {})
        self.reference = reference


@dataclass(frozen=True, slots=True)
class Told:
    """To whom an error is told: the language, what is known of the institution, when, where, under which reference.

    `moves_money` is whether the request was to: then each error says that it did not, where its text does not say so.
    """

    language: str
    institution: Institution | None
    at: datetime
    path: str
    reference: str
    moves_money: bool = False


def body_of(error: ApiError, told: Told) -> Json:
    kind = error.kind
    body: Json = {}
    if kind.is_containers:
        body = {
            "timestamp": told.at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{told.at.microsecond // 1000:03d}Z",
            "status": kind.status,
            "error": HTTPStatus(kind.status).phrase,
            "path": told.path,
        }
    items = error.items or (Item(kind.code, kind.text, ours=kind.name.lower()),)
    # The one thing that is wrong is said at the top as well: some apps show no more than that.
    top = items[0] if len(items) == 1 else Item(kind.code, kind.text, ours=kind.name.lower())
    body |= {
        "developerMessage": WORDS.say("en", kind.text),
        "httpStatusCode": str(kind.status),
        "defaultUserMessage": _in_full(top, told),
        "userMessageGlobalisationCode": kind.code,
        "errors": [_written(item, told) for item in items],
        "reference": error.reference or told.reference,
    }
    if kind is Kind.BODY:
        # The reference answers a bare item; the envelope is around it for those who look for one.
        body |= {"parameterName": "id", "args": []}
    return body


def _written(item: Item, told: Told) -> Json:
    return present(
        developerMessage=_said(item, told),
        defaultUserMessage=_in_full(item, told),
        userMessageGlobalisationCode=item.code,
        parameterName=item.parameter,
        args=[{"value": _plain(arg)} for arg in item.args],
        code=item.ours,
    )


def _said(item: Item, told: Told) -> str:
    return WORDS.say(told.language, item.text, **_spoken(item.facts, told))


# Texts of refusals say by themselves whether money moved, but for those of the login, where none ever does;
# after a fault of ours nobody knows.
SILENT_ABOUT_MONEY = frozenset({"refusal.access.wrong_secret", "refusal.access.locked_out"})


def _in_full(item: Item, told: Told) -> str:
    """What is wrong; whether money moved, where it might have; and whom to call."""
    parts = [_said(item, told)]
    is_silent = item.text in SILENT_ABOUT_MONEY or not item.text.startswith("refusal.")
    if told.moves_money and is_silent and item.text != Kind.FAULT.text:
        parts.append(WORDS.say(told.language, "told.nothing_moved"))
    if told.moves_money and item.text == Kind.FAULT.text:
        parts.append(WORDS.say(told.language, "told.not_known"))
    if told.institution is not None and "help" not in WORDS.variables(told.language, item.text):
        parts.append(WORDS.say(told.language, "told.help", help=told.institution.help_number))
    return " ".join(parts)


def _spoken(facts: Mapping[str, Any], told: Told) -> dict[str, str]:
    spoken = {name: _in_words(value, told) for name, value in facts.items()}
    return spoken | {"help": told.institution.help_number if told.institution else ""}


def _in_words(value: Any, told: Told) -> str:
    match value:
        case Money():
            return value.text(told.language)
        case datetime():
            zone = told.institution.zone if told.institution else None
            return format_datetime(value, "HH:mm", tzinfo=zone, locale=told.language)
        case date():
            return format_date(value, "long", locale=told.language)
    return str(value)


def _plain(arg: Any) -> Any:
    match arg:
        case Money():
            return number(arg)
        case Decimal():
            return orjson.Fragment(f"{arg:f}") if abs(arg.adjusted()) < 20 else str(arg)
        case datetime() | date():
            return arg.isoformat()
    return arg


def unsupported(parameter: str) -> Item:
    shown = parameter[:100]
    return Item(
        "error.msg.parameter.unsupported", "item.unsupported", "input.bad", shown, (shown,), {"parameter": shown}
    )


def bad_query_value(parameter: str, value: str) -> Item:
    shown = value[:100]
    return Item(
        "error.msg.query.parameter.value.unsupported", "item.query_value", "input.bad", parameter,
        (parameter, shown), {"parameter": parameter, "value": shown},
    )  # fmt: skip


def missing(kind: str, identifier: int) -> ApiError:
    """Not there, or not yours. `kind` is `client`, `loan` or `saving.account`."""
    item = Item(
        f"error.msg.{kind}.id.invalid", f"item.missing.{kind.replace('.', '_')}", "object.not_found", "id",
        (identifier,), {"id": identifier},
    )  # fmt: skip
    return ApiError(Kind.NOT_FOUND, item)
