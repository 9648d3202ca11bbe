"""The clients that a user acts for."""

from __future__ import annotations

from dirisha.access.permissions import SEE_OWN
from dirisha.core.port import Client
from dirisha.core.view import QuestionView
from dirisha.queries.ask import question


@question("clients.mine", permission=SEE_OWN)
def mine(view: QuestionView) -> tuple[Client, ...]:
    return tuple(view.clients())
