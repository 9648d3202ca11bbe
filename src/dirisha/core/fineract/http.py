"""One exchange on the wire with Fineract, bounded in time and size, and what is known when it fails."""

from __future__ import annotations

import json
import ssl
import threading
from base64 import b64encode
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

import httpx
import structlog

from dirisha.core.fineract.deadline import Deadline
from dirisha.tenants.institution import BadInstitution, Fineract

API = "/api/v1"
LARGEST_ANSWER = 8 * 1024 * 1024
KEEP_ALIVE_S = 30.0
IDEMPOTENCY_KEY = "Idempotency-Key"
SERVED_FROM_CACHE = "x-served-from-cache"

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


class Wire:
    """Connections kept alive to one Fineract, opened at the first need. Safe to share by threads."""

    def __init__(self, settings: Fineract) -> None:
        self._settings = settings
        self.credentials = Credentials(settings)
        self._lock = threading.Lock()
        self._opened: httpx.Client | None = None

    def open(self) -> httpx.Client:
        """Raises `OSError` and `ssl.SSLError` for certificates that can't be read."""
        with self._lock:
            if self._opened is None:
                self._opened = self._made()
            return self._opened

    def _made(self) -> httpx.Client:
        most = self._settings.connections
        return httpx.Client(
            verify=_verification(self._settings),
            limits=httpx.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=KEEP_ALIVE_S),
            headers={"Accept": "application/json", "Fineract-Platform-TenantId": self._settings.tenant},
            # A proxy of the environment is for the outside world alone.
            mounts={"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None},
        )

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.close()

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
        try:
            client = self.open()
            headers = {} if is_anonymous else {"Authorization": self.credentials.header()}
        except (BadInstitution, OSError, ssl.SSLError) as error:
            log.error("fineract.not_set_up", url=self._settings.url, why=str(error))
            raise NotReached(f"not set up: {error}") from error
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers[IDEMPOTENCY_KEY] = key
        left = Deadline(min(deadline.left_s, self._settings.answer_s))
        if left.is_over:
            raise NoTime("no time left")
        timeout = httpx.Timeout(left.left_s, connect=min(left.left_s, self._settings.connect_s))
        url = self._settings.url + API + path
        try:
            with client.stream(method, url, content=body, headers=headers, timeout=timeout) as response:
                return Reply(
                    response.status_code,
                    response.headers.get("content-type", "").lower(),
                    _whole(response, left),
                    is_stored=response.headers.get(SERVED_FROM_CACHE, "").lower() == "true",
                    date=response.headers.get("date", ""),
                )
        except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NoTime(type(error).__name__) from error
        except httpx.ConnectError as error:
            raise NotReached(f"{type(error).__name__}: {error}") from error
        except httpx.TimeoutException as error:
            raise TooSlow(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise Unanswered(f"{type(error).__name__}: {error}") from error


def _whole(response: httpx.Response, deadline: Deadline) -> bytes:
    """The body; httpx's time-outs are for each piece of it, so a dripping one is bounded here."""
    pieces, size = [], 0
    for piece in response.iter_bytes():
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_ANSWER:
            raise Unanswered(f"an answer of more than {LARGEST_ANSWER} bytes")
        if deadline.is_over:
            raise TooSlow("the answer drips")
    return b"".join(pieces)


def _verification(settings: Fineract) -> ssl.SSLContext | bool:
    if not settings.verify or settings.url.startswith("http:"):
        return False
    if settings.ca_file is not None:
        return ssl.create_default_context(cafile=str(settings.ca_file))
    return True
