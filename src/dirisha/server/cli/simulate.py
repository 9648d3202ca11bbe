from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from dirisha.core.view import core_of
from dirisha.server import process
from dirisha.server.children import wait_until_let_go
from dirisha.server.cli import institutions as which
from dirisha.server.cli.entry import database
from dirisha.server.refused import Refused
from dirisha.simulators.fineract.desk import Desk
from dirisha.simulators.fineract.faults import Faults
from dirisha.simulators.fineract.server import Server
from dirisha.simulators.fineract.users import SERVICE_USER, SUPER_USER, Users, service_user
from dirisha.tenants.institution import Institution


@click.group()
def simulate() -> None:
    """Stand in for what is outside, on this machine: for the demo and for trying things out."""


@simulate.command()
@which.one
@click.option("--port", default=8443, show_default=True, type=click.IntRange(1, 65535))
@click.option("--password-file", type=click.Path(path_type=Path), help="Where the service user's password is.")
@click.option("--seed", default=0, show_default=True, help="Of the faults that are switched on at its control page.")
def fineract(slug: str | None, port: int, password_file: Path | None, seed: int) -> None:
    """Apache Fineract's staff API over the books of a demo institution on the native core.

    The super user is `mifos` with the password `password`, the service user `dirisha` with `a-service-user`, or with
    what the file says: it has the permissions that Dirisha needs, and no other. At /control all can be made slow,
    broken and whole again. SIGTERM ends it.
    """
    wait_until_let_go()
    institution = which.chosen(slug)
    _must_be_simulated(institution)
    user = SERVICE_USER if password_file is None else service_user(_read(password_file))
    with database(process.load()):
        desk = Desk(institution, Users(SUPER_USER, user), faults=Faults(seed))
        try:
            server = Server(desk, port=port)
        except OSError as error:
            raise Refused(f"Port {port} can't be had: {error.strerror}.") from None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        click.echo(f"Fineract stands in at {server.url}, its control page at {server.control_url}")
        server.serve_forever(poll_interval=0.2)
        server.server_close()
        server.hang_up()


def _read(password_file: Path) -> str:
    try:
        return password_file.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{password_file}: {getattr(error, 'strerror', None) or 'not a text'}.") from None


def _must_be_simulated(institution: Institution) -> None:
    """Its passwords are known to everybody, and it moves money."""
    if not institution.demo:
        raise Refused(f"{institution.slug} is no demo institution: nobody stands in over real books.")
    if core_of(institution).facts_are != "under lock":
        raise Refused(f"{institution.slug} has no books of its own: its core is elsewhere.")
