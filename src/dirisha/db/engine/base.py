"""The backend that `DATABASES["default"]["ENGINE"]` names.

A held connection whose institution is no longer the current one goes back to its own idle list before another is
taken; inside a transaction such a switch is refused. Between requests nothing is held, and nothing ever connects
in order to close.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql import base as postgresql
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from dirisha.db.engine.idle import idle
from dirisha.db.target import Target, wanted


class SwitchInTransaction(RuntimeError):
    """The institution changed while a transaction of the former one was open: a fault of ours."""


class DatabaseWrapper(postgresql.DatabaseWrapper):
    _held_for: Target | None = None
    in_named_transaction = False

    def ensure_connection(self) -> None:
        target = wanted()
        if self.connection is not None and self._held_for != target:
            if self.in_atomic_block or self.in_named_transaction or is_busy(self.connection):
                raise SwitchInTransaction(f"from {self._held_for} to {target}")
            self.close()
        super().ensure_connection()

    def get_connection_params(self) -> dict[str, Any]:
        target = wanted()
        parameters: dict[str, Any] = super().get_connection_params()
        if target.owner is not None:
            parameters |= conninfo_to_dict(target.owner)
        parameters["dbname"] = target.database
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection[Any]:
        target = wanted()
        self._held_for = target
        connection = idle.take(target)
        if connection is None:
            connection = super().get_new_connection(conn_params)
        return connection

    def _close(self) -> None:
        connection, target = self.connection, self._held_for
        if connection is None:
            return
        if target is None or connection.closed or is_busy(connection):
            connection.close()
        else:
            idle.give_back(target, connection)

    def close_if_unusable_or_obsolete(self) -> None:
        if self.connection is not None and not self.in_atomic_block:
            self.close()


def is_busy(connection: psycopg.Connection[Any]) -> bool:
    return connection.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)
