"""The demo's year: by the acts alone, the same from the same seed, final when it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.bank import House
from tests.demo.conftest import TODAY, Past, past

MOVEMENTS = """
    select j.kind, j.business_date, j.booked_at, m.debit, m.credit, m.amount_minor
    from movement m join journal j on j.id = m.journal order by j.xid, m.seq
"""


@pytest.mark.parametrize(("people", "seed"), [(3, 20261124)])
def test_the_same_seed_writes_the_same_year_and_another_one_another(
    house: House, tmp_path: Path, people: int, seed: int
) -> None:
    from dirisha.demo.cast import FIRST

    print(f"seed {seed}")

    def year(seed: int) -> list[tuple[Any, ...]]:
        with past(house, tmp_path, "tena", FIRST, people=people, seed=seed) as written:
            return written.sql(MOVEMENTS)

    assert year(seed) == year(seed)
    assert year(seed) != year(seed + 1)


def test_every_journal_is_an_act_that_was_audited(first: Past) -> None:
    kinds = first.sql("select kind, count(*) from journal group by kind order by kind")
    audited = first.sql(
        "select act, count(*) from audit_event where outcome = 'done' and act = any (%s) group by act order by act",
        [kind for kind, _ in kinds],
    )

    assert {kind for kind, _ in kinds} == {"loans.disburse", "loans.repay", "savings.deposit", "transfers.own"}
    assert kinds == audited
    assert first.sql("select distinct outcome from audit_event") == [("done",)]


def test_it_goes_forward_in_time_and_ends_before_today(first: Past) -> None:
    moments = [at for (at,) in first.sql("select at from audit_event order by xid, id")]

    assert moments == sorted(moments)
    assert moments[0].date() < TODAY - timedelta(days=365)
    midnight_in_nairobi = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) - timedelta(hours=3)
    assert moments[-1] < midnight_in_nairobi


def test_its_messages_are_on_the_phones_since_then_and_nothing_waits(first: Past) -> None:
    states = first.sql("select state, count(*) from outbox group by state")
    made = first.sql("select id::text, made_at from outbox order by made_at, id")

    assert states == [("sent", first.messages)]
    shown = sorted((message.at, message.reference) for message in first.phones.all())
    assert [(reference, at) for at, reference in shown] == [(reference, at) for reference, at in made]
    assert first.sql("select count(*) from outbox where sealed is not null") == [(0,)]


def test_books_and_trail_are_whole_and_closed(first: Past) -> None:
    from dirisha.audit import sealer
    from dirisha.db.transactions import release
    from dirisha.ledger import verify
    from dirisha.tenants.current import use

    with use(first.institution):
        assert verify.findings() == []
        verified = sealer.verify()
        release()
    assert verified.findings == ()
    assert first.sql("select count(*) from audit_event") == [(verified.sealed,)]
    assert 12 <= verified.seals <= 16  # once a month, not once a second


def _standing(written: Past, login: str) -> Any:
    from dirisha.access.people import person
    from dirisha.db.transactions import release
    from dirisha.kit.actor import Channel
    from dirisha.queries import summary
    from dirisha.queries.ask import ask
    from dirisha.tenants.current import use
    from tests.bank import NOW

    with use(written.institution):
        who = person(written.sql("select id from app_user where login_name = %s", login)[0][0])
        assert who is not None
        mine = ask(summary.mine, who.as_actor(Channel.PORTAL), at=NOW)
        release()
    return mine


def test_the_traders_instalment_is_due_today(first: Past) -> None:
    mine = _standing(first, "amina")

    to_pay = mine.loans[0].to_pay
    assert len(mine.savings) == 2
    assert to_pay.due_now.total.is_positive
    assert to_pay.overdue.total.is_zero
    due = [i.due_date for i in mine.loans[0].loan.installments if not i.is_met]
    assert due[0] == TODAY


def test_the_farmer_is_twelve_days_late_and_can_pay(first: Past) -> None:
    mine = _standing(first, "juma")

    assert mine.loans[0].to_pay.days_late == 12
    assert mine.savings[0].balance > mine.loans[0].to_pay.due_now.total
    assert first.sql("select language from app_user where login_name = 'juma'") == [("sw",)]
    channels = first.sql("select distinct channel from audit_event where act = 'loans.repay' and actor like 'user:%%'")
    assert ("ussd",) in channels


def test_the_newcomer_has_saved_once_and_borrowed_nothing(first: Past) -> None:
    mine = _standing(first, "neema")

    assert (len(mine.savings), len(mine.loans), len(mine.latest)) == (1, 0, 1)


def test_two_people_share_a_phone_and_are_told_apart_by_a_word(first: Past) -> None:
    shared = first.sql(
        "select l.label, u.login_name from phone_link l join app_user u on u.id = l.user_id"
        " where msisdn = '+254700000444' order by 1"
    )

    assert shared == [("Blue", "baraka"), ("Green", "zawadi")]


def test_one_phone_is_answered_by_text_message(first: Past) -> None:
    assert first.sql("select msisdn from phone_link where sms_on") == [("+254700000118",)]


def test_people_pay_on_the_day_and_late_and_early_and_some_have_finished(first: Past) -> None:
    paid = first.sql(
        "select count(*) filter (where met_on = due_date), count(*) filter (where met_on > due_date),"
        " count(*) filter (where met_on < due_date) from installment where met_on is not null"
    )[0]

    assert all(count > 0 for count in paid), paid
    assert {status for (status,) in first.sql("select status from loan")} == {"active", "closed"}
    assert len(first.sql("select distinct office from client")) == 2


def test_the_neighbour_has_the_same_ids_phones_and_logins_but_other_people_and_money(first: Past, second: Past) -> None:
    """Who confuses the two institutions shows it: whatever finds a row in one finds another row in the other."""
    same = {
        "accounts": "select id, number, kind, owner, office from account order by id",
        "clients": "select id, office, msisdn from client order by id",
        "users": "select id, login_name, role from app_user order by id",
        "links": "select id, user_id, msisdn, label from phone_link order by id",
    }
    for what, statement in same.items():
        assert first.sql(statement) == second.sql(statement), what

    for what, statement in {
        "names": "select id, first_name, last_name from client order by id",
        "secrets": "select user_id, kind, hash from secret order by user_id, kind",
    }.items():
        assert not set(first.sql(statement)) & set(second.sql(statement)), what
    balances = "select account, minor from balance where minor > 0 and account in (select id from savings) order by 1"
    assert not set(first.sql(balances)) & set(second.sql(balances))


def test_no_secret_of_the_cast_is_right_at_the_neighbours() -> None:
    from dirisha.demo.cast import FIRST, SECOND, THIRD

    secrets = [
        {secret for who in (*troupe.clients, troupe.staff) for secret in (who.password, who.pin) if secret}
        for troupe in (FIRST, SECOND, THIRD)
    ]
    assert len(set.union(*secrets)) == sum(map(len, secrets))
    assert {tuple(who.key for who in troupe.clients) for troupe in (SECOND, THIRD)} == {
        tuple(who.key for who in FIRST.clients)
    }


@pytest.mark.security("A-05")
def test_a_login_of_one_institution_is_nobody_at_the_other(house: House, tmp_path: Path) -> None:
    """Same user name, same user id: only the database that was chosen tells the two apart."""
    from dirisha.access.people import visitor
    from dirisha.access.secrets import Secret, SecretKind, WrongSecret
    from dirisha.acts.access.login import login
    from dirisha.db.transactions import release
    from dirisha.demo.cast import FIRST, SECOND, TRADER
    from dirisha.engine.outcome import Done, Refused
    from dirisha.engine.run import run
    from dirisha.kit.actor import Channel
    from dirisha.tenants.current import use
    from tests.bank import NOW

    def logs_in(at: Past) -> Any:
        with use(at.institution):
            secret = Secret(SecretKind.PASSWORD, TRADER.password, attempt=at.institution.slug)
            outcome = run(login, visitor(Channel.PORTAL), at=NOW, secret=secret, login_name=TRADER.login)
            release()
        return outcome

    with (
        past(house, tmp_path, "moja-tu", FIRST, people=0, seed=1) as first,
        past(house, tmp_path, "mbili-tu", SECOND, people=0, seed=1) as second,
    ):
        refused, done = logs_in(second), logs_in(first)

        assert isinstance(refused, Refused)
        assert isinstance(refused.refusal, WrongSecret)
        assert isinstance(done, Done)
        assert done.result.name == TRADER.name
        assert second.sql("select outcome, code from audit_event where act = 'access.login'") == [
            ("asked", "access.wrong_secret")
        ]
        assert first.sql("select outcome, code from audit_event where act = 'access.login'") == [("done", None)]
