"""Web and worker of the product in processes that kill themselves at a named point: for the kill tests, and only here.

Nothing of this is in the package: the points are put around its functions in the child process, after the fork.
`python -m tests.books.killable PORT` reads one JSON order a line (`{"role": …, "point": …, "after": …}`), forks a child
for each, and prints a line when it started and when it ended. A parent that has no threads and no connections forks
cheaply; the listening socket is the parent's, so requests wait while there is no child.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

# The moment at which the first child began; each later one lives a little later, as if people had waited for it.
BEGAN_AT, BEGAN = datetime.fromisoformat("2026-11-24T09:00:00+00:00"), time.monotonic()

# Requests being answered by this process; told with the last breath.
UNDER_WAY: set[int] = set()
REPORT = os.dup(sys.stdout.fileno())

POINTS = {
    "web": ("after the secret's check", "after the claim", "before the commit", "after the commit"),
    "worker": ("after the hand-over",),
}


def moment(later: timedelta) -> datetime:
    return BEGAN_AT + timedelta(seconds=time.monotonic() - BEGAN) + later


def arm(point: str, after: int) -> None:
    """Kill this process, without a word, when it passes the point for the `after`th time."""
    passed, lock = [0], threading.Lock()

    def hit() -> None:
        with lock:
            passed[0] += 1
            if passed[0] == after:
                os.write(REPORT, json.dumps({"passed": point, "in_flight": len(UNDER_WAY)}).encode() + b"\n")
                os.kill(os.getpid(), signal.SIGKILL)

    def then_hit(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            result = function(*arguments, **named)
            hit()
            return result

        return wrapped

    def hit_first(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            hit()
            return function(*arguments, **named)

        return wrapped

    from dirisha.engine import commands, run
    from dirisha.messaging import relay

    match point:
        case "after the secret's check":
            run.prove_command = then_hit(run.prove_command)
        case "after the claim":
            run.CoreView = hit_first(run.CoreView)  # type: ignore[assignment,misc]
        case "before the commit":
            commands.finish = then_hit(commands.finish)
        case "after the commit":
            run._perform = then_hit(run._perform)
        case "after the hand-over":
            relay._send = then_hit(relay._send)


def web(listening: socket.socket, later: timedelta) -> None:
    from dirisha.server.wsgi import application

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.0"

        def log_message(self, *_: Any) -> None:
            pass

        def get_environ(self) -> dict[str, Any]:
            return super().get_environ() | {"dirisha.moment": moment(later)}

    server = Server(("127.0.0.1", 0), Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.server_address = listening.getsockname()
    server.server_name, server.server_port = "127.0.0.1", server.server_address[1]
    server.setup_environ()

    def counted(environ: dict[str, Any], start_response: Any) -> Any:
        me = threading.get_ident()
        UNDER_WAY.add(me)
        try:
            return application(environ, start_response)
        finally:
            UNDER_WAY.discard(me)

    server.set_app(counted)
    server.serve_forever()


def worker(later: timedelta) -> None:
    from django.conf import settings

    from dirisha.audit.sealer import seal
    from dirisha.db.transactions import release
    from dirisha.ledger.fold import fold
    from dirisha.messaging.relay import relay
    from dirisha.tenants.current import use

    while True:
        at = moment(later)
        worked = 0
        for institution in settings.DIRISHA_REGISTRY.all():
            with use(institution):
                worked += relay(at)
                fold()
                seal(at)
                release()
        if not worked:
            time.sleep(0.02)


def main() -> None:
    import django

    django.setup()
    import dirisha.server.loops
    import dirisha.server.wsgi  # noqa: F401 - loaded once, before the forks

    listening = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=256)
    children: dict[int, str] = {}
    say = threading.Lock()

    def reap() -> None:
        while True:
            try:
                pid, status = os.wait()
            except ChildProcessError:
                time.sleep(0.01)
                continue
            with say:
                print(
                    json.dumps(
                        {
                            "ended": children.pop(pid, "?"),
                            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
                        }
                    ),
                    flush=True,
                )

    threading.Thread(target=reap, daemon=True).start()
    for number, line in enumerate(sys.stdin):
        order = json.loads(line)
        with say:
            pid = os.fork()
            if pid == 0:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what a child logs is not for the test
                later = timedelta(seconds=order["later_s"])
                if order.get("point"):
                    arm(order["point"], order["after"])
                web(listening, later) if order["role"] == "web" else worker(later)
                os._exit(0)
            children[pid] = order["role"]
            print(json.dumps({"started": order["role"], "pid": pid, "number": number}), flush=True)


if __name__ == "__main__":
    main()
