"""Who is logged in: a user's id, the institution, and the moment of the login. Nothing else is kept in a session.

Idle time is Django's (`SESSION_COOKIE_AGE`, renewed by each request); the longest that a session may last is here.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token

from dirisha.access.people import Person, person
from dirisha.kit.actor import Role
from dirisha.kit.ids import UserId
from dirisha.tenants.current import current

LONGEST = timedelta(hours=2)


class Sessions(SessionMiddleware):
    """Renews a session with each answer, but for answers that say that the database is away: it is not asked again.

    A session that can't be renewed takes nothing back of what the answer tells: the payment in it was made.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code >= 500:
            return response
        try:
            return super().process_response(request, response)
        except (OperationalError, InterfaceError):
            return response


def begin(request: HttpRequest, user: UserId, at: datetime) -> None:
    """A new session under a new key, with a new forgery token: what was known before the login is worth nothing."""
    request.session.flush()
    request.session.cycle_key()  # stored now: where the database is away, the login says so
    request.session["user"] = int(user)
    request.session["institution"] = current().slug
    request.session["since"] = int(at.timestamp())
    rotate_token(request)


def end(request: HttpRequest) -> None:
    request.session.flush()
    rotate_token(request)


def person_of(session: SessionBase, at: datetime) -> Person | None:
    """The client logged in, or nobody: no session, another institution's, too old, or of a user that was closed."""
    user, since = session.get("user"), session.get("since")
    if user is None or since is None or session.get("institution") != current().slug:
        return None
    if not timedelta(0) <= at - datetime.fromtimestamp(since, UTC) <= LONGEST:
        return None
    who = person(UserId(user))
    return who if who is not None and who.role is Role.CLIENT else None
