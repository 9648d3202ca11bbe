"""A small HTTP server in place of Fineract: what it answers and how long it takes is told by the test, and what it was
asked is kept. Threads wait for events, never for a time.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

RECORDINGS = Path(__file__).parent.parent / "recordings"
API = "/fineract-provider/api/v1"

Json = Any


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def bare(self) -> str:
        return urlsplit(self.path).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def json(self) -> Json:
        return json.loads(self.body, parse_float=Decimal)


@dataclass(frozen=True)
class Said:
    """An answer. `body` is sent as it is when it is bytes; `cut` closes the connection after so many bytes of it."""

    status: int = 200
    body: Json = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    drip: threading.Event | None = None

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else as_sent(self.body)


def as_sent(body: Json) -> bytes:
    """With every decimal as it was recorded: `1000.000000` keeps its zeros."""
    text = json.dumps(body, ensure_ascii=False, default=lambda number: f"@{number}@")
    return re.sub(r'"@([^"@]+)@"', r"\1", text).encode()


class Gone(Exception):
    """The server closes the connection and says nothing."""


Answers = Callable[[Request], Said]


class Far:
    """Answers by the path without its query; the last rule that fits wins. What no rule fits is not found."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self._rules: list[tuple[str, str, Answers]] = []
        self._lock = threading.Lock()

    def on(self, method: str, path: str, answer: Said | Answers) -> None:
        self._rules.insert(0, (method, path, (lambda _: answer) if isinstance(answer, Said) else answer))

    def get(self, path: str, answer: Json | Said | Answers) -> None:
        is_ready = isinstance(answer, Said) or callable(answer)
        self.on("GET", path, answer if is_ready else Said(body=answer))

    def post(self, path: str, answer: Said | Answers) -> None:
        self.on("POST", path, answer)

    def paths(self, method: str = "GET") -> list[str]:
        return [request.path for request in self.asked if request.method == method]

    def answer(self, request: Request) -> Said:
        with self._lock:
            self.asked.append(request)
        for method, path, answer in self._rules:
            if request.method == method and request.bare == path:
                return answer(request)
        return Said(404, NOT_FOUND)


NOT_FOUND = {
    "developerMessage": "The requested resource is not available.",
    "httpStatusCode": "404",
    "defaultUserMessage": "The requested resource is not available.",
    "userMessageGlobalisationCode": "error.msg.resource.not.found",
    "errors": [],
}


def refused(*codes: str, status: int = 403, stored: bool = False) -> Said:
    body = {
        "developerMessage": "-",
        "httpStatusCode": str(status),
        "defaultUserMessage": "-",
        "userMessageGlobalisationCode": "validation.msg.domain.rule.violation",
        "errors": [{"userMessageGlobalisationCode": code, "parameterName": "id", "args": []} for code in codes],
    }
    return Said(status, body, {"x-served-from-cache": "true"} if stored else {})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    far: Far

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            said = self.far.answer(Request(self.command, self.path.removeprefix(API), headers, body))
        except Gone:
            self.close_connection = True
            return
        raw = said.raw
        self.send_response_only(said.status)
        headers = {"content-type": "application/json", "content-length": str(len(raw))} | said.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if said.drip is not None:
            self._drip(raw, said.drip)
        elif said.cut is not None:
            self.wfile.write(raw[: said.cut])
            self.close_connection = True
        else:
            self.wfile.write(raw)

    do_POST = do_GET

    def _drip(self, raw: bytes, until: threading.Event) -> None:
        for at in range(len(raw)):
            self.wfile.write(raw[at : at + 1])
            self.wfile.flush()
            if until.wait(0.02):
                return

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the caller has had enough
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def far_away(far: Far) -> Iterator[str]:
    """The server's address, up to and with `/fineract-provider`."""
    handler = type("Handler", (_Handler,), {"far": far})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/fineract-provider"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# --- recordings -------------------------------------------------------------------------------------------------------


def recorded(name: str) -> list[Json]:
    """The exchanges of a recording, in their order."""
    recording = json.loads((RECORDINGS / f"{name}.json").read_text("utf-8"), parse_float=Decimal)
    return list(recording["steps"]) if "steps" in recording else [recording]


def said_at(name: str, path: str) -> Said:
    """What Fineract answered to the first request of that path in a recording."""
    for step in recorded(name):
        request = step.get("request")
        if request is not None and request["path"] == path:
            return said_in(step)
    raise LookupError(f"{name}: {path}")


def said_in(step: Json) -> Said:
    response = step["response"]
    body = response.get("body")
    return Said(
        response["status"],
        body if body is not None else response.get("bodyText", "").encode(),
        dict(response["headers"]),
    )
