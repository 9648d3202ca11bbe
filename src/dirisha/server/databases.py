"""Bringing the institutions' databases to the schema of this release, and adding new ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from django.db import Error as DatabaseError
from psycopg.conninfo import conninfo_to_dict

from dirisha.core.view import core_of
from dirisha.db.roles import database_exists, ensure_roles
from dirisha.db.schema import SchemaState, ensure_institution, migrate_all, schema_state
from dirisha.db.transactions import release
from dirisha.server.postgres import Cluster
from dirisha.server.refused import Refused
from dirisha.tenants.current import use
from dirisha.tenants.institution import Institution

UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one institution: `error` is None where its schema is now current."""

    institution: Institution
    did: str
    error: str | None = None


def state_of(institution: Institution) -> str:
    """A `SchemaState`, or `unreachable` where its database doesn't exist or doesn't answer."""
    with use(institution):
        try:
            return schema_state().value
        except (DatabaseError, psycopg.Error):
            return UNREACHABLE
        finally:
            release()


def bring_up_to_date(cluster: Cluster, institutions: list[Institution]) -> Iterator[Outcome]:
    """Make what is missing and migrate what is behind; each on its own, so that running again resumes."""
    for institution in institutions:
        state = state_of(institution)
        if state == SchemaState.CURRENT:
            _set_up(institution)
            yield Outcome(institution, "current")
        elif state == SchemaState.AHEAD:
            yield Outcome(institution, "left", "its schema is of a newer release than this one")
        elif not database_exists(cluster.need_admin(), institution.database):
            add(cluster, institution)
            yield Outcome(institution, "made")
        else:
            migrated = migrate_all(cluster.need_owner(), [institution])[0]
            if migrated.error is None:
                _set_up(institution)
            yield Outcome(institution, "migrated" if migrated.error is None else "left", migrated.error)


def add(cluster: Cluster, institution: Institution) -> None:
    """The institution's database at this release's schema. Goes on where an earlier try was interrupted."""
    ensure_institution(cluster.need_admin(), cluster.need_owner(), institution)
    _set_up(institution)


def _set_up(institution: Institution) -> None:
    """Offices and products that its file names and its core has not yet: an edited file counts from the next start."""
    with use(institution):
        try:
            core_of(institution).set_up()
        finally:
            release()


def ensure_cluster_roles(cluster: Cluster) -> None:
    """On a server of one's own: the roles, with the passwords that DIRISHA_OWNER_URL and DATABASE_URL carry."""
    ensure_roles(
        cluster.need_admin(),
        _password(cluster.need_owner(), "DIRISHA_OWNER_URL", "dirisha_owner"),
        _password(cluster.login, "DATABASE_URL", "dirisha_login"),
    )


def _password(conninfo: str, variable: str, role: str) -> str:
    given = conninfo_to_dict(conninfo)
    if given.get("user") != role or not given.get("password"):
        raise Refused(f"{variable} must name the user {role} and its password.")
    return str(given["password"])
