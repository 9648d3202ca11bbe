"""The gateway inside the demo's web process: the account's key says whose messages they are."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from dirisha.simulators.africastalking.gateway import Account, Gateway
from dirisha.simulators.africastalking.inbox import FileInbox, MemoryInbox
from dirisha.tenants.institution import Institution

NOBODY = Gateway(Account("", "", ()), MemoryInbox(1))


def inbox_of(institution: Institution) -> FileInbox:
    """The messages on the phones that an institution of the demo writes to."""
    return FileInbox(settings.DIRISHA_PHONES / f"{institution.slug}.jsonl")


@csrf_exempt
@require_POST
def messaging(request: HttpRequest) -> HttpResponse:
    form = {name: str(value) for name, value in request.POST.items()}
    headers = {name.lower(): value for name, value in request.headers.items()}
    gateway = _gateway_of(form.get("username", ""), headers.get("apikey", ""))
    answer = gateway.messaging(headers, form, datetime.now(UTC))
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _gateway_of(username: str, api_key: str) -> Gateway:
    for institution in settings.DIRISHA_REGISTRY.all():
        carrier = institution.carrier
        if carrier is not None and username and (carrier.username, carrier.api_key) == (username, api_key):
            account = Account(username, api_key, (carrier.sender,))
            return Gateway(account, inbox_of(institution))
    return NOBODY
