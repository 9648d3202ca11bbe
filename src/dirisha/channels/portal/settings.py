"""Language and SMS banking."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from dirisha.access.people import phones_of
from dirisha.acts.access.set_language import set_language
from dirisha.acts.access.switch_sms import switch_sms
from dirisha.channels.portal.forms import Form
from dirisha.channels.portal.pages import page, see
from dirisha.channels.portal.refusals import explain, status_of
from dirisha.channels.portal.speech import NAMES
from dirisha.channels.portal.visit import Visit
from dirisha.engine.outcome import Refused
from dirisha.engine.run import run
from dirisha.kit.refusal import BadInput, NotFound

SAID = ("language", "sms_on", "sms_off")


@page()
def settings(visit: Visit) -> HttpResponse:
    return _page(visit)


@page(set_language, methods=("POST",))
def language(visit: Visit) -> HttpResponse:
    wished = visit.request.POST.get("language", "")
    outcome = run(set_language, visit.actor, at=visit.at, language=wished)
    return _page(visit, outcome) if isinstance(outcome, Refused) else _back("language")


@page(switch_sms, methods=("POST",))
def sms(visit: Visit) -> HttpResponse:
    form = Form(visit.request.POST.dict(), visit.speech)
    link, is_on = form.id("link_id"), form.values.get("on") == "yes"
    if link is None or form.values.get("on") not in ("yes", "no"):
        return _page(visit, Refused(BadInput(field="on", reason="malformed"), visit.correlation))
    outcome = run(switch_sms, visit.actor, at=visit.at, link_id=link, on=is_on)
    if not isinstance(outcome, Refused):
        return _back("sms_on" if is_on else "sms_off")
    if isinstance(outcome.refusal, NotFound):
        raise outcome.refusal
    return _page(visit, outcome)


def _page(visit: Visit, refused: Refused | None = None) -> HttpResponse:
    assert visit.actor.user is not None
    said = visit.request.GET.get("said")
    return visit.page(
        "settings",
        status=status_of(refused) if refused else 200,
        phones=phones_of(visit.actor.user),
        languages=[(code, NAMES.get(code, code)) for code in visit.institution.languages],
        refused=explain(refused, visit.speech) if refused else None,
        said=said if said in SAID and refused is None else None,
    )


def _back(said: str) -> HttpResponse:
    return see(f"{reverse('portal.settings')}?said={said}")
