"""/livez, /readyz and /metrics: answered before anything else, without an institution and whatever the Host says."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable, Iterable
from ipaddress import ip_address

import orjson
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess

from dirisha.db.schema import SchemaState
from dirisha.server.databases import state_of
from dirisha.tenants.institution import BadInstitution, Institution

Handler = Callable[[HttpRequest], HttpResponseBase]

ASK_AGAIN_AFTER_S = 1.0
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

log = structlog.get_logger()


class Health:
    """The middleware in front of all others."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response
        self._answers = {"/livez": _live, "/readyz": _ready, "/metrics": _metrics}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self._answers.get(request.path)
        return answer(request) if answer else self._get_response(request)


def _live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive\n", content_type="text/plain")


def _ready(request: HttpRequest) -> HttpResponse:
    """200 when each institution's database answers and has this release's schema. Details are for insiders."""
    states = readiness.states()
    is_ready = all(state == SchemaState.CURRENT for state in states.values())
    answer: dict[str, object] = {"ready": is_ready}
    if _is_insider(request):
        answer["institutions"] = states
    return HttpResponse(orjson.dumps(answer), status=200 if is_ready else 503, content_type="application/json")


def _metrics(request: HttpRequest) -> HttpResponse:
    """All processes of this machine in one page."""
    if not _is_insider(request):
        return HttpResponse("Not found\n", status=404, content_type="text/plain")
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_insider(request: HttpRequest) -> bool:
    """Who has the token, or comes from this machine itself and calls it by a name of its own.

    Not through a proxy on it, which forwards strangers; nor from a stranger's page in a browser on it, whose name was
    made to lead here (DNS rebinding).
    """
    token: str = settings.DIRISHA_METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    is_forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    name, _port = split_domain_port(request.headers.get("Host", ""))
    is_near = ip_address(request.META.get("REMOTE_ADDR") or "0.0.0.0").is_loopback
    return is_near and name in OWN_NAMES and not is_forwarded


class Readiness:
    """States of the institutions' databases, asked at most once a second however many want to know."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._states: dict[str, str] = {}

    def states(self) -> dict[str, str]:
        with self._lock:
            if time.monotonic() - self._asked_at >= ASK_AGAIN_AFTER_S:
                self._states = _ask_all()
                self._asked_at = time.monotonic()
            return self._states


readiness = Readiness()


def _ask_all() -> dict[str, str]:
    try:
        institutions: Iterable[Institution] = settings.DIRISHA_REGISTRY.all()
    except BadInstitution as error:
        log.error("health.institutions_unreadable", reason=str(error))
        return {"": "unreadable"}
    return {institution.slug: state_of(institution) for institution in institutions}
