"""The line between an institution and its far core, in a test's hands: held, cut, counted, call by call.

A proxy in front of the stand-in. What is held waits for an event, and nothing waits for a clock.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.bank import FarBank

PATIENCE_S = 30
CUT = "cut"
Answer = tuple[int, list[tuple[str, str]], bytes]
TRANSFER = "POST /fineract-provider/api/v1/accounttransfers"


@dataclass(frozen=True)
class Seen:
    """One call as it came: its line without the query, its idempotency key, its body."""

    line: str
    key: str | None
    body: bytes

    @property
    def moves_money(self) -> bool:
        return self.line == TRANSFER


@dataclass
class Held:
    """Calls that wait on the line, until `release` lets them and all that come then go on."""

    reached: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    gone: threading.Event = field(default_factory=threading.Event)
    decided: Answer | str | None = None  # what becomes of them then, if not what becomes of all

    def wait_until_reached(self, calls: int = 1) -> None:
        for _ in range(calls):
            assert self.reached.acquire(timeout=PATIENCE_S), "nothing came"

    def release(self) -> None:
        self.gone.set()


# What is done with a call before or after the core has seen it: nothing, `CUT`, an answer of the line's own.
Fate = Callable[[Seen], "Answer | str | None"]


def nothing(call: Seen) -> None:
    return None


@dataclass
class Line:
    """`before` and `after` decide what becomes of a call, before the core sees it and after it has acted."""

    to: str
    before: Fate = nothing
    after: Fate = nothing
    seen: list[Seen] = field(default_factory=list)

    def transfers(self) -> list[Seen]:
        return [call for call in self.seen if call.moves_money]

    @contextmanager
    def holding(self, is_meant: Callable[[Seen], bool], *, answered: bool = False) -> Iterator[Held]:
        """The calls that are meant wait: before the core sees them, or `answered`, with what it said in hand."""
        held, name = Held(), "after" if answered else "before"
        otherwise = getattr(self, name)

        def wait(call: Seen) -> Answer | str | None:
            if is_meant(call):
                held.reached.release()
                assert held.gone.wait(PATIENCE_S), "never released"
                if held.decided is not None:
                    return held.decided
            decided: Answer | str | None = otherwise(call)
            return decided

        setattr(self, name, wait)
        try:
            yield held
        finally:
            setattr(self, name, otherwise)
            held.release()


def maintenance(call: Seen) -> Answer | None:
    """Reads are answered; money is told to come later, by whatever stands before the core."""
    return (503, [("Content-Type", "text/html")], b"<h1>503</h1>") if call.moves_money else None


def first(fate: str | Answer, *, times: int = 1) -> Fate:
    """That fate for the first transfers, and nothing for what comes then."""
    left, lock = [times], threading.Lock()

    def decide(call: Seen) -> Answer | str | None:
        with lock:
            if not call.moves_money or left[0] == 0:
                return None
            left[0] -= 1
            return fate

    return decide


def lost(call: Seen) -> Answer | str | None:
    """Money moves and its answer is lost; who looks for it in the books finds a page of somebody else's there."""
    if call.moves_money:
        return CUT
    return (200, [("Content-Type", "text/html")], b"<p>Log in.</p>") if call.line.endswith("/search") else None


@contextmanager
def on_the_line(bank: FarBank, **changes: str) -> Iterator[Line]:
    """The institution reaches its core through a line; `changes` of its file besides."""
    from dirisha.tenants.current import use

    parts, straight = urlsplit(bank.url), bank.url
    line = Line(parts.netloc)
    server = _Server(("127.0.0.1", 0), _handler_of(line))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    bank.url = parts._replace(netloc=f"127.0.0.1:{server.server_address[1]}").geturl()
    bank.change(**changes)
    try:
        with use(bank.house.institution(bank.institution.slug)):
            yield line
    finally:
        bank.url = straight
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody hung up: the caller, or the core at the end of the test."""


def _handler_of(line: Line) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            call = Seen(f"{self.command} {path}", self.headers.get("Idempotency-Key"), body)
            line.seen.append(call)
            decided = line.before(call)
            if decided is None:
                answer = self._asked_of_the_core(body)
                decided = line.after(call) or answer
            if decided == CUT:
                self._hang_up()
            else:
                self._send(decided)

        do_POST = do_GET

        def _asked_of_the_core(self, body: bytes) -> Answer:
            connection = http.client.HTTPConnection(line.to, timeout=PATIENCE_S)
            try:
                connection.request(self.command, self.path, body, dict(self.headers.items()))
                response = connection.getresponse()
                return response.status, response.getheaders(), response.read()
            finally:
                connection.close()

        def _send(self, answer: Any) -> None:
            status, headers, body = answer
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in ("content-length", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def _hang_up(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
