"""The command `dirisha`. One module a subject, imported only when it is asked for, so that each starts fast."""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass

import click

from dirisha.server.cli.entry import begin, set_up_django
from dirisha.server.faults import in_words

USAGE, FAILED, INTERRUPTED = 2, 1, 130


@dataclass(frozen=True, slots=True)
class Subject:
    """A command or group in `dirisha.server.cli.<module>`, under its own name, and what it is for."""

    module: str
    help: str
    needs_django: bool = True


SUBJECTS = {
    "up": Subject("up", "Run everything: PostgreSQL, web and worker.", needs_django=False),
    "web": Subject("web", "Run the web server.", needs_django=False),
    "worker": Subject("worker", "Run what happens in the background: messages, seals, sums."),
    "migrate": Subject("migrate", "Bring all institutions to the schema of this release."),
    "tenant": Subject("tenant", "Add and list institutions."),
    "demo": Subject("demo", "Load the demo institutions, or write their history anew."),
    "cast": Subject("cast", "Who is in the demo: names, passwords, PINs, phones, accounts, addresses."),
    "simulate": Subject("simulate", "Stand in for what is outside: a core bank in front of a demo institution."),
    "staff": Subject("staff", "What a branch does: open clients and accounts, take deposits, pay out loans …"),
    "instructions": Subject("instructions", "Money on its way to a far core: list it, show one, ask again."),
    "fineract": Subject("fineract", "Check the way to an institution's Apache Fineract."),
    "audit": Subject("audit", "Check the audit trail."),
    "ledger": Subject("ledger", "Check the books."),
}

MAKING = {("up",), ("migrate",), ("tenant", "add"), ("demo", "load"), ("demo", "reset")}  # a data folder, where none is


class Subjects(click.Group):
    """Lists its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBJECTS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        ctx.obj = not MAKING.isdisjoint({tuple(args[:1]), tuple(args[:2])})
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        subject = SUBJECTS.get(cmd_name)
        if subject is None:
            return None
        wants_help_only = ctx.resilient_parsing or not {"-h", "--help"}.isdisjoint(sys.argv)
        if not wants_help_only:
            begin(cmd_name, makes_folder=bool(ctx.obj))
        if subject.needs_django:
            set_up_django()
        command: click.Command = getattr(importlib.import_module(f"dirisha.server.cli.{subject.module}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, subject.help) for name, subject in SUBJECTS.items()])


@click.command(cls=Subjects, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dirisha", message="%(package)s %(version)s")
def dirisha() -> None:
    """Self-service for the clients of microfinance institutions.

    Settings come from the environment: DIRISHA_VAR (the data folder), DIRISHA_PORT, DATABASE_URL (a PostgreSQL server
    of your own instead of the embedded one), DIRISHA_OWNER_URL and DIRISHA_ADMIN_URL (for migrate and tenant add
    there).

    Exit codes: 0 done, 1 refused or failed (the reason is printed), 2 misused, 130 interrupted.
    """


def main() -> None:
    sys.exit(_run())


def _run() -> int:
    try:
        dirisha.main(prog_name="dirisha", standalone_mode=False)
    except click.exceptions.Exit as asked:
        return asked.exit_code
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        error.show()
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # who reads us went away: `dirisha … | head`
        return FAILED
    except Exception as error:
        words = in_words(error)
        if words is None:
            raise
        click.echo(words, err=True)
        return FAILED
    return 0
