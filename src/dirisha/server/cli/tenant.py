from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click
import orjson
from django.conf import settings as django_settings

from dirisha.carriers.port import carrier_of
from dirisha.core.view import core_of
from dirisha.server import databases, process
from dirisha.server.cli.entry import database, make_shared_secrets
from dirisha.server.cli.institutions import everyone
from dirisha.server.refused import Refused
from dirisha.tenants.institution import Institution, read_institution


@click.group()
def tenant() -> None:
    """Add and list institutions."""


@tenant.command("add")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True, readable=False))
def add_tenant(file: Path) -> None:
    """Add the institution that FILE describes (TOML; - reads it from standard input).

    Its database is made first, then FILE is copied to the folder of institutions, where web and worker find it at once.
    An interrupted `add` is finished by the same command.
    """
    settings = process.load()
    folder = settings.institutions_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".adding-", dir=folder) as beside:
        draft = Path(beside) / ("standard input" if str(file) == "-" else file.name)
        draft.write_bytes(_content(file))
        institution = read_institution(draft, os.environ)
        place = folder / f"{institution.slug}.toml"
        if place.exists():
            raise Refused(f"{institution.slug} is there already: {place}. Edit that file to change what it decides.")
        _need_free_names(institution)
        core_of(institution)  # what its file names must be there, before anything is made
        carrier_of(institution)
        with database(settings) as cluster:
            if not settings.is_embedded:
                make_shared_secrets(settings)
                databases.ensure_cluster_roles(cluster)
            databases.add(cluster, institution)
        draft.rename(place)  # it appears there whole
    click.echo(f"{institution.slug}: added, database {institution.database}")


def _content(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except PermissionError:
        raise Refused(
            f"{file} can't be read by the account that Dirisha runs as. Give it on standard input: "
            f"dirisha tenant add - < {file}"
        ) from None
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}.") from None


def _need_free_names(institution: Institution) -> None:
    """Hosts and hook secrets lead to one institution each; the registry would refuse to load them afterwards."""
    for other in django_settings.DIRISHA_REGISTRY.all():
        if hosts := sorted(set(institution.hosts) & set(other.hosts)):
            raise Refused(f"{other.slug} has the host {hosts[0]} already.")
        if institution.carrier and other.carrier and set(institution.carrier.hooks) & set(other.carrier.hooks):
            raise Refused(f"{other.slug} has the same hook secret. Make one of its own.")


@tenant.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_tenants(as_json: bool) -> None:
    """List the institutions and where each one's schema stands against this release."""
    settings = process.load()
    institutions = everyone()
    if not institutions and not as_json:
        click.echo(f"There is none in {settings.institutions_folder}. Add one: dirisha tenant add FILE")
        return
    with database(settings):
        rows = [
            {
                "slug": institution.slug,
                "schema": databases.state_of(institution),
                "name": institution.name,
                "hosts": " ".join(institution.hosts),
                "database": institution.database,
            }
            for institution in institutions
        ]
    if as_json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    for row in rows:
        click.echo(f"{row['slug']:<20} {row['schema']:<12} {row['name']}")
