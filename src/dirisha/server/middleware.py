"""What surrounds each request: who it came from, which id follows it, what a browser may do with the answer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from prometheus_client import Histogram

from dirisha.kit.ids import time_ordered_id
from dirisha.tenants.current import use
from dirisha.tenants.registry import Registry

Handler = Callable[[HttpRequest], HttpResponseBase]

SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
UNKNOWN_ROUTE = "none"
MOMENT = "dirisha.moment"

log = structlog.get_logger()
seconds = Histogram(
    "dirisha_request_seconds", "Time in our hands, by route and answer", ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)  # fmt: skip


class Correlation:
    """Gives each request its moment and the id that logs, audit, messages and answer carry; times and logs it.

    The clock is read here, once a request. A WSGI server of the tests may give the moment (`dirisha.moment`); no
    header can.

    A caller's own X-Correlation-ID is taken over where it is a plain token. The log has the route's name, never the
    path: a hook's path holds a secret.
    """

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        moment = request.META.get(MOMENT)
        request.moment = moment if isinstance(moment, datetime) else datetime.now(UTC)  # type: ignore[attr-defined]
        given = request.headers.get("X-Correlation-ID", "")
        correlation = given if SANE_ID.fullmatch(given) else str(time_ordered_id(datetime.now(UTC)))
        request.correlation = correlation  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(correlation=correlation):
            response = self._get_response(request)
            self._note(request, response, time.perf_counter() - began)
        response["X-Correlation-ID"] = correlation
        return response

    def _note(self, request: HttpRequest, response: HttpResponseBase, took_s: float) -> None:
        match = request.resolver_match
        route = (match.view_name or match.route) if match else UNKNOWN_ROUTE
        method = request.method if request.method in {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"} else "other"
        seconds.labels(route, method, str(response.status_code)).observe(took_s)
        log.info("request", route=route, method=method, status=response.status_code, ms=round(took_s * 1000, 1))


class ClientAddress:
    """Behind proxies that are configured, REMOTE_ADDR becomes the nearest address that is none of theirs."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response
        self._proxies: list[IPv4Network | IPv6Network] = settings.DIRISHA_PROXIES

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._proxies:
            forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
            hops = [request.META.get("REMOTE_ADDR", ""), *(hop.strip() for hop in reversed(forwarded))]
            while len(hops) > 1 and self._is_proxy(hops[0]) and _is_address(hops[1]):
                hops.pop(0)
            request.META["REMOTE_ADDR"] = hops[0]
        return self._get_response(request)

    def _is_proxy(self, address: str) -> bool:
        return _is_address(address) and any(ip_address(address) in network for network in self._proxies)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


class ChosenInstitution:
    """Chooses the institution by host name, for this request and no longer.

    Doors whose callers name it otherwise choose for themselves: the Mifos API by header, hooks by their secret path.
    """

    CHOOSES_ITSELF = ("/fineract-provider/", "/hooks/")

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response
        self._registry: Registry = settings.DIRISHA_REGISTRY

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(self.CHOOSES_ITSELF):
            return self._get_response(request)
        institution = self._registry.by_host(request.get_host())
        if institution is None:
            return HttpResponse("Nobody is served at this address.\n", status=404, content_type="text/plain")
        with use(institution):
            return self._get_response(request)


class ContentSecurityPolicy:
    """Only our own files, nothing inline, in no other page's frame."""

    POLICY = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        response.setdefault("Content-Security-Policy", self.POLICY)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        return response


class BodyLimit:
    """A body over DATA_UPLOAD_MAX_MEMORY_SIZE is refused as 413, before it is read where its length is announced.

    Doors with words of their own catch `RequestDataTooBig` first.
    """

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RequestDataTooBig):
            return None
        largest_kb = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) // 1024
        return HttpResponse(
            f"This request is too large: at most {largest_kb} kB are taken. Nothing was done.\n",
            status=413,
            content_type="text/plain; charset=utf-8",
        )
