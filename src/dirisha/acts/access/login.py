"""Log in with a name and a password."""

from __future__ import annotations

from typing import Any

from dirisha.access import people, permissions
from dirisha.access.people import Person
from dirisha.access.secrets import SQL, SecretKind, Subject, folded
from dirisha.db.transactions import Tx
from dirisha.engine.act import Act, Call, Claimed
from dirisha.kit.actor import Actor
from dirisha.kit.ids import UserId
from dirisha.kit.refusal import NotFound
from dirisha.messaging.events import AccessLocked

login: Act[Person] = Act(
    "access.login",
    permission=permissions.LOGIN,
    refusals=[NotFound],
    emits=[AccessLocked],
    secret=SecretKind.PASSWORD,
)


@login.whose
def whose(tx: Tx, inputs: dict[str, Any]) -> Claimed:
    name = folded(inputs["login_name"])
    row = tx.run(SQL["user_by_login"], {"login_name": name}).first()
    return Claimed(Subject.password(name), UserId(row.id) if row else None, row.hash if row else None)


@login.do
def do(actor: Actor, call: Call, *, login_name: str) -> Person:
    assert call.proven is not None
    person = people.read_person(call.tx, call.proven.user)
    if person is None:
        raise NotFound(kind="user")
    return person
