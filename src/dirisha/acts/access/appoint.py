"""Appoint a member of staff at an office: what the operator of the machine does before the first client."""

from __future__ import annotations

from dirisha.access import people, permissions, secrets
from dirisha.access.people import LoginNameTaken
from dirisha.access.secrets import WeakSecret
from dirisha.core.view import QuestionView
from dirisha.db.transactions import Role
from dirisha.engine.act import Act, Call
from dirisha.kit.actor import Actor
from dirisha.kit.actor import Role as ActorRole
from dirisha.kit.ids import OfficeId, UserId
from dirisha.kit.refusal import NotFound

appoint: Act[UserId] = Act(
    "access.appoint",
    permission=permissions.APPOINT,
    refusals=[NotFound, LoginNameTaken, WeakSecret],
    emits=[],
    role=Role.BOOKS,
    secret_inputs=("password",),
)


@appoint.look
def look(actor: Actor, view: QuestionView, *, office_id: OfficeId, **_: object) -> None:
    if all(office.id != office_id for office in view.offices()):
        raise NotFound(kind="office")


@appoint.do
def do(actor: Actor, call: Call, *, office_id: OfficeId, login_name: str, name: str, password: str) -> UserId:
    secrets.check_strength_of_password(password, login_name)
    user = people.open_user(
        call.tx, login_name=login_name, name=name, role=ActorRole.STAFF, office=office_id, language=None, at=call.at
    )
    people.set_secret(call.tx, user, "password", secrets.hash_password(password), call.at)
    return user
