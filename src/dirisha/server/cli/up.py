from __future__ import annotations

import os
import signal
from pathlib import Path

import click

from dirisha.server import children, process, standin
from dirisha.server import up as supervisor
from dirisha.server.cli.entry import set_up_django
from dirisha.server.process import Process
from dirisha.server.refused import Refused
from dirisha.server.standin import CORES, FINERACT
from dirisha.server.up import Program


@click.command()
@click.option("--demo", is_flag=True, help="With the demo institutions, loaded once, and a page that says what to try.")
@click.option("--core", type=click.Choice(CORES), default=CORES[0], help="fineract: one more, before a stand-in.")
@click.option("--fresh", is_flag=True, help="Begin anew: remove all data of DIRISHA_VAR first.")
@click.option("--with-parent", is_flag=True, help="Stop when the process that started this one is gone, too.")
def up(demo: bool, core: str, fresh: bool, with_parent: bool) -> None:
    """Run everything: PostgreSQL, web and worker.

    What dies is started again, with back-off. SIGTERM or Ctrl-C stops all, in order. With DATABASE_URL, PostgreSQL is
    yours, and only web and worker run.
    """
    if core == FINERACT and not demo:
        raise click.UsageError("--core fineract goes with --demo: in earnest, an institution's file names its core.")
    if with_parent:
        children.die_with_parent(signal.SIGTERM, os.getppid())
    if demo:
        os.environ["DIRISHA_DEMO"] = "1"
        process.load.cache_clear()
    settings = process.load()
    with settings.folder.held():
        if fresh:
            settings.folder.wipe()
        fineract = standin.program(settings) if core == FINERACT else None
        supervisor.run(
            settings,
            prepare=lambda: _prepare(settings, demo=demo, fresh=fresh, fineract=fineract),
            announce=lambda: _announce(settings, demo=demo),
            quiet=demo,
            beside=[fineract] if fineract else [],
        )


def _prepare(settings: Process, *, demo: bool, fresh: bool, fineract: Program | None) -> None:
    """In a fork of the supervisor: Django and what it brings don't stay in the supervisor's memory."""
    settings.keep_address()
    set_up_django()
    # These need Django to be set up.
    from dirisha.server import demonstration
    from dirisha.server.cli.migrate import migrate_with

    if demo:
        demonstration.write_files(settings, fineract=standin.address(fineract) if fineract else None)
    if not migrate_with(settings, settings.cluster):
        raise Refused("An institution could not be brought to this release's schema.")
    if demo:
        demonstration.load(settings, settings.cluster, anew=fresh)
        _greeting(settings).write_text(demonstration.words(settings) + "\n", "utf-8")


def _announce(settings: Process, *, demo: bool) -> None:
    if demo:
        click.echo(_greeting(settings).read_text("utf-8"), nl=False)
    else:
        click.echo(f"Dirisha is at {settings.own_address} (data in {settings.var}). Ctrl-C stops it.")


def _greeting(settings: Process) -> Path:
    return settings.folder.make("run") / "greeting"
