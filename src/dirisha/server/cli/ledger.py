from __future__ import annotations

import click

from dirisha.db.transactions import release
from dirisha.ledger import verify as books
from dirisha.server import process
from dirisha.server.cli.entry import database
from dirisha.server.cli.institutions import chosen_or_all
from dirisha.tenants.current import use


@click.group()
def ledger() -> None:
    """Check the books."""


@ledger.command()
@click.option("--institution", "slug", metavar="SLUG", help="Only this one.")
@click.option("--all", "everyone", is_flag=True, help="All of them; so it is without --institution, too.")
def verify(slug: str | None, everyone: bool) -> None:
    """Add up all movements and compare: balances equal them, and debits equal credits.

    Exit code 1 when anything is found.
    """
    if slug is not None and everyone:
        raise click.UsageError("--institution and --all exclude each other.")
    institutions = chosen_or_all(slug)
    found = False
    with database(process.load()):
        for institution in institutions:
            with use(institution):
                findings = books.findings()
                release()
            found = found or bool(findings)
            for finding in findings or ["balances equal movements, debits equal credits"]:
                click.echo(f"{institution.slug}: {finding}")
    if found:
        raise SystemExit(1)
