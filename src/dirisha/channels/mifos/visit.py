"""One request of a client app: institution by header, person by Basic authentication, and the answer with its headers.

The door has no session, no cookie and no form token: a browser's cookies mean nothing here, so any origin may call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import utils as django_errors
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from dirisha.access.people import visitor
from dirisha.channels.mifos.credentials import CHALLENGE, Caller, read_basic, recognise
from dirisha.channels.mifos.errors import ApiError, Item, Kind, Told, body_of, unsupported
from dirisha.channels.mifos.refusals import error_of
from dirisha.core.budget import budget
from dirisha.engine.outcome import Refused
from dirisha.engine.refusals import TryLater
from dirisha.kit.actor import Actor, Channel, Role
from dirisha.kit.refusal import NotPermitted
from dirisha.queries.ask import AWAY
from dirisha.tenants.current import use
from dirisha.tenants.institution import Institution
from dirisha.wire.written import Json, dumped

# A server may give the moment of a request; no header can.
MOMENT = "dirisha.moment"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Visit:
    """`actor` is the client user, or a visitor at the login."""

    request: HttpRequest
    institution: Institution
    actor: Actor
    at: datetime

    @property
    def caller(self) -> Caller:
        return Caller(self.actor.device, self.actor.language, self.actor.correlation, self.at)

    def query(self, name: str) -> str | None:
        """The first value of a query parameter; an empty one is none."""
        return self.request.GET.get(name) or None

    def names(self, parameter: str) -> tuple[str, ...]:
        """A comma-separated query parameter, such as `associations` or `fields`."""
        return tuple(name.strip() for name in (self.query(parameter) or "").split(",") if name.strip())

    def whole_number(self, parameter: str) -> int | None:
        """A query parameter from 0 up; raises `ApiError` for anything else."""
        given = self.query(parameter)
        if given is None:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", given):
            raise ApiError(Kind.VALIDATION, _bad_number(parameter, given))
        return int(given)

    def refuse(self, *parameters: str) -> None:
        """Query parameters that the resource does not take: `exclude`, and `template` unless it is false."""
        given = [name for name in parameters if self.query(name) not in (None, "false")]
        if given:
            raise ApiError(Kind.VALIDATION, *(unsupported(name) for name in given))

    def only(self, body: Json, *, optional: tuple[str, ...] = ()) -> Json:
        """The body with the members that `fields` names; `optional` ones might have been there."""
        wanted = self.names("fields")
        unknown = [name for name in wanted if name not in body and name not in optional]
        if unknown:
            raise ApiError(Kind.VALIDATION, *(unsupported(name) for name in unknown))
        return {name: value for name, value in body.items() if not wanted or name in wanted}


def _bad_number(parameter: str, given: str) -> Item:
    shown = given[:100]
    return Item(
        "validation.msg.invalid.integer", "item.integer", "input.bad", parameter, (shown,), {"parameter": parameter}
    )


@dataclass(frozen=True, slots=True)
class Answer:
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Method:
    """What one method of a route does. `serves` names the acts or the questions behind it."""

    handle: Callable[..., Answer]
    serves: tuple[str, ...]
    public: bool = False
    moves_money: bool = False


View = Callable[..., HttpResponse]


def route(**methods: Method) -> View:
    """The view of one address: `route(GET=Method(…), POST=Method(…))`."""

    @csrf_exempt
    def view(request: HttpRequest, **captured: str) -> HttpResponse:
        method = methods.get("GET" if request.method == "HEAD" else request.method or "")

        def handle(visit: Visit) -> Answer:
            if method is None:
                raise ApiError(Kind.METHOD, headers={"Allow": ",".join([*methods, "OPTIONS"])})
            if request.method == "POST" and request.content_type != "application/json":
                raise ApiError(Kind.MEDIA_TYPE)
            return method.handle(visit, **captured)

        return _respond(request, methods, handle, method)

    view.serves = {name: method.serves for name, method in methods.items()}  # type: ignore[attr-defined]
    view.performs = tuple(  # type: ignore[attr-defined]
        dict.fromkeys(name for method in methods.values() for name in method.serves)
    )
    return view


@csrf_exempt
def elsewhere(request: HttpRequest) -> HttpResponse:
    """Addresses that are not served: self-service ones are missing, others belong to staff, who have other doors."""

    def handle(visit: Visit) -> Answer:
        if "/self/" in request.path:
            raise ApiError(Kind.NO_ROUTE)
        raise ApiError(Kind.UNAUTHENTICATED, headers=CHALLENGE)

    return _respond(request, {}, handle, None)


elsewhere.serves = {}  # type: ignore[attr-defined]
elsewhere.performs = ()  # type: ignore[attr-defined]


def _respond(
    request: HttpRequest, methods: Mapping[str, Method], handle: Callable[[Visit], Answer], method: Method | None
) -> HttpResponse:
    if hasattr(request, "session"):
        # No session here: without this, a portal cookie of the same host would be loaded and prolonged.
        del request.session
    if request.method == "OPTIONS":
        return _preflight(request, methods)
    at, institution = moment_of(request), _institution_of(request)
    caller = Caller(_address(request), _wished_language(request, institution), _correlation(request), at)
    actor = None
    public, moves_money = (method.public, method.moves_money) if method else (False, False)
    try:
        if institution is None:
            raise ApiError(Kind.TENANT, headers=CHALLENGE)
        with use(institution):
            actor = _guarded(lambda: _stranger(caller) if public else _person(request, caller))
            with budget(institution.patience.mifos + institution.waits.mifos):
                answer = _guarded(partial(handle, Visit(request, institution, actor, at)))
        status, body, headers = 200, answer.body, dict(answer.headers)
    except ApiError as error:
        language = actor.language if actor else caller.language
        told = Told(language, institution, at, request.path[:200], caller.correlation, moves_money)
        status, body, headers = error.kind.status, body_of(error, told), dict(error.headers)
    if actor is not None and actor.role is Role.CLIENT:
        headers["X-Notification-Refresh"] = "false"  # what apps poll for; notices go by SMS
    return _response(request, body, headers, status=status)


def _stranger(caller: Caller) -> Actor:
    return visitor(Channel.MIFOS, language=caller.language, device=caller.address, correlation=caller.correlation)


def _person(request: HttpRequest, caller: Caller) -> Actor:
    header = request.headers.get("Authorization", "")
    if not header:
        raise ApiError(Kind.UNAUTHENTICATED, headers=CHALLENGE)
    person = recognise(read_basic(header), caller)
    actor = person.as_actor(Channel.MIFOS, device=caller.address, correlation=caller.correlation)
    return actor if person.language else replace(actor, language=caller.language)


R = TypeVar("R")


def _guarded(work: Callable[[], R]) -> R:
    """Whatever happens becomes an answer in the envelope; a fault is logged without what the request held."""
    try:
        return work()
    except ApiError:
        raise
    except RequestDataTooBig:
        raise ApiError(Kind.TOO_LARGE) from None
    except UnreadablePostError:
        raise ApiError(Kind.BODY) from None
    except NotPermitted:
        raise ApiError(Kind.FORBIDDEN) from None
    except (*AWAY, django_errors.OperationalError, django_errors.InterfaceError, FutureTimeoutError):
        # Questions raise it; an act answers with its refusal. So nothing moved, and it is told as the act tells it.
        raise error_of(Refused(TryLater(known=True), "")) from None
    except Exception:
        log.exception("fault at the Mifos door")
        raise ApiError(Kind.FAULT) from None


def _response(request: HttpRequest, body: Json, headers: Mapping[str, str], *, status: int) -> HttpResponse:
    response = HttpResponse(
        dumped(body, pretty=request.GET.get("pretty") == "true"),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **headers},
    )
    _open_to_all_origins(response)
    return response


# --- browsers of other origins ----------------------------------------------------------------------------------------

EXPOSED = "X-Correlation-ID, X-Notification-Refresh, x-served-from-cache, Retry-After"
HEADER_NAMES = re.compile(r"[A-Za-z0-9-]{1,64}(\s*,\s*[A-Za-z0-9-]{1,64}){0,29}")


def _preflight(request: HttpRequest, methods: Mapping[str, Method]) -> HttpResponse:
    """Answered without tenant or credentials, neither of which a browser sends with it."""
    allowed = ", ".join([*methods, "OPTIONS"])
    response = HttpResponse(status=200, headers={"Allow": allowed, "Cache-Control": "no-store"})
    _open_to_all_origins(response)
    response["Access-Control-Allow-Methods"] = allowed
    asked = request.headers.get("Access-Control-Request-Headers", "")
    if HEADER_NAMES.fullmatch(asked.strip()):
        response["Access-Control-Allow-Headers"] = asked.strip()
    response["Access-Control-Max-Age"] = "3600"
    return response


def _open_to_all_origins(response: HttpResponse) -> None:
    """Any page may call, but never with a browser's own credentials: who calls must bring them in the header."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = EXPOSED


# --- what a request says of itself ------------------------------------------------------------------------------------


def _institution_of(request: HttpRequest) -> Institution | None:
    slug = request.headers.get("Fineract-Platform-TenantId", "").strip() or request.GET.get("tenantIdentifier", "")
    found: Institution | None = settings.DIRISHA_REGISTRY.by_slug(slug) if slug else None
    return found


def moment_of(request: HttpRequest) -> datetime:
    """The one reading of the clock: the server's, at the request's beginning."""
    moment: datetime = request.moment  # type: ignore[attr-defined]
    return moment


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _correlation(request: HttpRequest) -> str:
    return str(getattr(request, "correlation", ""))


def _wished_language(request: HttpRequest, institution: Institution | None) -> str:
    """The first language of the header that the institution has; q-values are taken in the order given."""
    if institution is None:
        return "en"
    for part in request.headers.get("Accept-Language", "").split(",")[:20]:
        tag = part.split(";", 1)[0].strip().lower()[:2]
        if tag in institution.languages:
            return tag
    return institution.languages[0]
