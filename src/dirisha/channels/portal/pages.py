"""What a route of the portal is: a view with the acts and questions behind it, for clients alone unless it says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from dirisha.channels.portal import errors
from dirisha.channels.portal.visit import Visit, visit_of
from dirisha.core.budget import budget
from dirisha.engine.act import Declared
from dirisha.kit.refusal import NotFound, NotPermitted
from dirisha.queries.ask import AWAY, Question

View = Callable[..., HttpResponse]


def page(
    *performs: Declared | Question[Any], methods: tuple[str, ...] = ("GET",), public: bool = False
) -> Callable[[View], View]:
    """A view of `(visit, …)` that names the acts and questions behind it, open to a client alone unless `public`.

    GET stands for HEAD as well. A page of somebody's money is never kept by a browser or a proxy.
    """

    def declare(view: View) -> View:
        @require_http_methods([*methods, *(["HEAD"] if "GET" in methods else [])])
        @wraps(view)
        def answer(request: HttpRequest, **arguments: Any) -> HttpResponse:
            response = _answer(view, request, public=public, arguments=arguments)
            add_never_cache_headers(response)
            return response

        answer.performs = tuple(each.name for each in performs)  # type: ignore[attr-defined]
        return cast(View, answer)

    return declare


def _answer(view: View, request: HttpRequest, *, public: bool, arguments: dict[str, Any]) -> HttpResponse:
    try:
        visit = visit_of(request)
        if visit.person is None and not public:
            return _to_login(visit)
        institution = visit.institution
        with budget(institution.patience.portal + institution.waits.portal):
            return view(visit, **arguments)
    except (NotFound, NotPermitted):
        return errors.not_found(request)
    except (*AWAY, OperationalError, InterfaceError):
        return errors.away(request)


def _to_login(visit: Visit) -> HttpResponse:
    """To the login, and back to where one wanted to go; what was posted without a session was not done."""
    request = visit.request
    wanted = {"next": request.get_full_path()} if request.method in ("GET", "HEAD") else {"said": "nothing_done"}
    return see(f"{reverse('portal.login')}?{urlencode(wanted)}")


def see(address: str) -> HttpResponse:
    """303: whatever was posted, the next page is read."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response
