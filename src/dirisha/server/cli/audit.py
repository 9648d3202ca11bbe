from __future__ import annotations

import click

from dirisha.audit import sealer
from dirisha.db.transactions import release
from dirisha.engine.verify import commands_without_event
from dirisha.server import process
from dirisha.server.cli.entry import database
from dirisha.server.cli.institutions import chosen_or_all
from dirisha.tenants.current import use


@click.group()
def audit() -> None:
    """Check the audit trail."""


@audit.command()
@click.option("--institution", "slug", metavar="SLUG", help="Only this one.")
@click.option("--all", "everyone", is_flag=True, help="All of them; so it is without --institution, too.")
@click.option("--anchor", metavar="N:HASH", help="A head that was noted earlier: the chain must still contain it.")
def verify(slug: str | None, everyone: bool, anchor: str | None) -> None:
    """Walk the chain of seals and say what does not hold, and which finished commands have no event.

    Prints each chain's head. Keep it somewhere else: given as --anchor, it also finds a chain that was cut short at its
    end or written anew. Exit code 1 when anything is found.
    """
    if slug is not None and everyone:
        raise click.UsageError("--institution and --all exclude each other.")
    if anchor is not None and slug is None:
        raise click.UsageError("--anchor is one institution's: say which by --institution.")
    institutions = chosen_or_all(slug)
    found = False
    with database(process.load()):
        for institution in institutions:
            with use(institution):
                verified = sealer.verify(anchor)
                findings = [*verified.findings, *_findings_of_commands()]
                release()
            found = found or bool(findings)
            for finding in findings:
                click.echo(f"{institution.slug}: {finding}")
            if not findings:
                click.echo(
                    f"{institution.slug}: the trail is whole, {verified.sealed} events under {verified.seals} seals, "
                    f"head {verified.head}"
                )
    if found:
        raise SystemExit(1)


def _findings_of_commands() -> list[str]:
    """What was cut off at the end with its seals: the commands, in another table, still tell of it."""
    missing = commands_without_event()
    return [f"{missing} finished commands have no event: the trail was cut at its end"] if missing else []
