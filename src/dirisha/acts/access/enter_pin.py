"""Show by the PIN that one is the person of this phone."""

from __future__ import annotations

from typing import Any

from dirisha.access import people, permissions
from dirisha.access.people import Person
from dirisha.access.secrets import SQL, SecretKind, Subject
from dirisha.db.transactions import Tx
from dirisha.engine.act import Act, Call, Claimed
from dirisha.kit.actor import Actor
from dirisha.kit.ids import UserId
from dirisha.kit.refusal import NotFound
from dirisha.messaging.events import AccessLocked

enter_pin: Act[Person] = Act(
    "access.enter_pin",
    permission=permissions.ENTER_PIN,
    refusals=[NotFound],
    emits=[AccessLocked],
    secret=SecretKind.PIN,
)


@enter_pin.whose
def whose(tx: Tx, inputs: dict[str, Any]) -> Claimed:
    user = UserId(inputs["user_id"])
    row = tx.run(SQL["secret"], {"user_id": user, "kind": "pin"}).first()
    return Claimed(Subject.pin(user), user if row else None, row.hash if row else None)


@enter_pin.do
def do(actor: Actor, call: Call, *, user_id: UserId) -> Person:
    assert call.proven is not None
    # The link may have ended since the phone's people were shown.
    if all(each.user != user_id for each in people.read_people_of_phone(call.tx, actor.device)):
        raise NotFound(kind="user")
    person = people.read_person(call.tx, call.proven.user)
    if person is None:
        raise NotFound(kind="user")
    return person
