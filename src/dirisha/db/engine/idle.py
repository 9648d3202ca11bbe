"""Idle connections of this process: one bounded list for all institutions, the oldest closed first.

A pool object for each institution would cost four threads apiece.
"""

from __future__ import annotations

import select
import threading
from collections import deque
from typing import Any

import psycopg

from dirisha.db.target import Target

MOST_IDLE = 64


class IdleConnections:
    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._connections: deque[tuple[Target, psycopg.Connection[Any]]] = deque()

    def take(self, target: Target) -> psycopg.Connection[Any] | None:
        """The most recently used live connection to `target`; None when there is none."""
        while True:
            with self._lock:
                found = next((entry for entry in reversed(self._connections) if entry[0] == target), None)
                if found is None:
                    return None
                self._connections.remove(found)
            connection: psycopg.Connection[Any] = found[1]
            if _is_alive(connection):
                return connection
            connection.close()

    def give_back(self, target: Target, connection: psycopg.Connection[Any]) -> None:
        with self._lock:
            self._connections.append((target, connection))
            surplus = [self._connections.popleft()[1] for _ in range(len(self._connections) - self._most)]
        for old in surplus:
            old.close()

    def close_all(self, database: str | None = None) -> None:
        """Close what is idle, of one database or of all (a database can't be dropped or cloned while in use)."""
        with self._lock:
            closing = [entry for entry in self._connections if database in (None, entry[0].database)]
            for entry in closing:
                self._connections.remove(entry)
        for _, connection in closing:
            connection.close()


def _is_alive(connection: psycopg.Connection[Any]) -> bool:
    """A server that closed its end has left something to read: the end of the stream. No round trip."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP)
    return not poll.poll(0)


idle = IdleConnections(MOST_IDLE)
