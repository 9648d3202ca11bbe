"""A request that is caught in the middle: it waits, in a thread of its own, for what another connection has locked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import psycopg

from tests.bank import Bank

R = TypeVar("R")

MOST_LOOKS = 20_000


@dataclass
class Held(Generic[R]):
    """The request waits. One of `cut` and `let_go` ends it."""

    bank: Bank
    other: psycopg.Connection[Any]
    running: Future[R]

    def cut(self) -> R:
        """Its connection breaks; what it answered then."""
        self.bank.sql(f"select pg_terminate_backend(pid) {_WAITING}", self.bank.institution.database)
        answer = self.running.result(30)
        self.other.rollback()
        return answer

    def let_go(self, change: str = "select 1", *parameters: Any) -> R:
        """`change` is made and committed under the lock, then the request goes on; what it answered then."""
        self.other.execute(change, parameters)
        self.other.commit()
        return self.running.result(30)


@contextmanager
def held(bank: Bank, lock: str, request: Callable[[], R]) -> Iterator[Held[R]]:
    """`lock` is a statement such as `lock table attempt in exclusive mode`: writers wait for it, readers don't."""
    from dirisha.db.transactions import release
    from dirisha.tenants.current import use

    institution = bank.institution

    def work() -> R:
        with use(institution):
            try:
                return request()
            finally:
                release()

    with (
        ThreadPoolExecutor(1) as threads,
        psycopg.connect(bank.house.cluster.admin, dbname=institution.database) as other,
    ):
        other.execute(lock)
        running = threads.submit(work)
        try:
            _wait_until_it_waits(bank, running)
            yield Held(bank, other, running)
        finally:
            other.rollback()


_WAITING = "from pg_stat_activity where datname = %s and wait_event_type = 'Lock'"


def _wait_until_it_waits(bank: Bank, running: Future[Any]) -> None:
    database = bank.institution.database
    with psycopg.connect(bank.house.cluster.admin, dbname="postgres", autocommit=True) as looker:
        for _ in range(MOST_LOOKS):
            if looker.execute(f"select 1 {_WAITING}", [database]).fetchone():
                return
            assert not running.done(), f"it did not wait: {running.result()}"
    raise AssertionError("it never came to the lock")
