"""A server of its own, durable as in production, with one generated institution."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CLIENTS = 4000

TOML = """
slug = "bench"
name = "Bench"
country = "KE"
currency_code = "KES"
currency_name = "Kenyan Shilling"
currency_symbol = "KSh"
time_zone = "Africa/Nairobi"
languages = ["en", "sw"]
help_number = "+254 20 123 4567"
core = "dirisha.core.native.core:NativeCore"

[limits]
day = "1000000000"
portal = {{ day = "1000000000" }}
mifos = {{ day = "1000000000" }}
ussd = {{ day = "1000000000" }}

[proofs]
ussd_small_below = "500"
portal_code_from = "1000000"
mifos_refused_from = "1000000"
sms_cap = "6000"

[carrier]
driver = "dirisha.carriers.africastalking:AfricasTalking"
username = "sandbox"
api_key = "bench"
api_url = "http://127.0.0.1:9/version1/messaging"
sender = "BENCH"
service_code = "*384#"
hooks = ["{hook}"]
"""
HOOK = "bench-hook-secret-0123456789abcdef0123456789"

# Rows as the acts leave them: a client with a user and a phone, two savings accounts, one loan of twelve instalments.
GENERATE = """
insert into office (name) values ('Bench office');
insert into savings_product (name) values ('Savings');
insert into loan_product (name, rate_percent, smallest_minor, largest_minor, fewest_installments, most_installments)
    values ('Loan', 24, 1, 1000000000, 1, 60);
insert into client (office, first_name, last_name, msisdn, submitted_on, activated_on)
    select 1, 'Client', n::text, '+2547' || lpad(n::text, 8, '0'), '2025-01-01', '2025-01-01' from generate_series(1, {clients}) n;
insert into payer select id from client;
insert into app_user (login_name, name, role, language, created_at)
    select 'client' || id, 'Client ' || id, 'client', 'en', '2025-01-01' from client;
insert into user_client (user_id, client, role, since)
    select u.id, c.id, 'owner', '2025-01-01' from client c join app_user u on u.login_name = 'client' || c.id;
insert into phone_link (user_id, msisdn, label, verified_at)
    select u.id, c.msisdn, 'one', '2025-01-01' from client c join app_user u on u.login_name = 'client' || c.id;
insert into account (number, side, kind, name, owner, office, currency, opened_on)
    select lpad((100000 + c.id * 2 + k)::text, 9, '0'), 'credit', 'savings', 'Savings', c.id, 1, 'KES', '2025-01-01'
    from client c cross join (values (0), (1)) as twice (k);
insert into account (number, side, kind, name, owner, office, currency, opened_on)
    select lpad((500000 + c.id)::text, 9, '0'), 'debit', 'loan', 'Loan', c.id, 1, 'KES', '2025-01-01' from client c;
insert into balance (account, minor) select id, case kind when 'loan' then 120000000 else 100000000 end from account where kind <> 'control';
insert into savings (id, product, client, opened_on) select id, 1, owner, '2025-01-01' from account where kind = 'savings';
insert into loan (id, product, client, principal_minor, rate_percent, disbursed_on)
    select id, 1, owner, 120000000, 24, '2026-06-01' from account where kind = 'loan';
insert into installment (loan, number, from_date, due_date, principal_minor, interest_minor)
    select l.id, n, date '2026-06-01' + (n - 1) * 30, date '2026-06-01' + n * 30, 10000000, 2400000
    from loan l cross join generate_series(1, 12) n;
"""


@dataclass(frozen=True)
class World:
    cluster: Any
    var: Path
    institution: Any

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.cluster.admin, dbname=self.institution.database, autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def checkpoint(self) -> None:
        self.sql("checkpoint")


def _prepare(var: Path) -> None:
    from dirisha.server import account as accounts
    from dirisha.server.folder import Folder

    Folder(var, accounts.ensure_account("dirisha") if accounts.is_root() else None).prepare()


def _hand_over(var: Path) -> None:
    """Under root the web server runs as an account of its own, and wants its folder to be that account's."""
    from dirisha.server import account as accounts

    if accounts.is_root():
        account = accounts.ensure_account("dirisha")
        for path in (var, *var.rglob("*")):
            os.chown(path, account.uid, account.gid)


@contextmanager
def world(clients: int = CLIENTS) -> Iterator[World]:
    from dirisha.server.postgres import temporary

    with temporary() as cluster, tempfile.TemporaryDirectory(prefix="dirisha-bench-", dir="/tmp") as var:
        _prepare(Path(var))
        os.environ |= {
            "DIRISHA_VAR": var,
            "DATABASE_URL": cluster.login,
            "DIRISHA_OWNER_URL": cluster.owner,
            "DIRISHA_ADMIN_URL": cluster.admin,
            "DIRISHA_SECRET_KEY": "a key for benchmarks alone, and long enough",
            "DIRISHA_PEPPER": "a pepper for benchmarks alone",
            "DIRISHA_ALLOWED_HOSTS": "127.0.0.1,.localhost",
            "DIRISHA_LOG_LEVEL": "error",
            "DJANGO_SETTINGS_MODULE": "dirisha.server.settings",
        }
        folder = Path(var) / "institutions"
        folder.mkdir()
        (folder / "bench.toml").write_text(TOML.format(hook=HOOK))
        _hand_over(Path(var))
        import django
        import structlog

        django.setup()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        from django.conf import settings

        from dirisha.db.schema import ensure_institution

        institution = settings.DIRISHA_REGISTRY.by_slug("bench")
        ensure_institution(cluster.admin, cluster.owner, institution)
        made = World(cluster, Path(var), institution)
        for statement in GENERATE.format(clients=clients).split(";\n"):
            if statement.strip():
                made.sql(statement)
        made.sql("vacuum analyze")
        yield made
