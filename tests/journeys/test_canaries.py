"""Planted canaries: a password, a PIN, one-time codes and a hook's secret that go through a whole life at every door.

Afterwards none of them is anywhere: not in a log, an address, a metric or the audit, not in any column of any table,
and not in what is kept encrypted there either.
"""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
import structlog

from tests.bank import CORE_PASSWORD, NOW, Bank, Someone, hook_of
from tests.gateway import Desk
from tests.journeys.drivers.mifos import App, MifosDoor
from tests.journeys.drivers.portal import Portal
from tests.journeys.drivers.sms import CODE, SmsPhone
from tests.journeys.drivers.ussd import Phone

# Requests at the portal go on by moments; what they sent is due by then.
LATER = NOW + timedelta(minutes=1)

LOGIN, MSISDN = "kanari", "+254700000777"
PASSWORD, WRONG_PASSWORD = "canary-Xq7f-password", "canary-Zw3k-not-the-password"
PIN, WRONG_PIN = "739158", "286417"
NO_HOOK = "canary-wrong-hook-secret-0123456789abcdef01234567"


@dataclass
class Life:
    """Somebody of whom everything secret is known here, and whatever of it the doors should forget again."""

    bank: Bank
    who: Someone
    secrets: dict[str, str] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)

    def wrong(self, code: str) -> str:
        """A code that is not the right one, and a canary as well."""
        other = f"{(int(code) + 7) % 1_000_000:06d}"
        self.secrets |= {f"code {code}": code, f"wrong code {other}": other}
        return other


@pytest.fixture
def life(bank: Bank) -> Life:
    """A new client with two accounts and a loan, enrolled at the branch with the canaries as first secrets."""
    from dirisha.acts.access.enrol import enrol
    from dirisha.demo.branch import Branch
    from dirisha.engine.outcome import Done
    from dirisha.engine.run import run

    staff = bank.someone("staff")
    with bank.at_core():
        branch = Branch.of(staff.user)
        client = branch.open_client("Kanari", "Wema", MSISDN, at=NOW)
        first = branch.open_savings(client, "Everyday savings", "Everyday savings", at=NOW)
        branch.open_savings(client, "School fees", "School fees", at=NOW)
        branch.deposit(first.id, bank.money("20000"), at=NOW)
        branch.disburse(first.id, "Business loan", bank.money("9000"), 6, at=NOW)
    enrolled = run(
        enrol, bank.actor("staff", "console"), at=NOW, key="the enrolment of the canary", client_id=client,
        login_name=LOGIN, name="Kanari Wema", msisdn=MSISDN, label="Kanari", password=PASSWORD, pin=PIN, language="en",
    )  # fmt: skip
    assert isinstance(enrolled, Done)
    Desk(bank.institution).relay(NOW)
    character = replace(
        staff.character, key="canary", login=LOGIN, password=PASSWORD, pin=PIN, msisdn=MSISDN, label="Kanari"
    )
    return Life(bank, _owning(bank, character, enrolled.result), {
        "password": PASSWORD, "wrong password": WRONG_PASSWORD, "PIN": PIN, "wrong PIN": WRONG_PIN,
        "hook secret": hook_of("tumaini"), "wrong hook secret": NO_HOOK,
        "Basic key": base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode(),
        "wrong Basic key": base64.b64encode(f"{LOGIN}:{WRONG_PASSWORD}".encode()).decode(),
        "service user's password": CORE_PASSWORD,
        "service user's Basic key": base64.b64encode(f"dirisha:{CORE_PASSWORD}".encode()).decode(),
    })  # fmt: skip


def _owning(bank: Bank, character: Any, user: int) -> Someone:
    from dirisha.access.people import person
    from dirisha.kit.actor import Channel
    from dirisha.queries import summary
    from dirisha.queries.ask import ask

    who = person(user)  # type: ignore[arg-type]
    assert who is not None
    mine = ask(summary.mine, who.as_actor(Channel.PORTAL), at=NOW)
    return Someone(character, user, who.clients[0], mine.savings, tuple(each.loan for each in mine.loans))


# What is looked at lies in this house's own database, whatever core it stands in front of.
HERE_ALONE = pytest.mark.parametrize("bank", ["native"], indirect=True)


# --- the life ----------------------------------------------------------------------------------------------------------


def at_the_portal(life: Life) -> None:
    portal, (first, second) = Portal(life.bank), life.who.savings
    portal.log_in_as(LOGIN, WRONG_PASSWORD)
    portal.log_in_as(PASSWORD, "x")  # into the wrong field, as happens
    portal.log_in(life.who)
    assert portal.page.address == "/", portal.page.text
    portal.open("/settings")
    portal.submit("/settings/sms")
    portal.open("/move")
    portal.submit("/move", amount="6000", source_id=str(first.id), target_id=str(second.id))
    right = portal.newest_code()
    assert portal.confirm(life.wrong(right)) == "access.wrong_code"
    portal.submit("/code")
    life.wrong(portal.newest_code())
    assert portal.reads_back(portal.confirm())
    portal.log_out()
    portal.log_in(life.who)  # and a session that stays


def by_app(life: Life) -> None:
    door = MifosDoor(life.bank)
    wrong = replace(life.who.character, password=WRONG_PASSWORD)
    assert door.log_in(replace(life.who, character=wrong)).status == 401
    assert App(login=LOGIN, password=WRONG_PASSWORD).get("/clients").status == 401
    assert App().post("/authentication", {"username": LOGIN, "password": [WRONG_PASSWORD]}).status == 400
    assert door.log_in(life.who).status == 200
    assert door.repay(life.who.loans[0], life.who.savings[0], "100").reference


def by_phone_menu(life: Life) -> None:
    phone = Phone(MSISDN)
    phone.dial(PIN)  # behind the service code, where it opens nothing
    phone.pick("English")
    assert "Tries left: 2" in phone.type(WRONG_PIN)
    phone.type(PIN)
    phone.type("3")
    phone.pick(life.who.savings[0].ref.masked)
    phone.type("700")
    assert "Tries left: 2" in phone.type(WRONG_PIN)
    assert phone.type(PIN).startswith("Paid KES 700.00"), phone.seen
    # And a session that is left open behind a wrong PIN, with its tape.
    phone.dial()
    phone.type(PIN)
    phone.type("3")
    phone.pick(life.who.savings[0].ref.masked)
    phone.type("800")
    assert "Tries left: 2" in phone.type(WRONG_PIN)


def by_sms(life: Life) -> None:
    phone = SmsPhone(life.bank, MSISDN, now=lambda: LATER)
    phone.fetch()  # the notices of what came before
    for slip in (f"my PIN is {PIN}", f"PAY 500 {PIN}", PASSWORD):
        [answer] = phone.send(slip)
        assert "Never send" in answer
    [asked] = phone.send("PAY 500")
    found = CODE.search(asked)
    assert found
    [answer] = phone.send(life.wrong(found[1]))
    assert "not the newest code" in answer
    [answer] = phone.send(PIN)  # six digits, so it is tried as a code
    assert "not the newest code" in answer
    assert any("500.00" in notice for notice in phone.send(found[1]) or phone.wait())


def at_no_hook(life: Life) -> None:
    from django.test import Client

    for gateway in ("ussd", "sms"):
        form = {"sessionId": "s", "phoneNumber": MSISDN, "from": MSISDN, "text": PIN}
        assert Client().post(f"/hooks/{NO_HOOK}/africastalking/{gateway}", form).status_code == 404


DOORS: tuple[Callable[[Life], None], ...] = (at_the_portal, by_app, by_phone_menu, by_sms, at_no_hook)


# --- what is looked through --------------------------------------------------------------------------------------------


@contextmanager
def logged_as_in_production() -> Iterator[None]:
    """Everything from `debug` up, of our own and of other people's loggers, as the web process writes it."""
    from dirisha.server import logs

    root = logging.getLogger()
    before = (root.handlers, root.level)
    logs.configure("web", "debug")
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.handlers, root.level = before[0], before[1]
        structlog.reset_defaults()


@contextmanager
def addresses_noted(life: Life) -> Iterator[None]:
    from django.core.signals import request_started

    def note(environ: dict[str, Any], **_: Any) -> None:
        life.addresses.append(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}")

    request_started.connect(note)
    try:
        yield
    finally:
        request_started.disconnect(note)


def columns(bank: Bank) -> Iterator[tuple[str, str, bool]]:
    """(table, column, whether it is bytes) of all that the institution's database keeps."""
    for table, column, kind in bank.sql(
        "select c.table_schema || '.\"' || c.table_name || '\"', c.column_name, c.data_type"
        " from information_schema.columns c join information_schema.tables t using (table_schema, table_name)"
        " where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema')"
    ):
        yield table, column, kind == "bytea"


def kept(bank: Bank) -> Iterator[tuple[str, bytes]]:
    """(where, what) of every value in the database; of what is encrypted or packed, the plain text as well."""
    from cryptography.fernet import InvalidToken
    from django.contrib.sessions.models import Session

    from dirisha.access.keys import decrypt

    for table, column, is_bytes in columns(bank):
        shown = f'"{column}"' if is_bytes else f'"{column}"::text'
        for (value,) in bank.sql(f'select {shown} from {table} where "{column}" is not null'):
            where = f"{table}.{column}"
            yield where, bytes(value) if is_bytes else value.encode()
            if is_bytes:
                try:
                    yield f"{where}, decrypted", decrypt(bytes(value))
                except InvalidToken:
                    continue  # a hash, and nothing that can be read back
    for session in Session.objects.all():
        yield "django_session, unpacked", str(session.get_decoded()).encode()


def holds(text: str | bytes, secret: str) -> bool:
    """In capitals or not. Digits count where they stand alone: within a longer number they are somebody else's."""
    text = text.decode(errors="replace") if isinstance(text, bytes) else text
    if secret.isdigit():
        return re.search(rf"(?<![0-9a-fA-F]){secret}(?![0-9a-fA-F])", text) is not None
    return secret.casefold() in text.casefold()


def found_in(texts: Iterator[tuple[str, bytes]], secrets: dict[str, str]) -> list[str]:
    return sorted(
        {f"{name} in {where}" for where, text in texts for name, secret in secrets.items() if holds(text, secret)}
    )


@pytest.mark.security("A-08")
def test_no_canary_is_left_anywhere(bank: Bank, life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    from prometheus_client import generate_latest

    capsys.readouterr()
    with logged_as_in_production(), addresses_noted(life):
        for door in DOORS:
            door(life)
        Desk(bank.institution).relay(LATER)
        lines = [orjson.loads(line) for line in "".join(capsys.readouterr()).splitlines()]
    # Without the moments: their digits are anybody's.
    logged = "\n".join(str({name: value for name, value in line.items() if name != "timestamp"}) for line in lines)
    routes = {line.get("route") for line in lines}
    assert {
        "portal.login",
        "portal.check",
        "mifos.authentication",
        "mifos.transfers",
        "hooks.ussd",
        "hooks.sms",
    } <= routes
    assert [name for name, secret in life.secrets.items() if holds(logged, secret)] == []

    assert len(life.addresses) > 50
    at_people = [address for address in life.addresses if not address.startswith("/hooks/")]
    at_hooks = [re.sub(r"^/hooks/[^/]+", "/hooks/…", address) for address in life.addresses]
    assert [name for name, secret in life.secrets.items() if holds("\n".join(at_people + at_hooks), secret)] == []

    metrics = generate_latest().decode()
    assert 'route="hooks.ussd"' in metrics
    assert [name for name, secret in life.secrets.items() if holds(metrics, secret)] == []

    assert bank.sql("select count(*) from outbox where state = 'waiting' or sealed is not null") == [(0,)]
    assert bank.sql("select count(*) from inbound_sms where sealed is not null") == [(0,)]
    assert bank.sql("select count(*) > 0 from ussd_session where tape is not null") == [(True,)]
    assert any(where == "django_session, unpacked" and b"'user'" in text for where, text in kept(bank))
    assert found_in(kept(bank), life.secrets) == []


@HERE_ALONE
@pytest.mark.security("A-08")
def test_a_code_lies_encrypted_until_it_is_handed_over_and_nowhere_after(bank: Bank, life: Life) -> None:
    portal, (first, second) = Portal(bank), life.who.savings
    portal.log_in(life.who)
    portal.open("/move")
    portal.submit("/move", amount="6000", source_id=str(first.id), target_id=str(second.id))
    code = {"code": portal.newest_code()}
    assert found_in(kept(bank), code) == ['code in public."outbox".sealed, decrypted']
    [message] = [sms for sms in Desk(bank.institution).relay(LATER) if sms.to == MSISDN]
    assert code["code"] in message.text
    assert found_in(kept(bank), code) == []


@HERE_ALONE
@pytest.mark.security("A-08")
def test_an_institution_in_some_message_of_an_exception_tells_no_secret(bank: Bank) -> None:
    assert "Africa/Nairobi" in repr(bank.institution)
    assert [
        secret for secret in (hook_of("tumaini"), bank.institution.carrier.api_key) if secret in repr(bank.institution)
    ] == []


@HERE_ALONE
def test_the_search_finds_what_is_there(bank: Bank, life: Life) -> None:
    """In plain columns, in JSON, in lists and behind encryption, with digits told apart from longer ones."""
    from dirisha.access.keys import encrypt

    names = {where for where, text in kept(bank) if holds(text, LOGIN)}
    assert {'public."app_user".login_name', 'public."outbox".variables'} <= names
    bank.sql("insert into attempt values (%s, 1, array[%s], null, %s)", b"subject", f"seen {PIN}", NOW)
    bank.sql(
        "insert into ussd_session (id, msisdn, tape, started_at, expires_at) values ('s', 'm', %s, %s, %s)",
        encrypt(f'["{PIN}"]'.encode()), NOW, NOW,
    )  # fmt: skip
    assert found_in(kept(bank), {"PIN": PIN}) == [
        'PIN in public."attempt".seen', 'PIN in public."ussd_session".tape, decrypted',
    ]  # fmt: skip
    assert holds(f"PIN {PIN}.", PIN)
    assert not holds(f"id 1{PIN}", PIN)
