"""Logs: one JSON object a line on standard error, with the correlation id of the request or round, and no secrets.

What other people's code logs may hold what a person typed, and an exception's message as well. So of foreign records
only the template is kept, and of exceptions the kind and the places in the code.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import orjson
import psycopg
import structlog

REMOVED = "[removed]"
SECRET_WORDS = frozenset(
    {"password", "passwords", "pin", "pins", "code", "otp", "secret", "secrets", "token", "authorization", "cookie"}
    | {"key", "pepper", "body", "text", "conninfo"}
)
NO_SECRETS = frozenset({"exit_code"})  # in spite of a word in it

Event = MutableMapping[str, Any]


def configure(process: str, level: str = "info") -> None:
    """Send structlog's and the standard library's records to standard error. `process` is web, worker, up …"""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *_last_steps(process),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *_: _StandardError(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(_StandardError())
    handler.setFormatter(ForeignRecord(process))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


class _StandardError:
    """Writes whole lines, so that those of two threads don't mix."""

    def msg(self, line: str) -> None:
        self.write(line + "\n")

    def write(self, text: str) -> None:
        sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    debug = info = warning = error = critical = msg


def _last_steps(process: str) -> list[Any]:
    return [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        lambda _logger, _name, event: {"process": process, **event},
        describe_exception,  # first: what follows knows values, not exceptions
        remove_secrets,
        lambda _logger, _name, event: orjson.dumps(event, default=str).decode(),
    ]


class ForeignRecord(logging.Formatter):
    """A standard record as the same JSON line: its template without the arguments, which may hold a path or a name."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._steps = [structlog.contextvars.merge_contextvars, *_last_steps(process)]

    def format(self, record: logging.LogRecord) -> str:
        event: Any = {"event": str(record.msg), "level": record.levelname.lower(), "logger": record.name}
        if record.exc_info and record.exc_info[0]:
            event["exc_info"] = record.exc_info
        for step in self._steps:
            event = step(None, "", event)
        return str(event)


def remove_secrets(_logger: Any, _name: str, event: Event) -> Event:
    """Blank values whose name says that they are secret, at any depth."""
    return {name: REMOVED if _is_secret(name) else _without_secrets(value) for name, value in event.items()}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: REMOVED if _is_secret(str(name)) else _without_secrets(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(one) for one in value]
    return value


def _is_secret(name: str) -> bool:
    return name not in NO_SECRETS and not SECRET_WORDS.isdisjoint(name.lower().split("_"))


def describe_exception(_logger: Any, _name: str, event: Event) -> Event:
    """`exc_info` as the exceptions' kinds and where each was raised; never their messages."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["fault"] = [_described(one) for one in _chain(error)]
    return event


def _chain(error: BaseException) -> list[BaseException]:
    """The exception and its causes, the first cause last; at most five."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain and len(chain) < 5:
        chain.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain


def _described(error: BaseException) -> dict[str, Any]:
    described: dict[str, Any] = {"kind": type(error).__qualname__, "at": _places(error.__traceback__)}
    if isinstance(error, psycopg.Error):
        described["sqlstate"] = error.sqlstate
        described["constraint"] = error.diag.constraint_name
    if isinstance(error, OSError):
        described["errno"] = error.errno
    return described


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-20:]]
