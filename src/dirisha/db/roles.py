"""Roles of the cluster and databases of institutions: made by the supervisor or by `dirisha tenant add`.

| role | logs in | may |
|---|---|---|
| `dirisha_owner` | yes | own the schema: migrations only |
| `dirisha_login` | yes | nothing of its own; becomes one of those below, `dirisha_app` from the first moment |
| `dirisha_app` | no | sessions, users, codes, audit and outbox rows; no account |
| `dirisha_books` | no | claim, lock and post: the engine's writes |
| `dirisha_client` | no | read under row-level security, by the ids in `dirisha.clients` |
| `dirisha_staff` | no | read under row-level security, by the office in `dirisha.office` |
| `dirisha_keeper` | no | fold, seal, relay, sweep |

They belong to the whole cluster, so no migration makes them.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

BECOMES = ("dirisha_app", "dirisha_books", "dirisha_client", "dirisha_staff", "dirisha_keeper")

# `lock_timeout` is short since a lock is held for milliseconds: a longer wait is a fault, and the client may repeat.
LOGIN_SETTINGS = {
    "role": "dirisha_app",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    "TimeZone": "UTC",
}


def ensure_roles(admin_conninfo: str, owner_password: str, login_password: str) -> None:
    """Make the roles, or bring existing ones to the passwords and settings given. Idempotent."""
    with psycopg.connect(admin_conninfo, dbname="postgres", autocommit=True) as connection:
        existing = {name for (name,) in connection.execute("select rolname from pg_roles")}
        for name in ("dirisha_owner", "dirisha_login", *BECOMES):
            if name not in existing:
                connection.execute(sql.SQL("create role {} noinherit").format(sql.Identifier(name)))
        for name, password in (("dirisha_owner", owner_password), ("dirisha_login", login_password)):
            connection.execute(
                sql.SQL("alter role {} login noinherit password {}").format(sql.Identifier(name), sql.Literal(password))
            )
        for name in BECOMES:
            connection.execute(sql.SQL("grant {} to dirisha_login").format(sql.Identifier(name)))
        for setting, value in LOGIN_SETTINGS.items():
            connection.execute(
                sql.SQL("alter role dirisha_login set {} = {}").format(sql.Identifier(setting), sql.Literal(value))
            )


def database_exists(admin_conninfo: str, database: str) -> bool:
    with psycopg.connect(admin_conninfo, dbname="postgres", autocommit=True) as connection:
        found = connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone()
    return found is not None


def create_database(admin_conninfo: str, database: str, *, template: str | None = None) -> None:
    """An institution's database, owned by `dirisha_owner`; a clone of `template` where one is named."""
    with psycopg.connect(admin_conninfo, dbname="postgres", autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} owner dirisha_owner template {}").format(
                sql.Identifier(database), sql.Identifier(template or "template0")
            )
        )
    with psycopg.connect(admin_conninfo, dbname=database, autocommit=True) as connection:
        connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(database)))
        if template is not None:  # nobody has business in what others are cloned from
            connection.execute(
                sql.SQL("grant connect on database {} to dirisha_login").format(sql.Identifier(database))
            )
        connection.execute("revoke all on schema public from public")
        connection.execute("alter schema public owner to dirisha_owner")
        for name in BECOMES:
            connection.execute(sql.SQL("grant usage on schema public to {}").format(sql.Identifier(name)))


def drop_database(admin_conninfo: str, database: str) -> None:
    with psycopg.connect(admin_conninfo, dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database)))
