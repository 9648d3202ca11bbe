"""The database goes away in the middle: an honest "try later", no half act, and recovery by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from dirisha.acts.loans.repay import repay
from dirisha.engine.outcome import Done, Refused
from dirisha.engine.run import run
from dirisha.ledger import verify
from tests.bank import NOW, Bank
from tests.parallel import at_once


@contextmanager
def away(bank: Bank) -> Iterator[None]:
    """Every connection of the institution is cut, and none is let in."""
    database = bank.institution.database
    with psycopg.connect(bank.house.cluster.admin, dbname="postgres", autocommit=True) as admin:
        admin.execute(f'alter database "{database}" with allow_connections false')
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [database])
        try:
            yield
        finally:
            admin.execute(f'alter database "{database}" with allow_connections true')


def test_away_before_an_act_and_back_again(bank: Bank) -> None:
    trader, actor = bank.someone("trader"), bank.actor("trader", "mifos")
    wish = {"loan_id": trader.loans[0].id, "source_id": trader.savings[0].id, "amount": bank.money("100")}
    before = bank.movements()
    with away(bank):
        refused = run(repay, actor, at=NOW, key="once", **wish)
        assert isinstance(refused, Refused)
        assert (refused.code, refused.refusal.facts) == ("system.try_later", {"known": True})
    assert bank.movements() == before
    assert isinstance(run(repay, actor, at=NOW, key="once", **wish), Done)
    assert verify.findings() == []


def test_cut_while_an_act_waits_in_the_middle(bank: Bank) -> None:
    trader, actor = bank.someone("trader"), bank.actor("trader", "mifos")
    source = trader.savings[0]
    wish = {"loan_id": trader.loans[0].id, "source_id": source.id, "amount": bank.money("100")}
    before, balance = bank.movements(), bank.balance(source.id)
    gate = threading.Event()

    def act() -> Any:
        return run(repay, actor, at=NOW, key="once", **wish)

    def cut() -> None:
        database = bank.institution.database
        with psycopg.connect(bank.house.cluster.admin, dbname=database) as held:
            held.execute("select 1 from balance where account = %s for update", [source.id])
            gate.set()
            for _ in range(5000):
                if bank.sql("select 1 from pg_stat_activity where datname = %s and wait_event_type = 'Lock'", database):
                    break
            bank.sql(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and wait_event_type = 'Lock'",
                database,
            )

    def act_when_held() -> Any:
        gate.wait(10)
        return act()

    outcome, _ = [*at_once([act_when_held, cut]), None][:2]
    assert isinstance(outcome, Refused), outcome
    assert (outcome.code, outcome.refusal.facts) == ("system.try_later", {"known": True})
    assert bank.movements() == before
    assert bank.balance(source.id) == balance
    assert isinstance(act(), Done)
    assert verify.findings() == []
