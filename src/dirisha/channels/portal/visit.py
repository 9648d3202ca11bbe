"""One request at the portal: which institution, who, when, in which language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_from_request

from dirisha.access.people import Person, visitor
from dirisha.channels.portal import session
from dirisha.channels.portal.speech import Speech
from dirisha.kit.actor import Actor, Channel
from dirisha.tenants.current import current
from dirisha.tenants.institution import Institution


@dataclass(frozen=True, slots=True)
class Visit:
    """`person` is None for somebody who has not logged in."""

    request: HttpRequest
    institution: Institution
    at: datetime
    person: Person | None
    actor: Actor
    speech: Speech

    @property
    def correlation(self) -> str:
        return correlation_of(self.request)

    def page(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """A page in the institution's look; `context` is what the template names."""
        whole = {"visit": self, "speech": self.speech, "institution": self.institution, "person": self.person}
        response = render(self.request, f"portal/{template}.html", whole | context, status=status)
        response["Content-Language"] = self.speech.language
        return response


def correlation_of(request: HttpRequest) -> str:
    return str(getattr(request, "correlation", ""))


def moment_of(request: HttpRequest) -> datetime:
    """The one reading of the clock: the server's, at the request's beginning."""
    moment: datetime = request.moment  # type: ignore[attr-defined]
    return moment


def visit_of(request: HttpRequest) -> Visit:
    """Raises `psycopg.Error` or Django's `DatabaseError` when the database is away."""
    at = moment_of(request)
    who = session.person_of(request.session, at)
    visit = _visit(request, who, at)
    request.portal_visit = visit  # type: ignore[attr-defined]
    return visit


def known_visit(request: HttpRequest) -> Visit:
    """The visit as far as this request has found out, without asking the database: for pages that must always come."""
    known = getattr(request, "portal_visit", None)
    return known if isinstance(known, Visit) else _visit(request, None, moment_of(request))


def _visit(request: HttpRequest, who: Person | None, at: datetime) -> Visit:
    address, correlation = request.META.get("REMOTE_ADDR", ""), correlation_of(request)
    if who is None:
        language = _wished_language(request)
        actor = visitor(Channel.PORTAL, language=language, device=address, correlation=correlation)
    else:
        actor = who.as_actor(Channel.PORTAL, device=address, correlation=correlation)
    return Visit(request, current(), at, who, actor, Speech(actor.language, current(), at))


def _wished_language(request: HttpRequest) -> str:
    """What the address says, else what the browser asks for, else the institution's first."""
    languages = current().languages
    wished = request.GET.get("lang") or get_language_from_request(request)
    return wished if wished in languages else languages[0]
