"""The portal on a free loopback port, served by threads of this process at the tests' moment."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(at: datetime) -> Iterator[int]:
    """The port. Hosts are `<slug>.localhost`, which browsers take to the loopback without asking anybody."""
    from dirisha.server.middleware import MOMENT
    from dirisha.server.wsgi import application

    def at_the_moment(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return application(environ | {MOMENT: at}, start_response)

    server = make_server("127.0.0.1", 0, at_the_moment, _Threads, _Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
