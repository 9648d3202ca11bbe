from __future__ import annotations

import signal
import threading

import click
from django.conf import settings as django_settings

from dirisha.server import worker as runner
from dirisha.server.children import wait_until_let_go
from dirisha.server.loops import LOOPS


@click.command()
def worker() -> None:
    """Run what happens in the background: messages, seals, sums.

    Any number of them may run; they share the work through the database. SIGTERM ends the rounds under way and stops.
    """
    wait_until_let_go()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    runner.run(LOOPS, django_settings.DIRISHA_REGISTRY.all, stopping)
