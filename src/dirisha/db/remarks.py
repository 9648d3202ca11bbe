"""A remark on a database, kept in the cluster's catalogue: it goes when the database goes, and no clone inherits it."""

from __future__ import annotations

import psycopg
from psycopg import sql


def remark_on(conninfo: str, database: str) -> str:
    """Empty where there is none."""
    with psycopg.connect(conninfo, dbname=database, autocommit=True) as connection:
        row = connection.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"
        ).fetchone()
    return str(row[0]) if row and row[0] is not None else ""


def put_remark(owner_conninfo: str, database: str, remark: str) -> None:
    with psycopg.connect(owner_conninfo, dbname=database, autocommit=True) as connection:
        connection.execute(
            sql.SQL("comment on database {} is {}").format(sql.Identifier(database), sql.Literal(remark))
        )
