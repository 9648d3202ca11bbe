from __future__ import annotations

import click
from django.conf import settings as django_settings

from dirisha.server import databases, process
from dirisha.server.cli.entry import database, make_shared_secrets
from dirisha.server.postgres import Cluster
from dirisha.server.process import Process


@click.command()
def migrate() -> None:
    """Bring all institutions to the schema of this release.

    Makes roles and databases that are missing. One that fails does not stop the others; running again resumes. On a
    server of your own it needs DIRISHA_ADMIN_URL and DIRISHA_OWNER_URL besides DATABASE_URL.
    """
    settings = process.load()
    with database(settings) as cluster:
        if not settings.is_embedded:
            make_shared_secrets(settings)
            databases.ensure_cluster_roles(cluster)
        if not migrate_with(settings, cluster):
            raise SystemExit(1)


def migrate_with(settings: Process, cluster: Cluster) -> bool:
    """Says what became of each institution; False where one is left behind."""
    outcomes = []
    for outcome in databases.bring_up_to_date(cluster, django_settings.DIRISHA_REGISTRY.all()):
        outcomes.append(outcome)
        if outcome.did != "current" or outcome.error:
            click.echo(f"{outcome.institution.slug}: {outcome.error or outcome.did}", err=outcome.error is not None)
    return all(outcome.error is None for outcome in outcomes)
