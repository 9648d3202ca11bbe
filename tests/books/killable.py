"""Web, worker and the stand-in of a far core in processes that kill themselves at a named point: for the kill tests.

Nothing of this is in the package: the points are put around its functions in the child process, after the fork.
`python -m tests.books.killable PORT CORE_PORT` reads one JSON order a line (`{"role": …, "point": …, "after": …}`),
forks a child for each, and prints a line when it started and when it ended. A parent that has no connections forks
cheaply; the web's listening socket is the parent's, so requests wait while there is no child. The core's is the child's
own: who calls while there is none is refused.
"""

from __future__ import annotations

import gc
import json
import mmap
import os
import signal
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

# The moment at which the first child began; each later one lives a little later, as if people had waited for it.
BEGAN_AT, BEGAN = datetime.fromisoformat("2026-11-24T09:00:00+00:00"), time.monotonic()

# Requests being answered by this process; told with the last breath.
UNDER_WAY: set[tuple[int, str]] = set()
REPORT = os.dup(sys.stdout.fileno())

POINTS = {
    "web": ("after the secret's check", "after the claim", "before the commit", "after the commit"),
    "worker": ("after the hand-over",),
}

# In front of a far core, and in the core itself.
FAR_POINTS = {
    "web": (
        "before the commit", "after the acceptance", "while the core is asked", "after the answer", "after the end",
    ),
    "worker": (
        "after the lease", "while the core is asked", "after the answer", "after the end", "before the telling",
        "while telling",
    ),
    "core": ("before acting", "before the core's commit", "between acting and answering"),
}  # fmt: skip


@dataclass(frozen=True)
class Point:
    """Before or after a function of the package; `where` narrows it to some of its calls."""

    function: str  # module:name
    is_before: bool = False
    where: Callable[[Any, tuple[Any, ...]], Any] = lambda result, arguments: True


def _sends(result: Any, arguments: tuple[Any, ...]) -> bool:
    return len(arguments) > 2 and getattr(arguments[2], "__name__", "") == "_send"


PLACES = {
    "after the secret's check": Point("dirisha.engine.run:prove_command"),
    "after the claim": Point("dirisha.engine.run:CoreView", is_before=True),
    "before the commit": Point("dirisha.engine.commands:finish"),
    "after the commit": Point("dirisha.engine.run:_perform"),
    "after the hand-over": Point("dirisha.messaging.relay:_send"),
    "after the acceptance": Point("dirisha.engine.run:_followed", is_before=True),
    "after the lease": Point("dirisha.payments.relay:_lease", where=lambda leased, _: leased),
    "while the core is asked": Point("dirisha.core.fineract.link:Link._in_lane", where=_sends),
    "after the answer": Point("dirisha.payments.relay:_answer"),
    "after the end": Point("dirisha.payments.relay:settle"),
    "before the telling": Point("dirisha.payments.relay:_particulars", is_before=True),
    "while telling": Point("dirisha.payments.relay:_tell"),
    "before acting": Point("dirisha.simulators.fineract.routes:perform", is_before=True),
    "before the core's commit": Point("dirisha.simulators.fineract.commands:tell"),
    "between acting and answering": Point("dirisha.simulators.fineract.routes:perform"),
}


class Calendar:
    """The moment for all children: it goes `RATE` times as fast as the real one, and can be moved on for all at once."""

    RATE = float(os.environ.get("KILLABLE_RATE", "1"))

    def __init__(self) -> None:
        self._moved = mmap.mmap(-1, 8)  # shared with the children

    def move_to(self, later_s: float) -> None:
        self._moved[:8] = struct.pack("d", later_s)

    def real(self) -> datetime:
        return BEGAN_AT + timedelta(seconds=time.monotonic() - BEGAN)

    def moment(self, later: timedelta) -> datetime:
        moved = timedelta(seconds=struct.unpack("d", self._moved[:8])[0])
        return BEGAN_AT + timedelta(seconds=(time.monotonic() - BEGAN) * self.RATE) + max(later, moved)


CALENDAR = Calendar()


def report(said: dict[str, Any]) -> None:
    """In one write, so that what parent and children say at once does not run together."""
    os.write(REPORT, json.dumps(said).encode() + b"\n")


def arm(point: str, after: int) -> None:
    """Kill this process, without a word, when it passes the point for the `after`th time."""
    place, passed, lock = PLACES[point], [0], threading.Lock()

    def hit() -> None:
        with lock:
            passed[0] += 1
            if passed[0] == after:
                report({"passed": point, "pid": os.getpid(), "in_flight": len(UNDER_WAY)})
                os.kill(os.getpid(), signal.SIGKILL)

    module, _, name = place.function.partition(":")
    *owners, name = name.split(".")
    owner = import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    function = getattr(owner, name)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        if place.is_before:
            hit()
            return function(*arguments, **named)
        result = function(*arguments, **named)
        if place.where(result, arguments):
            hit()
        return result

    wrapped.__name__ = name
    setattr(owner, name, wrapped)


def count(module: str, name: str) -> None:
    """What is between the beginning and the end of this function is under way."""
    owner = import_module(module)
    function = getattr(owner, name)

    def counted(*arguments: Any, **named: Any) -> Any:
        me = (threading.get_ident(), name)
        UNDER_WAY.add(me)
        try:
            return function(*arguments, **named)
        finally:
            UNDER_WAY.discard(me)

    setattr(owner, name, counted)


def web(order: dict[str, Any], listening: socket.socket) -> None:
    from dirisha.server import wsgi

    later = timedelta(seconds=order["later_s"])

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.0"

        def log_message(self, *_: Any) -> None:
            pass

        def get_environ(self) -> dict[str, Any]:
            # A dialog at a phone is not made longer by what moves the calendar on.
            is_phone = Calendar.RATE > 1 and self.path.startswith("/hooks/")
            moment = CALENDAR.real() if is_phone else CALENDAR.moment(later)
            return super().get_environ() | {"dirisha.moment": moment}

    server = Server(("127.0.0.1", 0), Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.server_address = listening.getsockname()
    server.server_name, server.server_port = "127.0.0.1", server.server_address[1]
    server.setup_environ()
    count("dirisha.server.wsgi", "application")
    server.set_app(wsgi.application)
    server.serve_forever()


def worker(order: dict[str, Any]) -> None:
    from dirisha.audit.sealer import seal
    from dirisha.core.view import core_of
    from dirisha.ledger.fold import fold
    from dirisha.messaging import relay as messages
    from dirisha.payments import relay as payments
    from dirisha.tenants.current import current

    count("dirisha.payments.relay", "_ask")

    def books(at: datetime) -> int:
        worked = messages.relay(at) if order.get("messages", True) else 0
        fold()
        seal(at)
        return worked

    def orders(at: datetime) -> int:
        core = core_of(current())
        return payments.relay(at, core) if core.facts_are == "as read" else 0

    for work in (*[orders] * order.get("relays", 0), books):
        arguments = (work, timedelta(seconds=order["later_s"]), order.get("idle_s", 0.02))
        threading.Thread(target=_go_on, args=arguments, daemon=True).start()
    threading.Event().wait()


def _go_on(work: Callable[[datetime], int], later: timedelta, idle_s: float) -> None:
    import psycopg
    from django.conf import settings

    from dirisha.db.transactions import release
    from dirisha.tenants.current import use

    while True:
        worked = 0
        for institution in settings.DIRISHA_REGISTRY.all():
            with use(institution):
                with suppress(psycopg.OperationalError):  # as in the worker's own loops: another round will come
                    worked += work(CALENDAR.moment(later))
                release()
        if not worked:
            time.sleep(idle_s)


def core(order: dict[str, Any], port: int) -> None:
    """The stand-in over the books of `order["books"]`; `faults` are chances of 100 by kind of call."""
    from django.conf import settings

    from dirisha.simulators.fineract.desk import Desk
    from dirisha.simulators.fineract.faults import Chances, Fault, Faults
    from dirisha.simulators.fineract.server import Server
    from dirisha.simulators.fineract.users import SUPER_USER, Users
    from tests.bank import books_of, service_user

    def chances(given: dict[str, int]) -> Chances:
        delay_ms = given.pop("delay_ms", 0)
        return Chances({Fault(name): of_100 for name, of_100 in given.items()}, delay_ms)

    faults = Faults(order["seed"], chances(order.get("reads", {})), chances(order.get("money", {})))
    books = books_of(settings.DIRISHA_REGISTRY.by_slug(order["books"]))
    desk = Desk(books, Users(SUPER_USER, service_user()), faults=faults)
    count("dirisha.simulators.fineract.server", "_answered")
    moment = partial(CALENDAR.moment, timedelta(seconds=order["later_s"]))
    Server(desk, port=port, clock=moment).serve_forever()


def main() -> None:
    import django

    django.setup()
    # Loaded once, before the forks.
    from django.urls import get_resolver

    import dirisha.core.fineract.core
    import dirisha.core.native.core
    import dirisha.server.loops
    import dirisha.server.wsgi
    import dirisha.simulators.fineract.server  # noqa: F401
    from dirisha.core.fineract import http, link
    from dirisha.core.fineract.breaker import REST_S

    list(get_resolver().url_patterns)
    # The breaker rests in real time, of which a test has less than a core needs to recover.
    link.Breaker = partial(link.Breaker, rest_s=REST_S / Calendar.RATE)  # type: ignore[misc,assignment]
    certificates = ssl.create_default_context()
    http._verification = lambda settings: certificates  # read once, not by each child
    gc.collect()
    gc.freeze()

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
                ended = {"ended": children.pop(pid, "?"), "pid": pid}
                report(ended | {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0})

    threading.Thread(target=reap, daemon=True).start()
    for number, line in enumerate(sys.stdin):
        order = json.loads(line)
        if order.get("for_all"):
            CALENDAR.move_to(order["later_s"])
        with say:
            pid = os.fork()
            if pid == 0:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what a child logs is not for the test
                match order["role"]:
                    case "web":
                        work: Callable[[], None] = partial(web, order, listening)
                    case "core":
                        work = partial(core, order, int(sys.argv[2]))
                    case _:
                        work = partial(worker, order)
                if order.get("point"):
                    arm(order["point"], order["after"])
                work()
                os._exit(0)
            children[pid] = order["role"]
            report({"started": order["role"], "pid": pid, "number": number})


if __name__ == "__main__":
    main()
