"""One alias follows the institution: nothing leaks from one to the other, and nothing is reached with none chosen."""

from __future__ import annotations

import threading

import pytest

from tests.bank import NOW, Bank


def other(bank: Bank) -> object:
    return bank.house.institution("jirani")


@pytest.mark.security("A-05")
def test_content_types_are_kept_by_institution(bank: Bank) -> None:
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.sessions.models import Session

    from dirisha.tenants.current import use

    with use(other(bank)):  # type: ignore[arg-type]
        bank.sql("update django_content_type set id = id + 1000")
        theirs = ContentType.objects.get_for_model(Session).pk
    ours = ContentType.objects.get_for_model(Session).pk
    with use(other(bank)):  # type: ignore[arg-type]
        assert ContentType.objects.get_for_model(Session).pk == theirs
        assert ContentType.objects.get_for_id(theirs).model == "session"
    assert theirs == ours + 1000
    assert ContentType.objects.get_for_model(Session).pk == ours


@pytest.mark.security("A-05")
def test_a_thread_that_served_one_institution_knows_nothing_of_it_afterwards(bank: Bank) -> None:
    from dirisha.db.transactions import Role, release, transaction
    from dirisha.tenants.current import NoInstitution, chosen, use

    seen: list[object] = []

    def a_server_thread() -> None:
        for slug in ("tumaini", "jirani"):
            with use(bank.house.institution(slug)), transaction("test", Role.APP) as tx:
                seen.append(tx.run("select current_database() as name").one().name)
            seen.append(chosen())
            try:
                with transaction("test", Role.APP):
                    seen.append("reached")
            except NoInstitution:
                seen.append("refused")
        release()

    thread = threading.Thread(target=a_server_thread)
    thread.start()
    thread.join()
    assert seen == ["dirisha_tumaini", None, "refused", "dirisha_jirani", None, "refused"]


@pytest.mark.security("A-05")
def test_both_request_signals_with_no_institution_chosen(bank: Bank) -> None:
    """Django closes connections at both: with a connection held for an institution, and none chosen any more."""
    from django.core.signals import request_finished, request_started
    from django.db import connection

    from dirisha.db.transactions import Role, transaction
    from dirisha.tenants.current import use

    failures: list[BaseException] = []

    def without_an_institution() -> None:
        try:
            with use(bank.house.institution("tumaini")), transaction("test", Role.APP) as tx:
                tx.run("select 1").one()
            request_finished.send(sender=None)
            assert connection.connection is None
            request_started.send(sender=None)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=without_an_institution)  # a new thread has no institution in its context
    thread.start()
    thread.join()
    assert failures == []


def test_no_switch_inside_a_transaction(bank: Bank) -> None:
    from dirisha.db.engine.base import SwitchInTransaction
    from dirisha.db.transactions import Role, transaction
    from dirisha.tenants.current import use

    with transaction("outer", Role.APP) as tx:
        tx.run("select 1").one()
        with use(other(bank)), pytest.raises(SwitchInTransaction):  # type: ignore[arg-type]
            from django.db import connection

            connection.ensure_connection()


@pytest.mark.security("A-01")
def test_a_question_that_forgets_its_scope_returns_nothing(bank: Bank) -> None:
    """Under the client's role a statement without WHERE shows the client's own rows, and without a scope none at all."""
    from dirisha.db.transactions import Role, transaction
    from dirisha.kit.ids import ClientId
    from dirisha.kit.scope import Clients

    trader = bank.someone("trader")
    tables = (
        "account",
        "balance",
        "journal",
        "movement",
        "client",
        "savings",
        "loan",
        "installment",
        "loan_transaction",
    )
    with transaction("forgets its scope", Role.CLIENT) as tx:
        for table in tables:
            assert tx.run(f"select count(*) as n from {table}").one().n == 0, table  # type: ignore[arg-type]
    with transaction("has one", Role.APP) as tx:
        tx.become_viewer(Clients((ClientId(trader.client),)))
        owners = {row.owner for row in tx.run("select owner from account").all()}
        assert owners == {trader.client}
        assert tx.run("select count(*) as n from client").one().n == 1


@pytest.mark.security("A-01")
def test_the_login_sees_no_account_and_may_change_no_journal(bank: Bank) -> None:
    import psycopg

    from dirisha.db.transactions import Role, transaction

    for role, statement in (
        (Role.APP, "select * from account"),
        (Role.APP, "select * from movement"),
        (Role.APP, "update app_user set role = 'staff', office = 1"),
        (Role.APP, "insert into user_client (user_id, client, role, since) values (1, 1, 'owner', '2026-01-01')"),
        (Role.APP, "update secret set hash = 'mine'"),
        (Role.APP, "update command set state = 'done'"),
        (Role.APP, "update phone_link set msisdn = '+254700000999'"),
        (Role.CLIENT, "update balance set minor = 1"),
        (Role.CLIENT, "select * from balance for update"),
        (Role.BOOKS, "update movement set amount_minor = 1"),
        (Role.BOOKS, "delete from journal"),
        (Role.KEEPER, "delete from audit_event"),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction("test", role) as tx:
            tx.run(statement).all()  # type: ignore[arg-type]


def test_hot_statements_keep_generic_plans(bank: Bank) -> None:
    import psycopg
    from django.db import connection

    from dirisha.acts.loans.repay import repay
    from dirisha.acts.transfers.own import own
    from dirisha.engine.outcome import Done
    from dirisha.engine.run import run

    trader = bank.someone("trader")
    actor = bank.actor("trader", "mifos")
    a, b = (account.id for account in trader.savings)
    for n in range(50):
        assert isinstance(run(own, actor, at=NOW, key=f"o{n}", source_id=a, target_id=b, amount=bank.money("1")), Done)
        done = run(repay, actor, at=NOW, key=f"r{n}", loan_id=trader.loans[0].id, source_id=a, amount=bank.money("1"))
        assert isinstance(done, Done), done
    rows = (
        psycopg.Cursor(connection.connection)
        .execute("select statement, generic_plans, custom_plans from pg_prepared_statements")
        .fetchall()
    )
    assert len(rows) > 10
    assert [row for row in rows if row[2]] == []
