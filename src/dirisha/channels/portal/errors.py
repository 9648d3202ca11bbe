"""Pages for what went wrong around a request: in the institution's look, with a code, a reference, and no trace.

They ask the database nothing, so that they come whatever is broken.
"""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers

from dirisha.channels.portal.visit import correlation_of, known_visit
from dirisha.tenants.current import chosen

RETRY_AFTER_S = 20

# Stable codes, as refusals have them.
CODES = {
    "bad_request": "request.bad",
    "too_large": "request.too_large",
    "forged": "request.forged",
    "not_found": "object.not_found",
    "fault": "system.fault",
    "away": "system.try_later",
}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _page(request, "too_large", 413)
    return _page(request, "bad_request", 400)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The forgery token is missing or old: another site's form, or a page that was open too long."""
    return _page(request, "forged", 403)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, "forged", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Not there, or not the asker's: one page."""
    return _page(request, "not_found", 404)


def fault(request: HttpRequest) -> HttpResponse:
    return _page(request, "fault", 500)


def away(request: HttpRequest) -> HttpResponse:
    """The books do not answer, ours or the far core's: nothing was done, and the same request may come again."""
    response = _page(request, "away", 503)
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _page(request: HttpRequest, kind: str, status: int) -> HttpResponse:
    if chosen() is None:  # a door that chooses for itself, or an address that nobody is served at
        return HttpResponse(
            f"{CODES[kind]}\n{correlation_of(request)}\n", status=status, content_type="text/plain; charset=utf-8"
        )
    visit = known_visit(request)
    context = {
        "visit": visit,
        "speech": visit.speech,
        "institution": visit.institution,
        "person": None,
        "kind": kind,
        "code": CODES[kind],
    }
    response = HttpResponse(render_to_string("portal/error.html", context), status=status)
    response["Content-Language"] = visit.speech.language
    add_never_cache_headers(response)
    return response
