"""Which database a connection is for, and as whom: the current institution's as `app`, or a named one as its owner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from dirisha.tenants.current import current


@dataclass(frozen=True, slots=True)
class Target:
    """A database of the configured server; `owner` is the connection string of the schema's owner, or None."""

    database: str
    owner: str | None = None


_override: ContextVar[Target | None] = ContextVar("dirisha.db.target", default=None)


def wanted() -> Target:
    """Raises `NoInstitution` where none was chosen."""
    return _override.get() or Target(current().database)


@contextmanager
def as_owner(conninfo: str, database: str) -> Iterator[None]:
    """Migrations only: connections of this context log in by `conninfo` and own the schema."""
    token = _override.set(Target(database, conninfo))
    try:
        yield
    finally:
        _override.reset(token)
