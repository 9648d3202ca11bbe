"""What is seen when something breaks: the institution's own page, a code, a reference, and nothing of our insides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.bank import Bank
from tests.journeys.drivers.portal import Portal

INSIDES = ("Traceback", "psycopg", "django", "select ", "relation", "line ", ".py")


def _shows_no_insides(portal: Portal) -> None:
    assert not [word for word in INSIDES if word in portal.page.text]
    assert "Tumaini Savings" in portal.page.text
    assert "Reference" in portal.page.text
    assert portal.page.headers["X-Correlation-ID"] in portal.page.text


@contextmanager
def _database_away(bank: Bank) -> Iterator[None]:
    from dirisha.db.transactions import release

    name = bank.institution.database
    with psycopg.connect(bank.house.cluster.admin, dbname="postgres", autocommit=True) as admin:
        admin.execute(f'alter database "{name}" allow_connections false')
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
        try:
            yield
        finally:
            admin.execute(f'alter database "{name}" allow_connections true')
            release()  # as the server does after each request, and the test client does not


@pytest.mark.security("P-03")
def test_a_database_that_is_away_is_said_and_comes_back_by_itself(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    trader.open("/move")
    trader.submit("/move", amount="10", source_id=str(who.savings[0].id), target_id=str(who.savings[1].id))
    form = trader.check_form()
    visitor = Portal(bank)
    login = visitor.open("/login").form("/login")
    with _database_away(bank):
        for address in ("/", "/accounts", f"/loans/{who.loans[0].id}", "/settings", form.action):
            trader.open(address)
            assert (trader.page.status, trader.page.code) == (503, "system.try_later"), address
            assert "Nothing was done" in trader.page.text
            _shows_no_insides(trader)
        trader.post(form.action, form.fields)
        assert (trader.page.status, trader.page.code) == (503, "system.try_later")
        assert trader.page.headers["Retry-After"]
        visitor.post("/login", login.fields | {"login_name": "amina", "password": who.character.password})
        assert (visitor.page.status, visitor.page.code) == (503, "system.try_later")
    assert bank.movements() == before
    trader.post(form.action, form.fields)
    assert trader.page.address.startswith("/receipts/")
    assert len(bank.movements()) == len(before) + 1


@pytest.mark.security("P-03")
def test_a_fault_of_ours_shows_no_insides(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    bank.sql("alter table savings rename column product to renamed")
    for address in ("/", f"/accounts/{who.savings[0].id}"):
        trader.open(address)
        assert (trader.page.status, trader.page.code) == (500, "system.fault")
        assert "The fault is ours" in trader.page.text
        _shows_no_insides(trader)


@pytest.mark.security("P-03")
def test_too_much_is_refused_before_anything_is_done(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    trader.open("/move")
    fields = trader.page.form("/move").fields
    for big in ({"amount": "9" * 300_000}, {"amount": "1" * 10_000_000}):
        trader.post("/move", fields | big | {"target_id": str(who.savings[1].id)})
        assert (trader.page.status, trader.page.code) == (413, "request.too_large")
        assert "Nothing was done" in trader.page.text
        _shows_no_insides(trader)
    trader.post("/move", fields | {f"field{number}": "x" for number in range(200)})
    assert (trader.page.status, trader.page.code) == (400, "request.bad")
    assert bank.movements() == before


def test_an_address_that_nobody_is_served_at(bank: Bank) -> None:
    assert Portal(bank, slug="nobody").open("/").status == 404
    assert Portal(bank, slug="no_body").open("/").status in (400, 404)


@pytest.mark.security("A-08")
def test_secrets_are_nowhere_but_in_the_field_they_were_typed_in(
    bank: Bank, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    who = bank.someone("trader")
    canary = "canary-Kx91-password"
    portal = Portal(bank)
    pages = [portal.log_in_as("amina", canary), portal.log_in(who)]
    assert portal.page.address == "/"
    portal.open("/move")
    portal.submit("/move", amount="6000", source_id=str(who.savings[0].id), target_id=str(who.savings[1].id))
    right = portal.newest_code()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    pages.append(portal.submit(portal.check_form().action, code=wrong))
    portal.confirm(right)
    pages.append(portal.page)
    secrets = (canary, who.character.password, right, wrong)
    logged = "".join(capfd.readouterr()) + caplog.text
    audit = str(bank.sql("select audit_event::text from audit_event"))
    commands = str(bank.sql("select command::text from command"))
    assert "access.login" in audit and "portal.login" in logged
    for secret in secrets:
        assert not [page.address for page in pages if secret in page.html + page.address]
        for text in (logged, audit, commands):
            assert secret not in text
