"""Asking a question: permission, scope, one set of facts; of a near core in one read-only transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from dirisha.access.permissions import scope_of
from dirisha.core.port import CoreAway
from dirisha.core.view import QuestionView, core_of, reading
from dirisha.db import transactions
from dirisha.kit.actor import Actor
from dirisha.tenants.current import current

R = TypeVar("R")

# What is raised when the books can't be reached, ours or the far core's.
AWAY = (*transactions.AWAY, CoreAway)

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
    """The answer as of `at`. Raises `NotPermitted`, `NotFound` (not there and not yours alike), and one of `AWAY`."""
    institution = current()
    scope = scope_of(actor, asked.permission)
    core = core_of(institution)
    business_date = core.business_date(at)
    with reading(f"ask {asked.name}", core, scope, channel=actor.channel, institution=institution) as reader:
        view = QuestionView(
            reader,
            institution=institution,
            scope=scope,
            channel=actor.channel,
            business_date=business_date,
            at=at,
        )
        return asked.answer(view, **arguments)
