"""The web server: granian, WSGI on threads."""

from __future__ import annotations

import os
import signal
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from dirisha.server.children import die_with_parent, wait_until_let_go
from dirisha.server.process import Process

WAITING_CONNECTIONS = 512
STOP_WITHIN_S = 10

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "dirisha.server.logs.ForeignRecord", "process": "web"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {"_granian": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
}


def serve(process: Process) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first."""
    Granian(
        "dirisha.server.wsgi:application",
        address=process.bind,
        port=process.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=process.web_workers,
        blocking_threads=process.web_threads + process.web_waiting,
        backlog=WAITING_CONNECTIONS,
        workers_kill_timeout=STOP_WITHIN_S,
        log_level=LogLevels.error,
        log_dictconfig=LOGGING,
    ).serve(target_loader=_Loader(os.getpid()), wrap_loader=False)


class _Loader:
    """Called in each process that serves: it must not outlive the one that watches over it."""

    def __init__(self, parent: int) -> None:
        self._parent = parent

    def __call__(self) -> Any:
        die_with_parent(signal.SIGTERM, self._parent)
        from dirisha.server.wsgi import application  # only here: the watching process stays small

        wait_until_let_go()
        return application
