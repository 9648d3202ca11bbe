"""The gateway's hook. The secret in its path says which institution it is for; it is never logged or answered to."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from dirisha.acts.access.enter_pin import enter_pin
from dirisha.acts.access.set_language import set_language
from dirisha.acts.access.switch_sms import switch_sms
from dirisha.acts.loans.repay import repay
from dirisha.acts.transfers.own import own
from dirisha.carriers.port import Carrier, NotUssd, at_hook
from dirisha.channels.ussd import sessions, turns
from dirisha.db.transactions import AWAY
from dirisha.queries import accounts, loans
from dirisha.tenants.current import use

log = structlog.get_logger()

Hook = Callable[[HttpRequest, Carrier], HttpResponse]

# What the conversations behind the one address do.
PERFORMS = (enter_pin, set_language, switch_sms, repay, own, accounts.mine, accounts.page, loans.to_pay)


def hook(answer: Hook) -> Callable[[HttpRequest, str, str], HttpResponse]:
    """Only for who knows the secret and comes from the gateway's addresses; for anybody else there is nothing here."""

    @csrf_exempt
    @require_POST
    @wraps(answer)
    def view(request: HttpRequest, secret: str, gateway: str) -> HttpResponse:
        remote = request.META.get("REMOTE_ADDR", "")
        found = at_hook(settings.DIRISHA_REGISTRY, secret=secret, gateway=gateway, address=remote)
        if found is None:
            return HttpResponse(status=404)
        institution, carrier = found
        with use(institution):
            try:
                return answer(request, carrier)
            except NotUssd:
                return _refused(request, "input.bad: this is not what the gateway sends.", 400)
            except RequestDataTooBig:
                return _refused(request, "request.too_large: no turn of a conversation is as large.", 413)

    return view


def _refused(request: HttpRequest, why: str, status: int) -> HttpResponse:
    """For the people of the gateway; the person at the phone sees the gateway's own words."""
    reference = request.correlation  # type: ignore[attr-defined]
    text = f"{why} Nothing was done. Reference {reference}\n"
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


@hook
def turn(request: HttpRequest, carrier: Carrier) -> HttpResponse:
    asked = carrier.read_turn(_form(request))
    screen = turns.answer(asked, at=request.moment, correlation=request.correlation)  # type: ignore[attr-defined]
    body, content_type = carrier.written(screen)
    return HttpResponse(body, content_type=content_type)


@hook
def ended(request: HttpRequest, carrier: Carrier) -> HttpResponse:
    """How the session ended, by the gateway's word. That it is closed can wait: it expires by itself."""
    over = carrier.read_ended(_form(request))
    log.info("ussd.ended", status=over.status, hops=over.hops, lasted_ms=over.lasted_ms)
    try:
        sessions.close(over.session, request.moment)  # type: ignore[attr-defined]
    except AWAY:
        log.warning("ussd.not_closed")
    return HttpResponse(status=200)


turn.performs = tuple(each.name for each in PERFORMS)  # type: ignore[attr-defined]
ended.performs = ()  # type: ignore[attr-defined]


def _form(request: HttpRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.POST.items()}
