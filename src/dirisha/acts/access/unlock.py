"""Unlock a client's PIN and password at the branch, after the person was recognised there."""

from __future__ import annotations

from dirisha.access import permissions
from dirisha.access.secrets import SQL, Subject
from dirisha.core.view import QuestionView
from dirisha.db.transactions import Role
from dirisha.engine.act import Act, Call
from dirisha.kit.actor import Actor
from dirisha.kit.ids import ClientId
from dirisha.kit.refusal import NotFound
from dirisha.messaging.events import AccessUnlocked

unlock: Act[None] = Act(
    "access.unlock",
    permission=permissions.UNLOCK,
    refusals=[NotFound],
    emits=[AccessUnlocked],
    role=Role.BOOKS,
)


@unlock.look
def look(actor: Actor, view: QuestionView, *, client_id: ClientId) -> None:
    view.client(client_id)


@unlock.do
def do(actor: Actor, call: Call, *, client_id: ClientId) -> None:
    row = call.tx.run(SQL["user_of_client"], {"client": client_id}).first()
    if row is None:
        raise NotFound(kind="user")
    person = call.tx.run(SQL["login_and_phones"], {"user_id": row.user_id}).one()
    for subject in (Subject.pin(row.user_id), Subject.password(person.login_name)):
        call.tx.run(SQL["forget_attempts"], {"subject": subject.key})
    call.tell(AccessUnlocked(user=row.user_id))
