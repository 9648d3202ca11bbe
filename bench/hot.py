"""Repayments whose interest all goes to one income account, against the same spread over many."""

from __future__ import annotations

import threading
from statistics import median
from typing import Any

from bench.load import acts
from bench.world import World
from dirisha.core.native.core import NativeCore
from dirisha.core.port import Loan
from dirisha.ledger.books import Account, Side

INCOME_ACCOUNTS = 64
FIRST_INCOME_ACCOUNT = 100
SECONDS = 6
ROUNDS = 3


class SpreadCore(NativeCore):
    """The native core, with the interest of each loan on one of many income accounts."""

    def _interest_income(self, loan: Loan) -> Account:
        return Account(FIRST_INCOME_ACCOUNT + loan.id % INCOME_ACCOUNTS, Side.CREDIT, is_client=False)


def compare(world: World) -> dict[str, Any]:
    world.sql(
        "insert into account (id, number, side, kind, name, currency, opened_on)"
        " select n, 'INTEREST' || n, 'credit', 'control', 'Interest', '*', '2025-01-01' from generate_series(%s::int, %s::int) n"
        " on conflict do nothing",
        FIRST_INCOME_ACCOUNT,
        FIRST_INCOME_ACCOUNT + INCOME_ACCOUNTS - 1,
    )
    acts(world, "repay", seconds=2)
    one, many, waits = [], [], set()
    for _ in range(ROUNDS):
        world.checkpoint()
        many.append(_per_s(acts(world, "repay", seconds=SECONDS, core="bench.hot:SpreadCore")))
        world.checkpoint()
        with_waits = _Watch(world)
        one.append(_per_s(acts(world, "repay", seconds=SECONDS)))
        waits |= with_waits.stop()
    return {
        "one_per_s": median(one),
        "spread_per_s": median(many),
        "ratio": median(one) / median(many),
        "lock_waits": sorted(waits),
    }


def _per_s(measured: tuple[int, float]) -> float:
    return measured[0] / measured[1]


class _Watch:
    """What backends wait for while the load runs: locks of rows other than the payer's own would show here."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._ended.wait(0.05):
            for event, query in self._world.sql(
                "select wait_event, left(regexp_replace(query, '\\s+', ' ', 'g'), 40) from pg_stat_activity"
                " where datname = 'dirisha_bench' and wait_event_type = 'Lock' and wait_event <> 'extend'"
            ):
                self._seen.add(f"{event}: {query}")

    def stop(self) -> set[str]:
        self._ended.set()
        self._thread.join()
        return self._seen
