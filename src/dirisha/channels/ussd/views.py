"""The gateway's hook. The secret in its path says which institution it is for; it is never logged or answered to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from ipaddress import ip_address, ip_network

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from dirisha.carriers.port import Carrier, NotUssd, carrier_of
from dirisha.channels.ussd import sessions, turns
from dirisha.tenants.current import use
from dirisha.tenants.institution import Institution
from dirisha.tenants.registry import Registry

log = structlog.get_logger()

Hook = Callable[[HttpRequest, Carrier, datetime], HttpResponse]


def hook(answer: Hook) -> Callable[[HttpRequest, str, str], HttpResponse]:
    """Only for who knows the secret and comes from the gateway's addresses; for anybody else there is nothing here."""

    @csrf_exempt
    @require_POST
    @wraps(answer)
    def view(request: HttpRequest, secret: str, gateway: str) -> HttpResponse:
        registry: Registry = settings.DIRISHA_REGISTRY
        institution = registry.by_hook(secret)
        carrier = carrier_of(institution) if institution is not None else None
        if institution is None or carrier is None or carrier.name != gateway or not _is_allowed(request, institution):
            return HttpResponse(status=404)
        with use(institution):
            try:
                return answer(request, carrier, request.moment)  # type: ignore[attr-defined]
            except NotUssd:
                return HttpResponse(status=400)

    return view


def _is_allowed(request: HttpRequest, institution: Institution) -> bool:
    assert institution.carrier is not None
    try:
        source = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(source in ip_network(network) for network in institution.carrier.allowed_from)


@hook
def turn(request: HttpRequest, carrier: Carrier, at: datetime) -> HttpResponse:
    asked = carrier.read_turn(request.POST.dict())
    screen = turns.answer(asked, at=at, correlation=request.correlation)  # type: ignore[attr-defined]
    body, content_type = carrier.written(screen)
    return HttpResponse(body, content_type=content_type)


@hook
def ended(request: HttpRequest, carrier: Carrier, at: datetime) -> HttpResponse:
    """How the session ended, by the gateway's word. That it is closed can wait: it expires by itself."""
    over = carrier.read_ended(request.POST.dict())
    log.info("ussd.ended", status=over.status, hops=over.hops, lasted_ms=over.lasted_ms)
    try:
        sessions.close(over.session, at)
    except turns.AWAY:
        log.warning("ussd.not_closed")
    return HttpResponse(status=200)
