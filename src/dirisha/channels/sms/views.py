"""`POST /hooks/<secret>/<gateway>/sms`: a message from a phone. Stored first; the gateway learns no more than that."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from dirisha.acts.access.send_code import send_code
from dirisha.acts.loans.repay import repay
from dirisha.acts.messaging.start import start
from dirisha.acts.messaging.stop import stop
from dirisha.carriers.port import NotInbound, at_hook
from dirisha.channels.sms import desk, inbound
from dirisha.db.transactions import AWAY
from dirisha.queries import accounts, loans
from dirisha.tenants.current import use

# What the keywords behind the one address do.
PERFORMS = (repay, send_code, stop, start, accounts.mine, loans.to_pay)


@csrf_exempt
@require_POST
def receive(request: HttpRequest, secret: str, gateway: str) -> HttpResponse:
    at = request.moment  # type: ignore[attr-defined]
    remote = request.META.get("REMOTE_ADDR", "")
    found = at_hook(settings.DIRISHA_REGISTRY, secret=secret, gateway=gateway, address=remote)
    if found is None:
        return _plain("Nobody is served at this address.", 404)
    institution, carrier = found
    with use(institution):
        try:
            sms = carrier.read_inbound({name: str(value) for name, value in request.POST.items()})
            message = inbound.take(sms, carrier=gateway, remote=remote, at=at)
        except NotInbound as wrong:
            return _refused(request, f"input.bad: {wrong}. Nothing was done.", 400)
        except RequestDataTooBig:
            return _refused(request, "request.too_large: no message is as large. Nothing was done.", 413)
        except AWAY:
            return _refused(request, "system.try_later: nothing was stored; deliver it again.", 503)
        if message is not None:
            desk.handle(message, at)
    return _plain("", 200)


receive.performs = tuple(each.name for each in PERFORMS)  # type: ignore[attr-defined]


def _refused(request: HttpRequest, why: str, status: int) -> HttpResponse:
    return _plain(f"{why} Reference {request.correlation}", status)  # type: ignore[attr-defined]


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
