"""Fineract's refusals: its envelope, its bare item, and the form of the container around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from dirisha.wire.written import Json, present


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is wrong; an argument that is None is written as an empty object."""

    code: str
    message: str
    parameter: str | None = "id"
    args: tuple[Any, ...] = ()

    def written(self) -> Json:
        return present(
            defaultUserMessage=self.message,
            parameterName=self.parameter,
            developerMessage=self.message,
            userMessageGlobalisationCode=self.code,
            args=[{} if arg is None else {"value": arg} for arg in self.args],
        )


class Refusal(Exception):
    """Ends a call with a status and a body. Under an idempotency key it is stored and answered again."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(body.get("userMessageGlobalisationCode", status))
        self.status = status
        self.body = body


def invalid(*items: Item) -> Refusal:
    return _enveloped(
        400,
        "The request was invalid. This typically will happen due to validation errors which are provided.",
        "Validation errors exist.",
        "validation.msg.validation.errors.exist",
        *items,
    )


def against_rule(item: Item) -> Refusal:
    return _enveloped(
        403,
        "Request was understood but caused a domain rule violation.",
        "Errors contain reason for domain rule violation.",
        "validation.msg.domain.rule.violation",
        item,
    )


def missing(item: Item) -> Refusal:
    message = "The requested resource is not available."
    return _enveloped(404, message, message, "error.msg.resource.not.found", item)


def no_such(what: str, identifier: int, code: str) -> Refusal:
    return missing(Item(code, f"{what} with identifier {identifier} does not exist", args=(identifier,)))


def not_authorized(message: str) -> Refusal:
    return _enveloped(
        403,
        "The user associated with credentials passed on this request does not have sufficient privileges to perform"
        " this action.",
        "Insufficient privileges to perform this action.",
        "error.msg.not.authorized",
        Item("error.msg.not.authorized", message),
    )


def not_authenticated() -> Refusal:
    """What a log-in with wrong credentials is answered; it has no items."""
    return Refusal(
        401,
        {
            "developerMessage": "Invalid authentication details were passed in api request.",
            "httpStatusCode": "401",
            "defaultUserMessage": "Unauthenticated. Please login.",
            "userMessageGlobalisationCode": "error.msg.not.authenticated",
        },
    )


def key_too_long() -> Refusal:
    message, code = "ERROR: value too long for type character varying(50)", "error.msg.data.integrity.issue"
    item = Item(code, message, parameter=None)
    return _enveloped(
        403, "The request caused a data integrity issue to be fired by the database.", message, code, item
    )


def unreadable(message: str) -> Refusal:
    """A body that is no JSON: the one refusal that comes without the envelope."""
    return Refusal(400, Item("error.msg.invalid.request.body", message).written())


def no_object() -> Refusal:
    return _enveloped(
        400,
        "The request was invalid. This typically will happen due to validation errors which are provided.",
        "The provided JSON is invalid.",
        "error.msg.invalid.json",
    )


def _enveloped(status: int, developer: str, user: str, code: str, *items: Item) -> Refusal:
    return Refusal(
        status,
        {
            "developerMessage": developer,
            "httpStatusCode": str(status),
            "defaultUserMessage": user,
            "userMessageGlobalisationCode": code,
            "errors": [item.written() for item in items],
        },
    )


def of_container(status: int, path: str, at: datetime) -> Json:
    """What the container answers by itself: no route, no tenant, no log-in, a fault."""
    return {
        "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z",
        "status": status,
        "error": HTTPStatus(status).phrase,
        "path": path,
    }
