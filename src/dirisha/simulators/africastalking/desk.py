"""The gateway as a server of its own on a free port, with faults down to the socket: for tests and for integrators."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from dirisha.simulators.africastalking.faults import Fault
from dirisha.simulators.africastalking.gateway import PATH, PLAIN, Answer, Gateway

LARGEST_FORM = 256 * 1024


@contextmanager
def serving(gateway: Gateway, *, port: int = 0) -> Iterator[str]:
    """Serve from threads of this process until the block ends; gives the address that an institution's TOML names."""
    server = _Server(("127.0.0.1", port), _handler_of(gateway))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="africastalking")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{PATH}"
    finally:
        server.shutdown()
        server.server_close()
        server.hang_up()
        thread.join()


class _Server(ThreadingHTTPServer):
    """Knows its connections: a gateway that is gone keeps none alive."""

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for request in list(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)


def _handler_of(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = 30

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if self.path != PATH or length > LARGEST_FORM:
                self.close_connection = True
                self._answer(Answer(404 if self.path != PATH else 413, PLAIN, b""))
                return
            form = dict(parse_qsl(self.rfile.read(length).decode("utf-8", "replace"), keep_blank_values=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = gateway.messaging(headers, form, datetime.now(UTC))
            if answer.fault is Fault.DELAY:
                time.sleep(gateway.faults.delay_ms / 1000)
            if answer.fault in (Fault.CUT_BEFORE, Fault.CUT_AFTER):
                self.close_connection = True
                return
            self._answer(answer)

        def _answer(self, answer: Answer) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what is in a request line is nobody's to read."""

    return Handler
