"""In and out: what a stranger learns (nothing), and how long a session is one."""

from __future__ import annotations

import re
from datetime import timedelta
from time import perf_counter

import pytest

from tests.bank import NOW, Bank
from tests.journeys.drivers.portal import Portal

WRONG = "a-wrong-password"


def _seen(portal: Portal) -> tuple[int, str, str, set[str]]:
    """All that a refused login shows and sets, but for what differs with each request and what was typed."""
    page = portal.page
    html = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|[0-9a-f]{8}-[0-9a-f-]{27}', "", page.html)
    html = re.sub(r'(name="login_name"[^>]*) value="[^"]*"', r"\1", html)
    return page.status, page.code, html, set(portal.client.cookies) | set(page.headers) - {"X-Correlation-ID"}


@pytest.mark.security("I-02")
@pytest.mark.security("I-04")
def test_unknown_wrong_and_locked_look_alike(bank: Bank) -> None:
    names = ("amina", "nobody-of-that-name", "grace")
    seen = {}
    for name in names:
        portal = Portal(bank, REMOTE_ADDR="198.51.100.7")
        seen[name] = []
        for _ in range(7):
            portal.log_in_as(name, WRONG)
            seen[name].append(_seen(portal))
    assert seen["amina"] == seen["nobody-of-that-name"] == seen["grace"]
    assert [step[1] for step in seen["amina"]] == ["access.wrong_secret"] * 4 + ["access.locked_out"] * 3
    assert "The user name or the password is not right" in seen["amina"][0][2]


@pytest.mark.security("I-02")
def test_an_unknown_name_costs_what_a_known_one_costs(bank: Bank) -> None:
    def fastest(name: str) -> float:
        took = []
        for _ in range(4):
            portal = Portal(bank)
            portal.open("/login")
            began = perf_counter()
            portal.submit("/login", login_name=name, password=WRONG)
            took.append(perf_counter() - began)
        return min(took)

    fastest("warm-up")
    known, unknown = fastest("amina"), fastest("nobody-of-that-name")
    assert 0.5 < unknown / known < 2, (known, unknown)


@pytest.mark.security("I-03")
def test_five_wrong_passwords_lock_and_the_owner_is_told(portal: Portal, bank: Bank) -> None:
    trader = bank.someone("trader")
    for _ in range(3):
        portal.log_in_as("amina", WRONG)
    assert "Two tries are left" in portal.page.text
    portal.log_in_as("amina", WRONG)
    assert "One try is left" in portal.page.text
    portal.log_in_as("amina", WRONG)
    assert (portal.page.status, portal.page.code) == (429, "access.locked_out")
    portal.log_in(trader)
    assert portal.page.code == "access.locked_out"
    assert "12:30" in portal.page.text
    assert bank.sql("select event, user_id from outbox where state = 'waiting'") == [("access_locked", trader.user)]
    portal.at = NOW + timedelta(minutes=31)
    portal.log_in(trader)
    assert portal.page.address == "/"


@pytest.mark.security("I-03")
def test_a_reference_chosen_by_the_caller_does_not_make_five_tries_one(portal: Portal, bank: Bank) -> None:
    portal.client.defaults["HTTP_X_CORRELATION_ID"] = "always-the-same-1"
    for _ in range(5):
        portal.log_in_as("amina", WRONG)
    assert portal.page.code == "access.locked_out"


def test_what_is_missing_is_asked_for_and_not_counted(portal: Portal, bank: Bank) -> None:
    for name, password in (("", ""), ("amina", ""), ("", "x"), ("a" * 101, "x"), ("amina", "x" * 129), ("a\0b", "x")):
        portal.log_in_as(name, password)
        assert (portal.page.status, portal.page.code) == (422, "input.bad")
        assert portal.page.title.startswith("Something is wrong: ")
    assert bank.sql("select count(*) from attempt") == [(0,)]


def test_staff_is_sent_to_its_own_door(portal: Portal, bank: Bank) -> None:
    portal.log_in(bank.someone("staff"))
    assert (portal.page.status, portal.page.code) == (403, "access.not_permitted")
    assert portal.open("/").address == "/login"


def test_one_comes_to_the_page_that_was_asked_for_and_nowhere_else(portal: Portal, bank: Bank) -> None:
    trader = bank.someone("trader")
    portal.open("/move?amount=20")
    assert portal.page.address == "/login"
    portal.submit("/login", login_name="amina", password=trader.character.password)
    assert portal.page.address == "/move"
    assert portal.page.form("/move").fields["amount"] == "20"
    for elsewhere in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "evil"):
        other = Portal(bank)
        other.open(f"/login?next={elsewhere}")
        assert other.page.form("/login").fields["next"] == "/"
        other.submit("/login", login_name="amina", password=trader.character.password, next=elsewhere)
        assert other.page.address == "/"


def _session(portal: Portal) -> str:
    return portal.client.cookies["session"].value


def _kept(portal: Portal) -> dict[str, object]:
    from django.contrib.sessions.backends.db import SessionStore

    return dict(SessionStore(_session(portal)).load())


@pytest.mark.security("I-17")
def test_a_session_is_new_at_login_and_keeps_no_more_than_it_must(portal: Portal, bank: Bank) -> None:
    trader = bank.someone("trader")
    portal.open("/login")
    assert "session" not in portal.client.cookies
    token = portal.client.cookies["csrf"].value
    planted = Portal(bank)
    planted.log_in(bank.someone("newcomer"))
    portal.client.cookies["session"] = known = _session(planted)
    portal.submit("/login", login_name="amina", password=trader.character.password)
    assert _session(portal) != known
    assert planted.open("/").address == "/login"
    assert portal.client.cookies["csrf"].value != token
    first = _session(portal)
    assert _kept(portal) == {"user": trader.user, "institution": "tumaini", "since": int(NOW.timestamp())}
    portal.open("/login")
    assert portal.page.address == "/"
    cookies = portal.client.cookies.output()
    portal.log_out()
    assert "You are logged out" in portal.page.text
    old = Portal(bank)
    old.client.cookies.load(cookies.replace("Set-Cookie: ", ""))
    old.client.cookies["session"] = first
    assert old.open("/").address == "/login"
    assert bank.sql("select count(*) from django_session") == [(0,)]


def test_nobody_is_logged_out_by_a_link(trader: Portal) -> None:
    assert trader.open("/logout").status == 405
    assert trader.open("/").status == 200


def test_five_idle_minutes_end_a_session(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    [(left,)] = bank.sql("select expire_date - now() from django_session")
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)
    trader.open("/move")
    form = trader.page.form("/move")
    bank.sql("update django_session set expire_date = now() - interval '1 second'")
    trader.post("/move", form.fields | {"amount": "10", "target_id": str(who.savings[1].id)})
    assert trader.page.address == "/login"
    assert "What you sent last was not done" in trader.page.text
    assert trader.open("/accounts").address == "/login"
    assert bank.movements() == before


def test_two_hours_are_the_longest(trader: Portal) -> None:
    trader.at = NOW + timedelta(hours=1, minutes=59)
    assert trader.open("/accounts").address == "/accounts"
    trader.at = NOW + timedelta(hours=2, minutes=1)
    assert trader.open("/accounts").address == "/login"
    trader.at = NOW - timedelta(minutes=5)
    assert trader.open("/accounts").address == "/login"


@pytest.mark.security("A-05")
def test_a_session_of_one_institution_is_nobody_at_another(trader: Portal, bank: Bank) -> None:
    """Even where its row has come into the other's database."""
    import psycopg
    from django.conf import settings

    rows = bank.sql("select session_key, session_data, expire_date from django_session")
    other = settings.DIRISHA_REGISTRY.by_slug("jirani")
    with psycopg.connect(bank.house.cluster.admin, dbname=other.database, autocommit=True) as connection:
        connection.execute("insert into django_session values (%s, %s, %s)", rows[0])
    there = Portal(bank, slug="jirani")
    there.client.cookies = trader.client.cookies
    assert there.open("/").address == "/login"
    assert "Jirani Savings" in there.page.text


def test_a_user_that_is_closed_is_nobody_from_the_next_request(trader: Portal, bank: Bank) -> None:
    bank.sql("update app_user set closed_at = now() where login_name = 'amina'")
    assert trader.open("/").address == "/login"
