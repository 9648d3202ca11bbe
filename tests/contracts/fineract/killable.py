"""The stand-in in a process that kills itself at a named point: for the kill tests, and only here.

`python -m tests.contracts.fineract.killable SLUG PORT POINT AFTER` serves until it passes the point for the AFTERth
time; it says on its output when it is ready. Without a point it serves until it is killed by somebody else.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

POINTS = ("before the commit", "between acting and answering")


def arm(point: str, after: int) -> None:
    passed, lock = [0], threading.Lock()

    def then_hit(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            result = function(*arguments, **named)
            with lock:
                passed[0] += 1
                if passed[0] == after:
                    os.kill(os.getpid(), signal.SIGKILL)
            return result

        return wrapped

    from dirisha.simulators.fineract import commands, routes

    match point:
        case "before the commit":
            commands.attempt = then_hit(commands.attempt)
        case "between acting and answering":
            routes.perform = then_hit(routes.perform)  # type: ignore[attr-defined]


def main(slug: str, port: str, point: str = "", after: str = "0") -> None:
    import django

    django.setup()
    from django.conf import settings

    from dirisha.simulators.fineract.desk import Desk
    from dirisha.simulators.fineract.server import Server
    from tests.bank import NOW

    institution = settings.DIRISHA_REGISTRY.by_slug(slug)
    assert institution is not None
    server = Server(Desk(institution), port=int(port), clock=lambda: NOW)
    if point:
        arm(point, int(after))
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
