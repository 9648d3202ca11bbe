"""The stand-in as a server on a port: keep-alive, one write an answer, and faults down to the socket."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import structlog

from dirisha.db.transactions import release
from dirisha.simulators.fineract import control, routes
from dirisha.simulators.fineract.calls import PREFIX, Answer, Call
from dirisha.simulators.fineract.desk import Desk, Heard
from dirisha.simulators.fineract.errors import of_container
from dirisha.simulators.fineract.faults import Fate, Fault, Faults
from dirisha.simulators.fineract.users import SERVICE_USER, SUPER_USER, User, Users
from dirisha.tenants.current import use
from dirisha.tenants.institution import Institution

log = structlog.get_logger()

LARGEST_BODY = 256 * 1024
HTML = "text/html"
NOT_DONE = (Fault.CUT_BEFORE, Fault.MAINTENANCE)
SORRY = b"<html><head><title>%d</title></head><body><center><h1>%d</h1></center><hr>nginx</body></html>\n"
CAPTIVE = b"<html><body>Please log in to the network.</body></html>\n"

Clock = Callable[[], datetime]


def real_clock() -> datetime:
    return datetime.now(UTC)


class Server(ThreadingHTTPServer):
    """Knows its connections: a core that is gone keeps none alive."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, desk: Desk, *, port: int = 0, host: str = "127.0.0.1", clock: Clock = real_clock) -> None:
        self._open: set[socket.socket] = set()
        self.desk = desk
        super().__init__((host, port), _handler_of(desk, clock))

    @property
    def url(self) -> str:
        """The address that an institution's TOML names."""
        return self._origin + PREFIX

    @property
    def control_url(self) -> str:
        return self._origin + control.PAGE

    @property
    def _origin(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody hung up, or we did; whatever else went wrong was logged with its call."""

    def hang_up(self) -> None:
        for request in list(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)


@contextmanager
def standing_in(
    institution: Institution,
    *users: User,
    faults: Faults | None = None,
    port: int = 0,
    clock: Clock = real_clock,
) -> Iterator[Server]:
    """Serve from threads of this process until the block ends: the super user `mifos`, and the users given.

    What the server yields has the `url` and the `desk`, whose faults and branch may be changed while it runs.
    """
    desk = Desk(institution, Users(SUPER_USER, *(users or (SERVICE_USER,))), faults=faults or Faults())
    server = Server(desk, port=port, clock=clock)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="fineract")
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        server.hang_up()
        thread.join()


def _handler_of(desk: Desk, clock: Clock) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = 60
        _apart = timedelta(0)

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length > LARGEST_BODY:
                self.close_connection = True
                self._send(Answer(413, b""))
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, self.path, headers, self.rfile.read(length), clock())
            if control.is_for(call):
                self._send(_guarded(desk, call, control.answer))
                return
            kind = routes.kind_of(call)
            fate = desk.faults.next(kind) if kind else Fate()
            self._apart = timedelta(days=fate.days_apart)
            self._suffer(replace(call, at=call.at + self._apart), fate)

        do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

        def _suffer(self, call: Call, fate: Fate) -> None:
            if fate.delay_ms:
                time.sleep(fate.delay_ms / 1000)
            if fate.fault is Fault.DUPLICATE:
                _answered(desk, call, fate)
            answer = None if fate.fault in NOT_DONE else _answered(desk, call, fate)
            if answer is None:
                desk.heard.append(Heard(call.at, call.method, call.path, None, False, fate))
            match fate.fault:
                case Fault.CUT_BEFORE | Fault.CUT_AFTER:
                    self._hang_up()
                case Fault.MAINTENANCE:
                    self._send(Answer(503, SORRY % (503, 503), content_type=HTML))
                case Fault.ERROR_AFTER:
                    self._send(Answer(fate.status, SORRY % (fate.status, fate.status), content_type=HTML))
                case Fault.WRONG_TYPE:
                    self._send(Answer(200, CAPTIVE, content_type=HTML))
                case Fault.TRUNCATED if answer:
                    self._send(answer, sent_bytes=len(answer.body) // 2)
                    self._hang_up()
                case _ if answer:
                    self._send(answer)

        def _send(self, answer: Answer, *, sent_bytes: int | None = None) -> None:
            lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
            lines += [f"{name}: {value}" for name, value in answer.headers.items()]
            lines += [f"Date: {format_datetime((clock() + self._apart).astimezone(UTC), usegmt=True)}"]
            lines += [f"Content-Type: {answer.content_type}", f"Content-Length: {len(answer.body)}"]
            head = "\r\n".join([*lines, "", ""]).encode("latin-1")
            self.wfile.write(head + answer.body[:sent_bytes])

        def _hang_up(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what is in a request line is nobody's to read."""

    return Handler


def _answered(desk: Desk, call: Call, fate: Fate) -> Answer:
    answer = _guarded(desk, call, routes.answer)
    is_replay = "x-served-from-cache" in answer.headers
    desk.heard.append(Heard(call.at, call.method, call.path, answer.status, is_replay, fate))
    return answer


def _guarded(desk: Desk, call: Call, answer: Callable[[Desk, Call], Answer]) -> Answer:
    """A database that is away, like any fault of ours, is answered by the container, as at Fineract."""
    with use(desk.institution):
        try:
            return answer(desk, call)
        except psycopg.OperationalError as error:
            log.error("fineract.database", kind=type(error).__name__)
        except Exception:
            log.exception("fineract.fault", path=call.path)
        finally:
            release()
    return Answer.of(of_container(500, call.path, call.at), status=500)
