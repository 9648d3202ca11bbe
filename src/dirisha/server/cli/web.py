from __future__ import annotations

import click

from dirisha.server import process
from dirisha.server.web import serve


@click.command()
def web() -> None:
    """Run the web server.

    Any number of them may run against one database server: DIRISHA_WEB_WORKERS processes, each of which works on
    DIRISHA_WEB_THREADS requests at once and has DIRISHA_WEB_WAITING wait for a far core besides, at DIRISHA_BIND and
    DIRISHA_PORT. SIGTERM answers what is under way and ends.
    """
    settings = process.load()
    serve(settings)
