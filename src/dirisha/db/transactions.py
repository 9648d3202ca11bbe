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
from django.db import connections
from django.db import utils as django_errors
from psycopg.pq import ExecStatus, TransactionStatus

from dirisha.db.engine.base import DatabaseWrapper, is_busy
from dirisha.db.pipe import Pending, Pipe
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
    """The pending result of one statement; the first fetch waits for it, and for all that was queued before."""

    __slots__ = ("_pending", "_pipe")

    def __init__(self, pipe: Pipe, pending: Pending) -> None:
        self._pipe = pipe
        self._pending = pending

    def all(self) -> list[Any]:
        return self._pipe.rows(self._pending)

    def first(self) -> Any | None:
        rows = self._pipe.rows(self._pending)
        return rows[0] if rows else None

    def one(self) -> Any:
        rows = self._pipe.rows(self._pending)
        if not rows:
            raise LookupError("the statement returned no row")
        return rows[0]


class Tx:
    """An open transaction. Not for keeping: it ends with its `with` block."""

    __slots__ = ("_pipe", "committing", "name")

    def __init__(self, pipe: Pipe, name: str) -> None:
        self._pipe = pipe
        self.name = name
        self.committing = False

    def run(self, statement: LiteralString, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Queue a statement. Named values are sent as text, and the server infers their types: cast where it can't."""
        return Rows(self._pipe, self._pipe.queue(statement, parameters))

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
        self._pipe.queue_control(b"savepoint act")

    def back_to_savepoint(self) -> None:
        """Undo all since `savepoint`. Settings made since then (the role among them) are undone as well."""
        self._pipe.queue_control(b"rollback to savepoint act")

    def end_with(self, error: Exception) -> NoReturn:
        """Commit what was written so far, then raise `error` to who opened the transaction."""
        raise _EndedWith(error)

    def flush(self) -> None:
        """Send what is queued and wait for it: where an error must show here and not at the commit."""
        self._pipe.flush()


@contextmanager
def transaction(name: str, role: Role, *, durable: bool = True) -> Iterator[Tx]:
    """One transaction on the current institution's database.

    One that is not `durable` is committed before it has reached the disk: for what may be forgotten by a crash of the
    database, such as where a conversation stood. It is atomic all the same.

    Raises `psycopg.Error` as it comes; `OutcomeUnknown` when the connection is lost at the commit: who asks again
    under the same key is told.
    """
    wrapper = _wrapper()
    connection = _held_connection(wrapper)
    if wrapper.in_named_transaction or wrapper.in_atomic_block or is_busy(connection):
        raise RuntimeError(f"{name}: a transaction is open already")
    pipe = Pipe(connection)
    tx = Tx(pipe, name)
    pipe.queue_control(b"begin")
    tx.become(role)
    if not durable:
        tx.run("select set_config('synchronous_commit', 'off', true)")
    ended_with: Exception | None = None
    with _marked_open(wrapper):
        try:
            try:
                yield tx
            except _EndedWith as ended:
                ended_with = ended.error
            tx.committing = True
            commit = pipe.queue_control(b"commit")
            pipe.flush()
            if commit.result is None or commit.result.command_status != b"COMMIT":
                raise NotCommitted(name)
        except psycopg.OperationalError as error:
            _abandon(connection)
            if tx.committing and connection.closed:
                raise OutcomeUnknown(name) from error
            raise
        except BaseException:
            _abandon(connection)
            raise
    if ended_with is not None:
        raise ended_with


@contextmanager
def _marked_open(wrapper: DatabaseWrapper) -> Iterator[None]:
    """The server knows of a transaction only from its first trip on; the connection's holder must know before."""
    wrapper.in_named_transaction = True
    try:
        yield
    finally:
        wrapper.in_named_transaction = False
        if wrapper.connection is not None and wrapper.connection.closed:
            wrapper.close()


def _wrapper() -> DatabaseWrapper:
    return cast(DatabaseWrapper, connections["default"])


def _held_connection(wrapper: DatabaseWrapper) -> psycopg.Connection[Any]:
    try:
        wrapper.ensure_connection()
    except django_errors.OperationalError as error:
        raise psycopg.OperationalError(str(error)) from error
    return cast("psycopg.Connection[Any]", wrapper.connection)


def _abandon(connection: psycopg.Connection[Any]) -> None:
    if connection.closed:
        return
    if connection.info.transaction_status != TransactionStatus.IDLE:
        # Not by psycopg's own rollback: that would forget every prepared statement of the connection.
        result = connection.pgconn.exec_(b"rollback")
        if result.status != ExecStatus.COMMAND_OK:
            connection.close()


def release() -> None:
    """Give this thread's connection back to the idle list: for threads that serve no request."""
    _wrapper().close()
