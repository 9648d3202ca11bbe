from __future__ import annotations

import click

from dirisha.server import databases, demonstration, process, standin
from dirisha.server.cli.entry import database_alone, make_shared_secrets
from dirisha.server.cli.migrate import migrate_with
from dirisha.server.refused import Refused
from dirisha.server.standin import CORES, FINERACT


@click.group()
def demo() -> None:
    """Load the demo institutions, or write their history anew.

    `dirisha up --demo` (which is what `make demo` runs) loads them by itself. While anything runs from the data folder,
    these are refused.
    """


with_core = click.option("--core", type=click.Choice(CORES), default=CORES[0], help="As of `dirisha up --demo`.")


@demo.command()
@with_core
def load(core: str) -> None:
    """Make the two demo institutions with a year of history, where they are missing; the third, too, with a core."""
    _load(core, anew=False)


@demo.command()
@with_core
@click.confirmation_option(prompt="All that happened in the demo institutions is lost. Go on?")
def reset(core: str) -> None:
    """Write the demo's history anew, as of today. What was tried out in it is lost."""
    _load(core, anew=True)


def _load(core: str, *, anew: bool) -> None:
    settings = process.load()
    with database_alone(settings) as cluster:
        if not settings.is_embedded:
            make_shared_secrets(settings)
            databases.ensure_cluster_roles(cluster)
        fineract = standin.address(standin.program(settings)) if core == FINERACT else None
        demonstration.write_files(settings, fineract=fineract)
        if not migrate_with(settings, cluster):
            raise Refused("An institution could not be brought to this release's schema.")
        if not demonstration.load(settings, cluster, anew=anew):
            click.echo("The demo is loaded already. `dirisha demo reset` writes it anew.")
