"""Asking a question: permission, scope, one read-only transaction under the viewer's role, one set of facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from dirisha.access.permissions import scope_of
from dirisha.core.view import QuestionView, core_of
from dirisha.db.transactions import Role, transaction
from dirisha.kit.actor import Actor
from dirisha.tenants.current import current

R = TypeVar("R")

QUESTIONS: dict[str, Question[Any]] = {}


@dataclass(frozen=True, slots=True)
class Question(Generic[R]):
    """A question with its name and the permission that it needs; called by `ask`."""

    name: str
    permission: str
    answer: Callable[..., R]


def question(name: str, *, permission: str) -> Callable[[Callable[..., R]], Question[R]]:
    """Declare `(view, **arguments) -> answer` as a question."""

    def declare(answer: Callable[..., R]) -> Question[R]:
        declared = Question(name, permission, answer)
        QUESTIONS[name] = declared
        return declared

    return declare


def ask(asked: Question[R], actor: Actor, *, at: datetime, **arguments: Any) -> R:
    """The answer as of `at`. Raises `NotPermitted`, `NotFound` (not there and not yours alike), `psycopg.Error`."""
    institution = current()
    scope = scope_of(actor, asked.permission)
    with transaction(f"ask {asked.name}", Role.APP) as tx:
        tx.become_viewer(scope)
        view = QuestionView(core_of(institution), tx, scope, institution=institution, channel=actor.channel, at=at)
        return asked.answer(view, **arguments)
