"""Transactions by name: the only place where one is opened.

`with transaction("confirm", Role.BOOKS) as tx:` runs its statements in one pipeline: `tx.run` only queues, the first
fetch goes to the server with all that is queued, and COMMIT travels with the last statements. Each transaction runs
under one of the roles of `db/roles.py`; what `set_config(…, true)` sets ends with it. JSON columns come as text, since
Django's connections leave them so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, LiteralString, NoReturn, cast

import psycopg
from django.db import connection as django_connection
from django.db import utils as django_errors
from psycopg.pq import TransactionStatus
from psycopg.rows import namedtuple_row

from dirisha.db.engine.base import is_busy
from dirisha.kit.scope import Clients, Scope


class Role(StrEnum):
    """What a transaction may do; see `db/roles.py` for the grants."""

    APP = "dirisha_app"
    BOOKS = "dirisha_books"
    CLIENT = "dirisha_client"
    STAFF = "dirisha_staff"
    KEEPER = "dirisha_keeper"


class NotCommitted(RuntimeError):
    """The server answered COMMIT with a rollback: a failed statement went unnoticed. A fault of ours."""


# What is raised when the database can't be reached, or doesn't answer in time.
AWAY = (psycopg.OperationalError, psycopg.InterfaceError)


class OutcomeUnknown(psycopg.OperationalError):
    """The connection was lost at the commit: it may have happened or not. Who asks again under the same key is told."""


class _EndedWith(Exception):
    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Rows:
    """The pending result of one statement; the first fetch waits for it."""

    __slots__ = ("_cursor",)

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self._cursor = cursor

    def all(self) -> list[Any]:
        return self._cursor.fetchall()

    def first(self) -> Any | None:
        return self._cursor.fetchone()

    def one(self) -> Any:
        row = self._cursor.fetchone()
        if row is None:
            raise LookupError("the statement returned no row")
        return row

    def value(self) -> Any:
        return self.one()[0]

    @property
    def count(self) -> int:
        # Reading the status flushes the pipeline like a fetch does.
        self._cursor.nextset()
        return self._cursor.rowcount


class Tx:
    """An open transaction. Not for keeping: it ends with its `with` block."""

    __slots__ = ("_connection", "committing", "name")

    def __init__(self, connection: psycopg.Connection[Any], name: str) -> None:
        self._connection = connection
        self.name = name
        self.committing = False

    def run(self, statement: LiteralString, parameters: Mapping[str, Any] | None = None) -> Rows:
        cursor = psycopg.Cursor(self._connection, row_factory=namedtuple_row)
        cursor.execute(statement, parameters, prepare=True)
        return Rows(cursor)

    def run_many(self, statement: LiteralString, parameters: Sequence[Mapping[str, Any]]) -> None:
        for each in parameters:
            self.run(statement, each)

    def become(self, role: Role) -> None:
        """Go on under another role until the end of the transaction or the next change."""
        self.run("select set_config('role', %(role)s, true)", {"role": role.value})

    def become_viewer(self, scope: Scope) -> None:
        """Go on reading under row-level security, seeing what lies in `scope` and nothing else."""
        if isinstance(scope, Clients):
            self.run(
                "select set_config('role', 'dirisha_client', true) as role,"
                " set_config('dirisha.clients', %(ids)s, true) as clients",
                {"ids": "{" + ",".join(str(int(client)) for client in scope.ids) + "}"},
            )
        else:
            self.run(
                "select set_config('role', 'dirisha_staff', true) as role,"
                " set_config('dirisha.office', %(office)s, true) as office",
                {"office": str(int(scope.id))},
            )

    def savepoint(self) -> None:
        self._control("savepoint act")

    def back_to_savepoint(self) -> None:
        """Undo all since `savepoint`. Settings made since then (the role among them) are undone as well."""
        self._control("rollback to savepoint act")

    def end_with(self, error: Exception) -> NoReturn:
        """Commit what was written so far, then raise `error` to who opened the transaction."""
        raise _EndedWith(error)

    def flush(self) -> None:
        """Send what is queued and wait for it: where an error must show here and not at the commit."""
        pipeline = self._connection._pipeline
        if pipeline is not None:
            pipeline.sync()

    def _control(self, command: LiteralString) -> psycopg.Cursor[Any]:
        cursor = psycopg.Cursor(self._connection)
        cursor.execute(command, prepare=False)
        return cursor


@contextmanager
def transaction(name: str, role: Role) -> Iterator[Tx]:
    """One transaction on the current institution's database.

    Raises `psycopg.Error` as it comes; a connection lost at the commit leaves the outcome unknown to the caller, who
    may ask again under the same key.
    """
    connection = _held_connection()
    if is_busy(connection):
        raise RuntimeError(f"{name}: a transaction is open already")
    tx = Tx(connection, name)
    ended_with: Exception | None = None
    try:
        with connection.pipeline():
            tx._control("begin")
            tx.become(role)
            try:
                yield tx
            except _EndedWith as ended:
                ended_with = ended.error
            tx.committing = True
            commit = tx._control("commit")
        if commit.statusmessage != "COMMIT":
            raise NotCommitted(name)
    except psycopg.OperationalError as error:
        _abandon(connection)
        if tx.committing and connection.closed:
            raise OutcomeUnknown(name) from error
        raise
    except BaseException:
        _abandon(connection)
        raise
    finally:
        if connection.closed:
            django_connection.close()
    if ended_with is not None:
        raise ended_with


def _held_connection() -> psycopg.Connection[Any]:
    try:
        django_connection.ensure_connection()
    except django_errors.OperationalError as error:
        raise psycopg.OperationalError(str(error)) from error
    return cast("psycopg.Connection[Any]", django_connection.connection)


def _abandon(connection: psycopg.Connection[Any]) -> None:
    if connection.closed:
        return
    try:
        if connection.info.transaction_status != TransactionStatus.IDLE:
            connection.rollback()
    except psycopg.Error:
        connection.close()


def release() -> None:
    """Give this thread's connection back to the idle list: for threads that serve no request."""
    django_connection.close()
