"""The third demo institution: a year in the core's books, and a cast that is enrolled through the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.bank import CORE_PASSWORD, NOW, House, service_user
from tests.demo.conftest import TODAY


@dataclass(frozen=True)
class Pair:
    """The institution that people see, and the one that has its books."""

    far: Any
    core: Any
    desk: Any
    admin: str

    def sql(self, institution: Any, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.admin, dbname=institution.database, autocommit=True) as connection:
            return connection.execute(statement, parameters).fetchall()

    def summary(self, institution: Any, who: Any) -> Any:
        from dirisha.db.transactions import release
        from dirisha.demo.directory import found
        from dirisha.kit.actor import Channel
        from dirisha.queries import summary
        from dirisha.queries.ask import ask
        from dirisha.tenants.current import use

        with use(institution):
            mine = ask(summary.mine, found(who).as_actor(Channel.PORTAL), at=NOW)
            release()
        return mine


@contextmanager
def _database(house: House, institution: Any) -> Iterator[None]:
    from dirisha.db.engine.idle import idle
    from dirisha.db.roles import create_database, drop_database
    from dirisha.db.schema import TEMPLATE

    create_database(house.cluster.admin, institution.database, template=TEMPLATE)
    try:
        yield
    finally:
        idle.close_all(institution.database)
        drop_database(house.cluster.admin, institution.database)


@pytest.fixture(scope="module")
def pair(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    from dirisha.db.transactions import release
    from dirisha.demo import history
    from dirisha.demo.delivery import Delivery
    from dirisha.demo.enrolment import clients_of, enrol_cast
    from dirisha.demo.institutions import CORE, FAR, Places, write_file
    from dirisha.simulators.africastalking.inbox import MemoryInbox
    from dirisha.simulators.fineract.server import standing_in
    from dirisha.tenants.current import use
    from dirisha.tenants.institution import read_institution

    folder = tmp_path_factory.mktemp("ziwa")
    password_file = folder / "password"
    password_file.write_text(CORE_PASSWORD + "\n")
    write_file(CORE.slug, folder, Places(""), {})
    core = read_institution(folder / f"{CORE.slug}.toml")
    with (
        _database(house, core),
        standing_in(core, service_user(), clock=lambda: NOW) as server,
    ):
        places = Places("http://127.0.0.1:9", server.url.removesuffix("/fineract-provider"), password_file)
        write_file(FAR.slug, folder, places, {"hook": "ziwa-hook-secret-0123456789abcdef0123456", "key": "x"})
        far = read_institution(folder / f"{FAR.slug}.toml")
        assert far.carrier is not None
        with _database(house, far):
            with use(core):
                history.write(TODAY, CORE.troupe, deliver=Delivery(far.carrier, MemoryInbox(1)), people=4, seed=7)
                clients = clients_of(CORE.troupe)
                release()
            with use(far):
                enrol_cast(FAR.troupe, clients, at=NOW)
                release()
            yield Pair(far, core, server.desk, house.cluster.admin)


def test_both_sides_have_the_same_figures(pair: Pair) -> None:
    from dirisha.demo.institutions import FAR

    for who in FAR.troupe.clients:
        far, core = pair.summary(pair.far, who), pair.summary(pair.core, who)
        assert [(each.ref, each.balance) for each in far.savings] == [(each.ref, each.balance) for each in core.savings]
        assert [each.loan.ref for each in far.loans] == [each.loan.ref for each in core.loans]
        for theirs, own in zip(far.loans, core.loans, strict=True):
            assert theirs.to_pay == own.to_pay
            assert theirs.progress == own.progress
        assert [line.amount for _, line in far.latest] == [line.amount for _, line in core.latest]
        assert all(each.balance.currency.code == "UGX" for each in far.savings)


def test_the_stories_are_those_of_the_cast(pair: Pair) -> None:
    from dirisha.demo.cast import FARMER, NEWCOMER, TRADER
    from dirisha.demo.institutions import FAR

    trader, farmer, newcomer = (
        pair.summary(pair.far, FAR.troupe.character(who.key)) for who in (TRADER, FARMER, NEWCOMER)
    )

    assert len(trader.savings) == 2
    assert trader.loans[0].to_pay.due_now.total.is_positive
    assert trader.loans[0].to_pay.overdue.total.is_zero
    assert farmer.loans[0].to_pay.days_late == 12
    assert (len(newcomer.savings), len(newcomer.loans)) == (1, 0)


def test_people_are_the_far_ones_alone_and_books_the_cores(pair: Pair) -> None:
    from dirisha.demo.institutions import FAR

    users = {login for (login,) in pair.sql(pair.far, "select login_name from app_user")}

    assert users == {who.login for who in (*FAR.troupe.clients, FAR.troupe.staff)}
    for nothing in ("journal", "client", "account where id > 1000"):
        assert pair.sql(pair.far, f"select count(*) from {nothing}") == [(0,)], nothing
    assert pair.sql(pair.far, "select distinct outcome from audit_event") == [("done",)]
    welcomed = pair.sql(pair.far, "select count(*) from outbox where event = 'enrolled' and state = 'waiting'")
    assert welcomed == [(len(FAR.troupe.clients),)]
    assert pair.sql(pair.core, "select state, count(*) > 0 from outbox group by state") == [("sent", True)]


def test_nothing_was_asked_but_with_the_service_users_rights(pair: Pair) -> None:
    assert pair.desk.heard
    assert {heard.status for heard in pair.desk.heard} == {200}
