"""Bringing institutions to the schema of this release: the template first, then each database, resumable."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection as django_connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from dirisha.db.engine.idle import idle
from dirisha.db.roles import create_database, database_exists
from dirisha.db.target import as_owner
from dirisha.tenants.institution import Institution

TEMPLATE = "dirisha_template"

# Our own tables are granted by the migrations that make them; Django's make theirs without.
GRANTS_ON_DJANGOS_TABLES = """
grant select on django_migrations, django_content_type to dirisha_app;
grant select, insert, update, delete on django_session to dirisha_app;
"""


class SchemaState(StrEnum):
    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Migrated:
    """What `migrate` did to one database: `done` or the text of the error that stopped it."""

    database: str
    error: str | None


def migrate_database(owner_conninfo: str, database: str) -> None:
    """Run what is missing, with time-outs so that a waiting migration never blocks the tellers for long."""
    with as_owner(owner_conninfo, database):
        try:
            with django_connection.cursor() as cursor:
                cursor.execute("set lock_timeout = '5s'")
                cursor.execute("set statement_timeout = '10min'")
            call_command("migrate", interactive=False, verbosity=0)
            with django_connection.cursor() as cursor:
                cursor.execute(GRANTS_ON_DJANGOS_TABLES)
        finally:
            django_connection.close()
            idle.close_all(database)


def ensure_template(admin_conninfo: str, owner_conninfo: str) -> None:
    if not database_exists(admin_conninfo, TEMPLATE):
        create_database(admin_conninfo, TEMPLATE)
    migrate_database(owner_conninfo, TEMPLATE)


def ensure_institution(admin_conninfo: str, owner_conninfo: str, institution: Institution) -> None:
    """The institution's database, cloned from the template when it is new, at the schema of this release."""
    if not database_exists(admin_conninfo, institution.database):
        ensure_template(admin_conninfo, owner_conninfo)
        create_database(admin_conninfo, institution.database, template=TEMPLATE)
    migrate_database(owner_conninfo, institution.database)


def migrate_all(owner_conninfo: str, institutions: list[Institution]) -> list[Migrated]:
    """Each institution in turn; one that fails does not stop the others, and running again resumes."""
    results = []
    for institution in institutions:
        try:
            migrate_database(owner_conninfo, institution.database)
        except (psycopg.Error, Exception) as error:
            results.append(Migrated(institution.database, f"{type(error).__name__}: {error}"))
        else:
            results.append(Migrated(institution.database, None))
    return results


def schema_state() -> SchemaState:
    """Where the current institution's schema stands against this release."""
    loader = MigrationLoader(django_connection)
    executor = MigrationExecutor(django_connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return SchemaState.BEHIND
    ours = {config.label for config in apps.get_app_configs()}
    known = set(loader.disk_migrations or {})
    unknown = [key for key in loader.applied_migrations if key[0] in ours and key not in known]
    return SchemaState.AHEAD if unknown else SchemaState.CURRENT
