"""In and out."""

from __future__ import annotations

from uuid import uuid4

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from dirisha.access.people import visitor
from dirisha.access.secrets import Secret, SecretKind
from dirisha.acts.access.log_out import log_out
from dirisha.acts.access.login import login as login_act
from dirisha.channels.portal import session
from dirisha.channels.portal.forms import Form
from dirisha.channels.portal.pages import page, see
from dirisha.channels.portal.refusals import explain, status_of
from dirisha.channels.portal.speech import NAMES
from dirisha.channels.portal.visit import Visit
from dirisha.engine.outcome import Done, Refused
from dirisha.engine.run import run
from dirisha.kit.actor import Actor, Channel, Role
from dirisha.kit.refusal import NotPermitted

SAID = ("nothing_done", "logged_out")
LONGEST_NAME = 100
LONGEST_PASSWORD = 128
# How many tries are left is said from here on: everybody hears it alike, known or not.
WARN_FROM = 2


@page(login_act, methods=("GET", "POST"), public=True)
def login(visit: Visit) -> HttpResponse:
    if visit.request.method == "POST":
        return _log_in(visit)
    if visit.person is not None:
        return see(reverse("portal.home"))
    return _form(visit, Form({}, visit.speech))


def _log_in(visit: Visit) -> HttpResponse:
    form = Form(visit.request.POST.dict(), visit.speech)
    name = form.text("login_name", longest=LONGEST_NAME)
    password = form.values.get("password", "")
    if not password:
        form.wrong("password", "missing")
    elif len(password) > LONGEST_PASSWORD:
        form.wrong("password", "malformed")
    if form.errors or name is None:
        return _form(visit, form)
    # An id of our own for the attempt: one that the caller could choose would be counted once for many.
    secret = Secret(SecretKind.PASSWORD, password, uuid4().hex)
    outcome = run(login_act, _nobody_yet(visit), at=visit.at, secret=secret, login_name=name)
    if isinstance(outcome, Refused):
        return _form(visit, form, outcome)
    assert isinstance(outcome, Done)
    if outcome.result.role is not Role.CLIENT:
        return _form(visit, form, Refused(NotPermitted(), visit.correlation))
    session.begin(visit.request, outcome.result.user, visit.at)
    return see(_wanted(visit, form.values.get("next", "")))


def _nobody_yet(visit: Visit) -> Actor:
    """Who logs in has proven nothing, even where somebody else is still logged in at this browser."""
    return visitor(
        Channel.PORTAL, language=visit.speech.language, device=visit.actor.device, correlation=visit.correlation
    )


def _form(visit: Visit, form: Form, refused: Refused | None = None) -> HttpResponse:
    said = visit.request.GET.get("said")
    left = refused.refusal.facts.get("left") if refused else None
    return visit.page(
        "login",
        status=status_of(refused) if refused else 422 if form.errors else 200,
        form=form,
        refused=explain(refused, visit.speech) if refused else None,
        left=left if left is not None and left <= WARN_FROM else None,
        said=said if said in SAID and visit.request.method == "GET" else None,
        wanted=_wanted(visit, form.values.get("next") or visit.request.GET.get("next", "")),
        languages=[(code, NAMES.get(code, code)) for code in visit.institution.languages],
    )


def _wanted(visit: Visit, address: str) -> str:
    """A page of this portal, or home: nobody is led elsewhere by a link to the login."""
    is_ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_ours else reverse("portal.home")


@page(log_out, methods=("POST",), public=True)
def logout(visit: Visit) -> HttpResponse:
    if visit.person is not None:
        run(log_out, visit.actor, at=visit.at)
    session.end(visit.request)
    return see(f"{reverse('portal.login')}?said=logged_out&lang={visit.speech.language}")
