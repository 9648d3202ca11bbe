"""What tests work with: a house with two institutions, and a bank (the first of them) with its named cast."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

# Tuesday, in Nairobi and in UTC; nothing in the tests depends on the real date.
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

FIRST = """
slug = "{slug}"
name = "{name}"
country = "KE"
currency_code = "KES"
currency_name = "Kenyan Shilling"
currency_symbol = "KSh"
time_zone = "Africa/Nairobi"
languages = ["en", "sw"]
help_number = "+254 20 123 4567"
core = "dirisha.core.native.core:NativeCore"
demo = true

[limits]
day = "100000"
portal = {{ transaction = "60000", day = "80000" }}
mifos = {{ transaction = "30000", day = "60000" }}
ussd = {{ transaction = "20000", day = "40000" }}
sms = {{ transaction = "10000", day = "15000" }}

[proofs]
ussd_small_below = "500"
portal_code_from = "5000"
mifos_refused_from = "20000"
sms_cap = "6000"

[carrier]
driver = "dirisha.carriers.africastalking:AfricasTalking"
username = "sandbox"
api_key = "test-{slug}"
api_url = "http://127.0.0.1:9/version1/messaging"
sender = "DIRISHA"
service_code = "*384#"
hooks = ["{hook}"]
"""

NATIVE = 'core = "dirisha.core.native.core:NativeCore"'

# In front of the stand-in: its books are a database of their own, with the same clients, accounts and loans.
FINERACT = """core = "fineract"
fineract = {{ url = "{url}", user = "dirisha", password_env = "DIRISHA_TEST_FINERACT_PASSWORD" }}
"""
CORE_PASSWORD = "a password of the service user, for tests alone"

SLUGS = ("tumaini", "jirani")

# What a far institution has in the core's books alone; statements that name one of these go there.
BOOKS = re.compile(
    r"\b(?:from|join|update|into|table)\s+"
    r"(account|balance|client|control_balance|installment|journal|loan|loan_transaction|movement|savings)\b"
)


@dataclass(frozen=True)
class House:
    """The server and the institutions' folder. `fresh` gives a test databases that nobody has touched."""

    cluster: Any
    var: Path
    admin: Any
    seen: dict[str, int] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)

    @classmethod
    def build(cls, cluster: Any, var: Path) -> House:
        from dirisha.db.roles import create_database
        from dirisha.db.schema import TEMPLATE, ensure_template
        from dirisha.demo import cast
        from dirisha.tenants.current import use

        house = cls(cluster, var, psycopg.connect(cluster.admin, dbname="postgres", autocommit=True))
        house.watch_connections()
        ensure_template(cluster.admin, cluster.owner)
        (var / "institutions").mkdir(exist_ok=True)
        for slug in SLUGS:
            house.write_institution(slug)
            institution = house.institution(slug)
            create_database(cluster.admin, institution.database, template=TEMPLATE)
            with use(institution):
                offices = cast.prepare_institution()
                branches = cast.start_with_staff(offices, datetime(2026, 1, 1, tzinfo=UTC))
                cast.play(branches[0], NOW.date())
            house.settle(institution)
            house.keep_as_template(institution.database)
        return house

    def _front_template(self) -> str:
        """The first institution's people without its books, made at the first need: those are the far core's."""
        database = self.institution(SLUGS[0]).database
        front = f"{database}_front"
        if not self._is_there(front):
            self.admin.execute(f'create database "{front}" template "{database}_cast" strategy file_copy')
            with psycopg.connect(self.cluster.admin, dbname=front) as connection:
                connection.execute(
                    "truncate movement, journal, balance, client, savings, loan, installment, loan_transaction,"
                    " command, outbox, limit_use cascade"
                )
                connection.execute("delete from account where kind <> 'control'")
                connection.execute("update control_balance set minor = 0, upto = '0'")
        return front

    def _is_there(self, database: str) -> bool:
        return self.admin.execute("select 1 from pg_database where datname = %s", [database]).fetchone() is not None

    def write_institution(self, slug: str, **changes: str) -> None:
        text = FIRST.format(slug=slug, name=slug.title() + " Savings", hook=hook_of(slug))
        for old, new in changes.items():
            text = text.replace(old, new)
        (self.var / "institutions" / f"{slug}.toml").write_text(text)

    def institution(self, slug: str) -> Any:
        from django.conf import settings

        return settings.DIRISHA_REGISTRY.by_slug(slug)

    def settle(self, institution: Any) -> None:
        """The messages of the story are final: nobody waits for them any more."""
        with psycopg.connect(self.cluster.admin, dbname=institution.database) as connection:
            connection.execute("update outbox set state = 'sent', sealed = null where state = 'waiting'")

    def keep_as_template(self, database: str) -> None:
        self._let_go()
        self.admin.execute(f'alter database "{database}" rename to "{database}_cast"')

    @contextmanager
    def fresh_far(self) -> Iterator[FarBank]:
        """The first institution in front of a stand-in of Apache Fineract, which keeps the cast's accounts."""
        from dirisha.simulators.fineract.server import standing_in

        with (
            self.far_books() as core,
            standing_in(core, service_user(), clock=lambda: NOW) as server,
            self.in_front_of(server.desk, server.url) as far,
        ):
            yield far

    @contextmanager
    def far_books(self) -> Iterator[Any]:
        """Fresh books of a far core with the cast's accounts, as the institution that a stand-in keeps; none listens."""
        os.environ["DIRISHA_TEST_FINERACT_PASSWORD"] = CORE_PASSWORD
        self._let_go()
        for slug in SLUGS:
            self.write_institution(slug)
        near, second = (self.institution(slug) for slug in SLUGS)
        if second.database in self.reached or not self._is_there(second.database):
            self.clone(second.database, f"{second.database}_cast")
            self.reached.discard(second.database)
        core = books_of(near)
        self.clone(near.database, self._front_template())
        self.clone(core.database, f"{near.database}_cast")
        self.reached.add(near.database)
        yield core
        self._let_go()
        self.admin.execute(f'drop database if exists "{core.database}" with (force)')

    @contextmanager
    def in_front_of(self, desk: Any, url: str) -> Iterator[FarBank]:
        """The first institution in front of the stand-in at that address."""
        from dirisha.tenants.current import use

        self.write_institution(SLUGS[0], **{NATIVE: FINERACT.format(url=url)})
        far = FarBank(self, desk, url)
        with use(self.institution(SLUGS[0])):
            yield far
        far.hang_up()

    def clone(self, database: str, template: str) -> None:
        self.admin.execute(f'drop database if exists "{database}" with (force)')
        self.admin.execute(f'create database "{database}" template "{template}" strategy file_copy')
        self.admin.execute(f'grant connect on database "{database}" to dirisha_login')

    @contextmanager
    def fresh(self, number: int) -> Iterator[Bank]:
        from dirisha.tenants.current import use

        self._let_go()
        for slug in SLUGS:
            self.write_institution(slug)
        self._make_fresh()
        bank = Bank(self)
        with use(self.institution(SLUGS[0])):
            yield bank
        bank.hang_up()
        self._let_go()

    def _let_go(self) -> None:
        from django.db import connection

        from dirisha.db.engine.idle import idle

        connection.close()
        idle.close_all()

    def _make_fresh(self) -> None:
        """New clones, of what was written to: nothing was where the server has given no transaction id since."""
        if self._last_id() == self.seen.get("last id"):
            return
        for slug in SLUGS:
            database = self.institution(slug).database
            # The second institution is for leaks: most tests never reach it.
            if slug == SLUGS[0] or database in self.reached or "last id" not in self.seen:
                self.clone(database, f"{database}_cast")
        self.reached.clear()
        self.seen["last id"] = self._last_id()

    def _last_id(self) -> int:
        return int(self.admin.execute("select pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()[0])

    def watch_connections(self) -> None:
        """Remember which databases this process reaches; a test that lets another process do so says `reached_all`."""
        connect = psycopg.Connection.connect.__func__  # type: ignore[attr-defined]

        def watched(cls: Any, conninfo: str = "", **named: Any) -> Any:
            made = connect(cls, conninfo, **named)
            self.reached.add(made.info.dbname)
            return made

        psycopg.Connection.connect = classmethod(watched)  # type: ignore[assignment]
        psycopg.connect = psycopg.Connection.connect

    def reached_all(self) -> None:
        self.reached.update(self.institution(slug).database for slug in SLUGS)


def books_of(institution: Any) -> Any:
    """The institution whose books a stand-in keeps for this one."""
    from dirisha.tenants.institution import NATIVE as NATIVE_CORE

    changes = {"slug": f"{institution.slug}-core", "core": NATIVE_CORE, "fineract": None, "carrier": None, "hosts": ()}
    return institution.model_copy(update=changes)


def service_user() -> Any:
    """The user of the far core as whom this house calls it."""
    from dirisha.core.fineract.calls import PERMISSIONS
    from dirisha.simulators.fineract.users import User

    return User(2, "dirisha", CORE_PASSWORD, frozenset(PERMISSIONS))


def _is_up(line: psycopg.Connection[Any]) -> bool:
    try:
        line.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


def hook_of(slug: str) -> str:
    return f"{slug}-hook-secret-0123456789abcdef0123456789"


@dataclass(frozen=True)
class Account:
    id: int
    number: str
    name: str


@dataclass(frozen=True)
class Someone:
    """One of the cast with what it owns."""

    character: Any
    user: int
    client: int
    savings: tuple[Any, ...]
    loans: tuple[Any, ...]


class Bank:
    """The current institution, asked as its administrator: what tests may see and clients may not."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._lines: dict[str, psycopg.Connection[Any]] = {}
        self._lock = threading.Lock()

    def hang_up(self) -> None:
        for line in self._lines.values():
            line.close()

    @property
    def institution(self) -> Any:
        from dirisha.tenants.current import current

        return current()

    def change(self, **changes: str) -> None:
        """Rewrite the institution's file: `bank.change(**{'day = "100000"': 'day = "9000"'})`."""
        self.house.write_institution(self.institution.slug, **changes)
        for slug in (self.institution.slug,):
            path = self.house.var / "institutions" / f"{slug}.toml"
            os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1))

    def database_of(self, statement: str) -> str:
        return str(self.institution.database)

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        database = self.database_of(statement)
        with self._lock:
            line = self._lines.get(database)
            # A test may have cut it, from the server's side: that is seen when it is used.
            if line is None or line.closed or not _is_up(line):
                line = self._lines[database] = psycopg.connect(
                    self.house.cluster.admin, dbname=database, autocommit=True
                )
            cursor = line.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def someone(self, key: str) -> Someone:
        from dirisha.access.people import person
        from dirisha.demo import cast
        from dirisha.kit.actor import Channel
        from dirisha.queries import summary
        from dirisha.queries.ask import ask

        character = next(c for c in (*cast.CAST, cast.STAFF) if c.key == key)
        user = self.sql("select id from app_user where login_name = %s", character.login)[0][0]
        if key == "staff":
            return Someone(character, user, 0, (), ())
        who = person(user)
        assert who is not None
        mine = ask(summary.mine, who.as_actor(Channel.PORTAL), at=NOW)
        return Someone(character, user, who.clients[0], mine.savings, tuple(s.loan for s in mine.loans))

    def actor(self, key: str, channel: str) -> Any:
        from dirisha.access.people import person
        from dirisha.kit.actor import Channel

        who = person(self.someone(key).user)
        assert who is not None
        return who.as_actor(Channel(channel), device="test", correlation=f"test-{key}")

    def movements(self) -> list[tuple[int, int, int]]:
        """All movements as (debit, credit, minor), oldest first."""
        return [
            (debit, credit, minor)
            for debit, credit, minor in self.sql(
                "select debit, credit, amount_minor from movement m join journal j on j.id = m.journal"
                " order by j.xid, m.seq"
            )
        ]

    def balance(self, account: int) -> int:
        return int(self.sql("select minor from balance where account = %s", account)[0][0])

    def audit(self) -> list[tuple[Any, ...]]:
        return self.sql("select act, outcome, code, actor, channel from audit_event order by xid, id")

    def money(self, amount: str) -> Any:
        return self.institution.money(Decimal(amount))

    is_far = False

    @contextmanager
    def at_core(self) -> Iterator[None]:
        """Where the branch works: here, or in front of a far core at the core itself."""
        yield

    def charges(self, act: str, door: str, amount: str) -> None:
        """From now on the act costs that at that door."""
        self.change(**{"[limits]": f'[fees."{act}"]\n{door} = "{amount}"\n\n[limits]'})

    def relay(self, after_s: float = 0) -> int:
        """What the worker does with money on its way, `after_s` after `NOW`."""
        return 0


class FarBank(Bank):
    """The same in front of a far core: `core` is the stand-in's desk; the books are in the core's database."""

    is_far = True

    def __init__(self, house: House, core: Any, url: str) -> None:
        super().__init__(house)
        self.core = core
        self.url = url

    def change(self, **changes: str) -> None:
        super().change(**changes, **{NATIVE: FINERACT.format(url=self.url)})

    @contextmanager
    def at_core(self) -> Iterator[None]:
        from dirisha.tenants.current import use

        with use(self.core.institution):
            yield

    def charges(self, act: str, door: str, amount: str) -> None:
        """The core's own withdrawal fee, whatever the act and the door."""
        from dirisha.kit.actor import Channel

        fees = {"transfers.own": {Channel.CONSOLE: Decimal(amount)}}
        self.core.institution = self.core.institution.model_copy(update={"fees": fees})

    def database_of(self, statement: str) -> str:
        of_core = self.institution.slug == SLUGS[0] and BOOKS.search(statement)
        return str(self.core.institution.database if of_core else self.institution.database)

    def relay(self, after_s: float = 0) -> int:
        from dirisha.core.view import core_of
        from dirisha.payments.relay import relay

        return relay(NOW + timedelta(seconds=after_s), core_of(self.institution))

    def instructions(self) -> list[tuple[Any, ...]]:
        return self.sql("select reference, state, refusal ->> 'code' from instruction order by place")
