"""The institution's offices."""

from __future__ import annotations

from dirisha.access.permissions import SEE_OFFICES
from dirisha.core.port import Office
from dirisha.core.view import QuestionView
from dirisha.queries.ask import question


@question("offices.listed", permission=SEE_OFFICES)
def listed(view: QuestionView) -> tuple[Office, ...]:
    return tuple(view.offices())
