from __future__ import annotations

import click

from dirisha.server import process
from dirisha.server.web import serve


@click.command()
def web() -> None:
    """Run the web server.

    Any number of them may run against one database server: DIRISHA_WEB_WORKERS processes of DIRISHA_WEB_THREADS
    threads each, at DIRISHA_BIND and DIRISHA_PORT. SIGTERM answers what is under way and ends.
    """
    settings = process.load()
    serve(settings)
