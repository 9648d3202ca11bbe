"""The sealer finds what was done to the trail, and seals each row exactly once while acts go on."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from dirisha.acts.savings.deposit import deposit
from dirisha.acts.transfers.own import own
from dirisha.audit import sealer
from dirisha.engine.outcome import Done
from dirisha.engine.run import run
from dirisha.engine.verify import commands_without_event
from dirisha.ledger import fold, verify
from tests.bank import NOW, Bank
from tests.parallel import at_once


def some_acts(bank: Bank, name: str, count: int = 4) -> None:
    trader = bank.someone("trader")
    a, b = (account.id for account in trader.savings)
    for n in range(count):
        outcome = run(
            own,
            bank.actor("trader", "mifos"),
            at=NOW,
            key=f"{name}{n}",
            source_id=a,
            target_id=b,
            amount=bank.money("10"),
        )
        assert isinstance(outcome, Done), outcome


def sealed_trail(bank: Bank) -> None:
    for day in range(3):
        some_acts(bank, f"day{day}-")
        assert sealer.seal(NOW + timedelta(days=day)) >= 4
    assert sealer.verify().findings == ()


def as_owner_of_the_machine(bank: Bank, statement: str) -> None:
    """What somebody does who can run SQL: no role of ours may do any of it."""
    bank.sql(statement)


def test_a_whole_trail_verifies_and_covers_every_row(bank: Bank) -> None:
    sealed_trail(bank)
    verified = sealer.verify()
    assert verified.sealed == bank.sql("select count(*) from audit_event")[0][0]
    assert sealer.verify(anchor=verified.head).findings == ()


@pytest.mark.parametrize(
    ("what", "statement"),
    [
        ("altered", "update audit_event set outcome = 'refused' where id = (select id from audit_event order by xid, id offset 5 limit 1)"),
        ("altered detail", "update audit_event set detail = jsonb_set(detail, '{amount}', '\"1.00\"') where detail ? 'amount'"),
        ("removed", "delete from audit_event where id = (select id from audit_event order by xid, id offset 7 limit 1)"),
        (
            "inserted",
            "insert into audit_event select gen_random_uuid(), xid, at, actor, channel, act, outcome, code, command, correlation, detail"
            " from audit_event order by xid, id offset 3 limit 1",
        ),
        (
            "a day removed with its seal",
            "with gone as (delete from seal where n = 2 returning from_xid, to_xid)"
            " delete from audit_event a using gone where a.xid >= gone.from_xid and a.xid < gone.to_xid",
        ),
        ("a seal rewritten", "update seal set hash = sha256('anything') where n = 2"),
    ],
)  # fmt: skip
def test_what_was_done_to_the_trail_is_found(bank: Bank, what: str, statement: str) -> None:
    sealed_trail(bank)
    as_owner_of_the_machine(bank, statement)
    assert sealer.verify().findings != (), what


def test_a_chain_cut_short_at_its_end_is_found_by_a_head_kept_elsewhere(bank: Bank) -> None:
    sealed_trail(bank)
    head = sealer.verify().head
    last = bank.sql("select max(n) from seal")[0][0]
    as_owner_of_the_machine(
        bank,
        f"with gone as (delete from seal where n = {last} returning from_xid, to_xid)"
        " delete from audit_event a using gone where a.xid >= gone.from_xid and a.xid < gone.to_xid",
    )
    assert sealer.verify(anchor=head).findings != ()
    # Without such a head the commands tell, for they stand in another table.
    assert commands_without_event() == 4


def test_nobody_of_ours_may_change_or_remove_a_row_of_the_trail(bank: Bank) -> None:
    rights = bank.sql(
        "select grantee, privilege_type from information_schema.role_table_grants"
        " where table_name in ('audit_event', 'seal', 'movement', 'journal') and starts_with(grantee, 'dirisha_')"
        " and grantee <> 'dirisha_owner' and privilege_type not in ('SELECT', 'INSERT')"
    )
    assert rights == []


def test_an_open_write_holds_back_the_seal_of_what_came_after_it(bank: Bank) -> None:
    """Rows are sealed by the order of transactions, so a late commit can't slip a row under an existing seal."""
    import psycopg

    sealed_trail(bank)
    with psycopg.connect(bank.house.cluster.admin, dbname=bank.institution.database) as slow:
        slow.execute(
            "insert into audit_event select gen_random_uuid(), pg_current_xact_id(), at, actor, channel, 'slow.act', outcome,"
            " code, null, correlation, detail from audit_event limit 1"
        )
        some_acts(bank, "later-")
        sealer.seal(NOW)
        slow.commit()
    sealer.seal(NOW)
    verified = sealer.verify()
    assert verified.findings == ()
    assert verified.sealed == bank.sql("select count(*) from audit_event")[0][0]


def test_fold_and_sealer_under_load(bank: Bank) -> None:
    """Trial balance zero in every concurrent read; each audit row sealed exactly once; no act waits for another client."""
    clients = [bank.someone(key) for key in ("trader", "farmer", "newcomer", "shared_a", "shared_b")]
    staff = bank.actor("staff", "console")
    stop = threading.Event()
    differences: list[int] = []
    waits: list[tuple[str, str]] = []

    def pay_in(someone: Any) -> int:
        # Interest and cash go to one control account each: none of these may queue there.
        for n in range(40):
            outcome = run(
                deposit,
                staff,
                at=NOW,
                key=f"{someone.client}-{n}",
                target_id=someone.savings[0].id,
                amount=bank.money("5"),
            )
            assert isinstance(outcome, Done), outcome
        return 40

    def keep(work: Any) -> int:
        rounds = 0
        while not stop.is_set():
            work()
            rounds += 1
        return rounds

    def watch_locks() -> None:
        waits.extend(
            bank.sql(
                "select wait_event, left(query, 60) from pg_stat_activity where datname = %s and wait_event_type = 'Lock'"
                " and wait_event <> 'extend'",  # a file that grows, not another act's row
                bank.institution.database,
            )
        )

    def load() -> int:
        try:
            return sum(count for count in at_once([lambda s=s: pay_in(s) for s in clients]) if isinstance(count, int))
        finally:
            stop.set()

    results = at_once(
        [
            load,
            lambda: keep(lambda: differences.append(verify.trial_balance_difference())),
            lambda: keep(fold.fold),
            lambda: keep(lambda: sealer.seal(NOW)),
            lambda: keep(watch_locks),
        ]
    )
    assert results[0] == 200, results
    assert len(differences) > 5
    assert set(differences) == {0}
    assert set(waits) == set()
    fold.fold()
    sealer.seal(NOW)
    assert verify.findings() == []
    verified = sealer.verify()
    assert verified.findings == ()
    assert verified.sealed == bank.sql("select count(*) from audit_event")[0][0]


def test_no_act_waits_for_another_clients_act(bank: Bank) -> None:
    import psycopg

    trader, farmer = bank.someone("trader"), bank.someone("farmer")
    with psycopg.connect(bank.house.cluster.admin, dbname=bank.institution.database) as held:
        held.execute(
            "select 1 from balance where account = any(%s) for update", [[account.id for account in trader.savings]]
        )
        outcome = run(
            deposit,
            bank.actor("staff", "console"),
            at=NOW,
            key="x",
            target_id=farmer.savings[0].id,
            amount=bank.money("5"),
        )
        assert isinstance(outcome, Done)
        assert fold.fold() in (True, False)
        sealer.seal(NOW)
