"""One exchange on the wire with Fineract, bounded in time and size, and what is known when it fails."""

from __future__ import annotations

import json
import ssl
import threading
from base64 import b64encode
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpcore
import structlog

from dirisha.core.fineract.deadline import Deadline
from dirisha.core.fineract.sockets import BoundedSockets
from dirisha.tenants.institution import BadInstitution, Fineract

API = "/api/v1"
LARGEST_ANSWER = 8 * 1024 * 1024
KEEP_ALIVE_S = 15.0  # below Tomcat's twenty: a request must not meet a connection that is being closed
IDEMPOTENCY_KEY = "Idempotency-Key"
SERVED_FROM_CACHE = b"x-served-from-cache"

log = structlog.get_logger()


class NotReached(Exception):
    """The request surely did not get there."""


class NoTime(NotReached):
    """It did not get there within the time."""


class Unanswered(Exception):
    """The request may have got there, and no whole answer came back."""


class TooSlow(Unanswered):
    """No answer within the time."""


class Unreadable(ValueError):
    """An answer that is none of Fineract's, or that says nothing which we understand."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`is_stored`: Fineract has not acted now, but replayed what it had answered under this key before."""

    status: int
    content_type: str
    body: bytes
    is_stored: bool = False
    date: str = ""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Numbers with a fraction are `Decimal`s. Raises `Unreadable`."""
        if not self.content_type.startswith("application/json"):
            raise Unreadable(f"{self.content_type or 'no content type'} in place of JSON")
        try:
            return json.loads(self.body, parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"no JSON: {type(error).__name__}") from None

    def error(self) -> dict[str, Any] | None:
        """Fineract's error envelope; None where this is none: a proxy's page, a container's error."""
        try:
            body = self.json()
        except Unreadable:
            return None
        return body if isinstance(body, dict) and "userMessageGlobalisationCode" in body else None

    def error_codes(self) -> list[str]:
        """The codes of an error envelope, the specific ones first."""
        body = self.error()
        if body is None:
            return []
        items = body.get("errors")
        items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        return [str(each.get("userMessageGlobalisationCode")) for each in [*items, body]]


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


class Credentials:
    """The service user's password as it was read; read again when the core no longer knows it."""

    def __init__(self, settings: Fineract) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._password: str | None = None

    def __repr__(self) -> str:
        return f"Credentials({self._settings.user})"

    def header(self) -> str:
        """Raises `BadInstitution` where there is no password."""
        with self._lock:
            if self._password is None:
                self._password = self._settings.password()
            user = f"{self._settings.user}:{self._password}".encode()
        return "Basic " + b64encode(user).decode("ascii")

    def have_changed(self) -> bool:
        """Whether the file has another password now; from then on it is used."""
        with self._lock:
            known, self._password = self._password, self._settings.password()
            return self._password != known


@dataclass(slots=True)
class _Line:
    """One thread's own connection, kept alive between exchanges and opened again when it was closed."""

    sockets: BoundedSockets
    pool: httpcore.ConnectionPool


class Wire:
    """The way to one Fineract: a connection for each thread that calls, TLS, tenant and user. Nothing is followed."""

    def __init__(self, settings: Fineract) -> None:
        self._settings = settings
        self.credentials = Credentials(settings)
        self._own = threading.local()
        self._lock = threading.Lock()
        self._lines: list[_Line] = []
        self._trusted: ssl.SSLContext | None = None
        address = urlsplit(settings.url)
        self._origin = (address.scheme, address.hostname or "", address.port)
        self._path = address.path + API

    def trusted(self) -> ssl.SSLContext:
        """Whose certificates are believed. Raises `OSError` and `ssl.SSLError` for a file that can't be read."""
        with self._lock:
            if self._trusted is None:
                self._trusted = _trusted(self._settings)
            return self._trusted

    def close(self) -> None:
        with self._lock:
            for line in self._lines:
                line.pool.close()

    def exchange(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        *,
        body: bytes | None = None,
        key: str | None = None,
        is_anonymous: bool = False,
    ) -> Reply:
        """Raises `NotReached`, `Unanswered`. Redirects are not followed: they are replies like any other."""
        until = Deadline(min(deadline.left_s, self._settings.answer_s))
        if until.is_over:
            raise NoTime("no time left")
        try:
            line = self._line()
            headers = self._headers(body, key, is_anonymous=is_anonymous)
        except (BadInstitution, OSError, ssl.SSLError) as error:
            log.error("fineract.not_set_up", url=self._settings.url, why=str(error))
            raise NotReached(f"not set up: {error}") from error
        line.sockets.until = until
        request = httpcore.Request(
            method, self._url(path), headers=headers, content=body, extensions={"timeout": self._time_outs_s(until)}
        )
        try:
            return _exchanged(line.pool, request)
        except (httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            raise NoTime(type(error).__name__) from error
        except httpcore.ConnectError as error:
            raise NotReached(f"{type(error).__name__}: {error}") from error
        except httpcore.TimeoutException as error:
            raise TooSlow(type(error).__name__) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Unanswered(f"{type(error).__name__}: {error}") from error

    def _line(self) -> _Line:
        line: _Line | None = getattr(self._own, "line", None)
        if line is None:
            sockets = BoundedSockets()
            pool = httpcore.ConnectionPool(
                ssl_context=self.trusted(), max_connections=1, keepalive_expiry=KEEP_ALIVE_S, network_backend=sockets
            )
            line = self._own.line = _Line(sockets, pool)
            with self._lock:
                self._lines.append(line)
        return line

    def _headers(self, body: bytes | None, key: str | None, *, is_anonymous: bool) -> list[tuple[str, str]]:
        _, host, port = self._origin
        name = f"[{host}]" if ":" in host else host
        headers = [
            ("Host", name if port is None else f"{name}:{port}"),
            ("Accept", "application/json"),
            ("Fineract-Platform-TenantId", self._settings.tenant),
        ]
        if not is_anonymous:
            headers.append(("Authorization", self.credentials.header()))
        if body is not None:
            headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        if key is not None:
            headers.append((IDEMPOTENCY_KEY, key))
        return headers

    def _url(self, path: str) -> httpcore.URL:
        scheme, host, port = self._origin
        return httpcore.URL(scheme=scheme, host=host, port=port, target=self._path + path)

    def _time_outs_s(self, until: Deadline) -> dict[str, float]:
        left_s = until.left_s
        return {"connect": min(left_s, self._settings.connect_s), "read": left_s, "write": left_s, "pool": left_s}


def _exchanged(pool: httpcore.ConnectionPool, request: httpcore.Request) -> Reply:
    response = pool.handle_request(request)
    try:
        headers = {name.lower(): value.decode("latin-1") for name, value in response.headers}
        return Reply(
            response.status,
            headers.get(b"content-type", "").lower(),
            _whole(response),
            is_stored=headers.get(SERVED_FROM_CACHE, "").lower() == "true",
            date=headers.get(b"date", ""),
        )
    finally:
        response.close()


def _whole(response: httpcore.Response) -> bytes:
    pieces, size = [], 0
    for piece in response.iter_stream():
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_ANSWER:
            raise Unanswered(f"an answer of more than {LARGEST_ANSWER} bytes")
    return b"".join(pieces)


def _trusted(settings: Fineract) -> ssl.SSLContext:
    if settings.url.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, and quick to make
    return ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
