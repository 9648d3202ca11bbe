"""Statements in one round trip, over libpq's pipeline mode.

psycopg's own pipeline writes to the socket at each `execute`, and looks for answers each time: twenty system calls an
act, and as many context switches. Here statements are kept until somebody wants a result; then all of them travel in
one write, each prepared under a name at its first use, with a synchronisation at the end. Values are sent as text whose
type the server infers from the statement, so that one statement is one plan whatever the size of a number; results are
read by psycopg's loaders.
"""

from __future__ import annotations

import re
import select
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")


class Parsed:
    """A statement with `$n` for its named values, in the order of first mention."""

    __slots__ = ("command", "names", "row")

    def __init__(self, statement: str) -> None:
        places: dict[str, int] = {}

        def place(match: re.Match[str]) -> str:
            name = match.group(1)
            return "%" if name is None else f"${places.setdefault(name, len(places) + 1)}"

        self.command = _PLACEHOLDER.sub(place, statement).encode()
        self.names = tuple(places)
        self.row: Callable[[Sequence[Any]], Any] | None = None


_parsed: dict[str, Parsed] = {}
# The names under which each connection has prepared what.
_prepared: WeakKeyDictionary[psycopg.Connection[Any], dict[bytes, bytes]] = WeakKeyDictionary()


class Pending:
    """One queued statement, and its rows once they are there."""

    __slots__ = ("parsed", "result", "values")

    def __init__(self, parsed: Parsed, values: list[bytes | None] | None) -> None:
        self.parsed = parsed
        self.values = values  # None: sent as it is, unprepared
        self.result: PGresult | None = None


class Pipe:
    """The queue of one open transaction on one connection."""

    __slots__ = ("_connection", "_pgconn", "_prepared", "_queue", "_readable", "_transformer")

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._pgconn: PGconn = connection.pgconn
        self._queue: list[Pending] = []
        self._prepared = _prepared.setdefault(connection, {})
        self._transformer = Transformer(connection)
        self._readable = select.poll()
        self._readable.register(connection.fileno(), select.POLLIN)

    def queue(self, statement: LiteralString, parameters: Mapping[str, Any] | None) -> Pending:
        parsed = _parsed.get(statement)
        if parsed is None:
            parsed = _parsed[statement] = Parsed(statement)
        given = parameters or {}
        pending = Pending(parsed, [_as_text(given[name]) for name in parsed.names])
        self._queue.append(pending)
        return pending

    def queue_control(self, command: bytes) -> Pending:
        """BEGIN, COMMIT and their like: not prepared."""
        parsed = _parsed.get(command.decode())
        if parsed is None:
            parsed = _parsed[command.decode()] = Parsed(command.decode())
        pending = Pending(parsed, None)
        self._queue.append(pending)
        return pending

    def flush(self) -> None:
        """One round trip for all that is queued. Raises the first error; what came after it was not carried out."""
        if not self._queue:
            return
        queue, self._queue = self._queue, []
        pgconn = self._pgconn
        if self._connection.closed:
            raise psycopg.OperationalError("the connection is closed")
        pgconn.enter_pipeline_mode()
        try:
            newly = self._send(queue)
            pgconn.pipeline_sync()
            pgconn.flush()
            error = self._receive(queue, newly)
        finally:
            if not self._connection.closed:
                pgconn.exit_pipeline_mode()
        if error is not None:
            raise error

    def rows(self, pending: Pending) -> list[Any]:
        if pending.result is None:
            self.flush()
        result = pending.result
        if result is None:
            raise psycopg.InterfaceError("the statement was not carried out: an earlier one failed")
        if result.ntuples == 0:
            return []
        if pending.parsed.row is None:
            pending.parsed.row = _row_maker(result)
        self._transformer.set_pgresult(result)
        make = pending.parsed.row
        return [make(values) for values in self._transformer.load_rows(0, result.ntuples, tuple)]

    def _send(self, queue: list[Pending]) -> dict[bytes, bytes]:
        """Queue everything on the socket; which statements are being prepared, by their text."""
        newly: dict[bytes, bytes] = {}
        for pending in queue:
            command = pending.parsed.command
            if pending.values is None:
                self._pgconn.send_query_params(command, None)
                continue
            name = self._prepared.get(command) or newly.get(command)
            if name is None:
                name = newly[command] = b"s%d" % (len(self._prepared) + len(newly))
                self._pgconn.send_prepare(name, command)
            self._pgconn.send_query_prepared(name, pending.values)
        return newly

    def _receive(self, queue: list[Pending], newly: Mapping[bytes, bytes]) -> psycopg.Error | None:
        error: psycopg.Error | None = None
        to_prepare = dict(newly)
        for pending in queue:
            command = pending.parsed.command
            if pending.values is not None and command in to_prepare:
                name = to_prepare.pop(command)
                prepared = self._next_result()
                if prepared.status == ExecStatus.COMMAND_OK:
                    self._prepared[command] = name
                else:
                    error = error or _error_of(prepared)
            result = self._next_result()
            if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
                pending.result = result
            else:
                error = error or _error_of(result)
        synced = self._await()
        if synced is None or synced.status != ExecStatus.PIPELINE_SYNC:
            raise self._lost()
        return error

    def _next_result(self) -> PGresult:
        """The result of one command; libpq ends each with a null."""
        result = self._await()
        if result is None:
            raise self._lost()
        if self._await() is not None:
            raise psycopg.InterfaceError("a statement with two results")
        return result

    def _await(self) -> PGresult | None:
        # libpq's own waiting would hold the interpreter's lock, and with it every other thread.
        while self._pgconn.is_busy():
            self._readable.poll()
            self._pgconn.consume_input()
        return self._pgconn.get_result()

    def _lost(self) -> psycopg.OperationalError:
        words = self._pgconn.error_message.decode(errors="replace").strip()
        self._connection.close()
        return psycopg.OperationalError(words or "the connection was lost")


def _error_of(result: PGresult) -> psycopg.Error | None:
    # What follows a failed statement is skipped: no error of its own.
    return None if result.status == ExecStatus.PIPELINE_ABORTED else error_from_result(result)


def _row_maker(result: PGresult) -> Callable[[Sequence[Any]], Any]:
    names = [(result.fname(number) or b"?column?").decode() for number in range(result.nfields)]
    fields = [name if name.isidentifier() else f"column_{number}" for number, name in enumerate(names)]
    row: Any = namedtuple("Row", fields)  # type: ignore[misc]
    make: Callable[[Sequence[Any]], Any] = row._make
    return make


def _as_text(value: Any) -> bytes | None:
    """A value as PostgreSQL reads it in text form. Raises `psycopg.DataError` for a NUL, which no text can hold."""
    if value is None:
        return None
    dump = _DUMPS.get(type(value)) or next((dump for kind, dump in _DUMPS.items() if isinstance(value, kind)), None)
    if dump is None:
        raise psycopg.ProgrammingError(f"cannot send a {type(value).__name__}")
    return dump(value)


def _text(value: str) -> bytes:
    if "\0" in value:
        raise psycopg.DataError("PostgreSQL text cannot contain NUL (0x00) bytes")
    return value.encode()


def _array(values: Sequence[Any]) -> bytes:
    return b"{" + b",".join(b"NULL" if each is None else _element(each) for each in values) + b"}"


def _element(value: Any) -> bytes:
    if isinstance(value, str):
        return b'"' + _text(value).replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    text = _as_text(value)
    assert text is not None
    return text


_DUMPS: dict[type, Callable[[Any], bytes]] = {
    bool: lambda value: b"t" if value else b"f",
    int: lambda value: b"%d" % value,
    str: _text,
    UUID: lambda value: str(value).encode(),
    datetime: lambda value: value.isoformat().encode(),
    date: lambda value: value.isoformat().encode(),
    Decimal: lambda value: str(value).encode(),
    bytes: lambda value: b"\\x" + value.hex().encode(),
    list: _array,
    tuple: _array,
}
