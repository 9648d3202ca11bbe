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

from dirisha.core.fineract.deadline import Deadline
from dirisha.tenants.institution import Fineract

API = "/api/v1"
LARGEST_ANSWER = 8 * 1024 * 1024
KEEP_ALIVE_S = 30.0
IDEMPOTENCY_KEY = "Idempotency-Key"
SERVED_FROM_CACHE = "x-served-from-cache"


class NotReached(Exception):
    """The request surely did not get there."""


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
        self._password = settings.password()

    def __repr__(self) -> str:
        return f"Credentials({self._settings.user})"

    def header(self) -> str:
        user = f"{self._settings.user}:{self._password}".encode()
        return "Basic " + b64encode(user).decode("ascii")

    def have_changed(self) -> bool:
        """Whether the file or variable has another password now; from then on it is used."""
        with self._lock:
            known, self._password = self._password, self._settings.password()
            return self._password != known


class Wire:
    """Connections kept alive to one Fineract. Safe to share by threads."""

    def __init__(self, settings: Fineract) -> None:
        self._settings = settings
        self.credentials = Credentials(settings)
        self._client = httpx.Client(
            verify=_verification(settings),
            limits=httpx.Limits(
                max_connections=settings.connections,
                max_keepalive_connections=settings.connections,
                keepalive_expiry=KEEP_ALIVE_S,
            ),
            headers={"Accept": "application/json", "Fineract-Platform-TenantId": settings.tenant},
            # A proxy of the environment is for the outside world alone.
            mounts={"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None},
        )

    def close(self) -> None:
        self._client.close()

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
        headers = {} if is_anonymous else {"Authorization": self.credentials.header()}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers[IDEMPOTENCY_KEY] = key
        left = Deadline(min(deadline.left_s, self._settings.answer_s))
        if left.is_over:
            raise NotReached("no time left")
        timeout = httpx.Timeout(left.left_s, connect=min(left.left_s, self._settings.connect_s))
        url = self._settings.url + API + path
        try:
            with self._client.stream(method, url, content=body, headers=headers, timeout=timeout) as response:
                return Reply(
                    response.status_code,
                    response.headers.get("content-type", "").lower(),
                    _whole(response, left),
                    is_stored=response.headers.get(SERVED_FROM_CACHE, "").lower() == "true",
                    date=response.headers.get("date", ""),
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
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
