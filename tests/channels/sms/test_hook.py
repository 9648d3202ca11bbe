"""The hook: who may call it, what it stores, and that a message is answered once."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.bank import Bank, hook_of
from tests.channels.sms.conftest import Clock
from tests.journeys.drivers.sms import CODE, SmsDoor
from tests.messaging.test_secrets_in_messages import everything


def inbox(bank: Bank) -> list[tuple[Any, ...]]:
    return bank.sql("select understood, state, sealed from inbound_sms order by received_at, id")


def test_the_same_message_delivered_again_changes_nothing_and_gets_the_same_answer(bank: Bank, trader: SmsDoor) -> None:
    assert len(trader.phone.send("BAL", carrier_id="once")) == 1
    assert trader.phone.send("BAL", carrier_id="once") == []
    assert inbox(bank) == [("balance", "answered", None)]
    assert bank.sql("select count(*) from outbox where kind = 'reply'") == [(1,)]


def test_a_payment_confirmed_twice_by_one_message_is_one_payment(bank: Bank, trader: SmsDoor) -> None:
    [asked] = trader.phone.send("PAY 500")
    code = CODE.search(asked)
    assert code
    before = bank.movements()
    assert len(trader.phone.send(code[1], carrier_id="twice")) == 1
    moved = bank.movements()
    assert trader.phone.send(code[1], carrier_id="twice") == []
    assert bank.movements() == moved != before


def test_deliveries_of_one_message_at_once_are_one_message(bank: Bank, trader: SmsDoor) -> None:
    from django.db import connection

    def delivers() -> None:
        trader.phone.post("LOAN", carrier_id="at once")
        connection.close()

    threads = [threading.Thread(target=delivers) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(trader.phone.fetch()) == 1
    assert inbox(bank) == [("loan", "answered", None)]


def test_a_wrong_address_serves_nobody(bank: Bank) -> None:
    from django.test import Client

    for secret, gateway in (
        ("wrong-secret-0123456789abcdef0123456789abcdef", "africastalking"),
        (hook_of("tumaini"), "hubtel"),
        (hook_of("tumaini") + "x", "africastalking"),
    ):
        form = {"id": "1", "from": "+254700000118", "text": "BAL"}
        assert Client().post(f"/hooks/{secret}/{gateway}/sms", form).status_code == 404
    assert inbox(bank) == []


@pytest.mark.security("U-12")
def test_only_the_gateways_addresses_are_let_in(bank: Bank) -> None:
    from django.test import Client

    form = {"id": "1", "from": "+254700000118", "text": "BAL"}
    response = Client(REMOTE_ADDR="203.0.113.9").post(f"/hooks/{hook_of('tumaini')}/africastalking/sms", form)
    assert response.status_code == 404
    assert inbox(bank) == []
    assert Client().get(f"/hooks/{hook_of('tumaini')}/africastalking/sms").status_code == 405


def test_what_no_gateway_sends_is_refused_in_words_and_not_stored(bank: Bank) -> None:
    from django.test import Client

    good = {"id": "1", "from": "+254700000118", "text": "BAL"}
    for form in (
        {},
        *({name: value for name, value in good.items() if name != missing} for missing in good),
        good | {"from": "Safaricom"},
        good | {"from": "1e400"},
        good | {"id": "x" * 200},
        good | {"text": "x" * 3000},
    ):
        response = Client().post(f"/hooks/{hook_of('tumaini')}/africastalking/sms", form)
        assert response.status_code == 400, form
        assert response.content.decode().startswith("input.bad: ")
        assert f"Nothing was done. Reference {response.headers['X-Correlation-ID']}" in response.content.decode()
    assert inbox(bank) == []


def test_ten_megabytes_are_not_read(bank: Bank) -> None:
    from django.test import Client

    form = b"id=1&from=%2B254700000118&text=" + b"x" * 10_000_000
    address = f"/hooks/{hook_of('tumaini')}/africastalking/sms"
    response = Client().post(address, form, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 413
    assert response.content.decode().startswith("request.too_large: ")
    assert f"Nothing was done. Reference {response.headers['X-Correlation-ID']}" in response.content.decode()
    assert inbox(bank) == []


@pytest.mark.security("A-08")
def test_nothing_that_was_typed_stays_but_what_was_understood(
    bank: Bank, trader: SmsDoor, capfd: pytest.CaptureFixture[str]
) -> None:
    canary = "8305714926"
    for text in (canary, f"my PIN is {canary}", f"PAY 500 {canary}", f"secret-{canary}-word"):
        [answer] = trader.phone.send(text)
        assert canary not in answer
    captured = capfd.readouterr()
    assert canary not in everything(bank)
    assert canary not in captured.out + captured.err
    assert hook_of("tumaini") not in captured.out + captured.err
    assert {state for _, state, _ in inbox(bank)} == {"answered"}


@pytest.mark.security("A-08")
def test_the_code_of_a_payment_is_gone_once_it_was_used(
    bank: Bank, trader: SmsDoor, capfd: pytest.CaptureFixture[str]
) -> None:
    source, loan = trader.who.savings[0], trader.who.loans[0]
    trader.repay(loan, source, "500")
    code = CODE.search(trader.phone.received[-2])
    assert code
    captured = capfd.readouterr()
    assert code[1] not in captured.out + captured.err
    assert not re.search(rf"\b{code[1]}\b", everything(bank))


@contextmanager
def nothing_is_settled(bank: Bank) -> Iterator[None]:
    """The database fails whoever wants to record an answer: what went before stays."""
    bank.sql("create function fails() returns trigger language plpgsql as $$ begin raise 'a fault on purpose'; end $$")
    bank.sql(
        "create trigger fails before update on inbound_sms for each row when (new.state <> 'waiting')"
        " execute function fails()"
    )
    yield
    bank.sql("drop trigger fails on inbound_sms")


def test_a_message_whose_answering_was_broken_off_is_answered_by_the_worker_once(
    bank: Bank, trader: SmsDoor, clock: Clock
) -> None:
    """It breaks off after the payment is made and before the answer is recorded."""
    from dirisha.channels.sms import desk

    [asked] = trader.phone.send("PAY 500")
    code = CODE.search(asked)
    assert code
    before = len(bank.movements())
    clock.at += timedelta(seconds=10)
    with nothing_is_settled(bank):
        assert trader.phone.post(code[1]).status_code == 200, "stored, so the gateway need not know"
    assert inbox(bank)[-1][:2] == ("code", "waiting")
    moved = len(bank.movements())
    assert moved > before
    assert desk.work_off(clock.at + timedelta(seconds=59)) == 0, "still in the hands of who received it"
    assert desk.work_off(clock.at + timedelta(seconds=60)) == 1
    assert inbox(bank)[-1] == ("code", "silent", None)
    assert len(bank.movements()) == moved
    [notice] = trader.phone.fetch()
    assert "KES 500.00 paid to loan" in notice


def test_a_second_try_sends_no_second_code(bank: Bank, trader: SmsDoor, clock: Clock) -> None:
    from dirisha.channels.sms import desk

    with nothing_is_settled(bank):
        trader.phone.post("PAY 500")
    assert desk.work_off(clock.at + timedelta(seconds=60)) == 1
    [asked] = trader.phone.fetch()
    code = CODE.search(asked)
    assert code
    [notice] = trader.phone.send(code[1])
    assert "KES 500.00 paid" in notice


def test_a_message_that_is_too_old_is_given_up_in_words(bank: Bank, trader: SmsDoor, clock: Clock) -> None:
    from dirisha.channels.sms import desk

    with nothing_is_settled(bank):
        trader.phone.post("LOAN")
        assert desk.work_off(clock.at + timedelta(minutes=2)) == 1
    assert trader.phone.fetch() == []
    clock.at += timedelta(minutes=11)
    assert desk.work_off(clock.at) == 1
    [answer] = trader.phone.fetch()
    assert "We could not do this in time" in answer
    assert inbox(bank) == [("loan", "given_up", None)]


def test_a_database_that_is_away_is_said_so_and_the_gateway_may_deliver_again(bank: Bank, trader: SmsDoor) -> None:
    with database_away(bank):
        response = trader.phone.post("BAL", carrier_id="later")
    assert response.status_code == 503
    assert "system.try_later" in response.content.decode()
    assert len(trader.phone.send("BAL", carrier_id="later")) == 1


@contextmanager
def database_away(bank: Bank) -> Iterator[None]:
    database = bank.institution.database
    with psycopg.connect(bank.house.cluster.admin, dbname="postgres", autocommit=True) as admin:
        admin.execute(f'alter database "{database}" allow_connections false')
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [database])
        yield
        admin.execute(f'alter database "{database}" allow_connections true')
