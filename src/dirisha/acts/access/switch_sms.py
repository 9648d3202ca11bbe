"""Switch SMS banking on or off for one of one's phones."""

from __future__ import annotations

from dirisha.access import people, permissions
from dirisha.access.people import SmsTaken
from dirisha.engine.act import Act, Call
from dirisha.kit.actor import Actor
from dirisha.kit.refusal import NotFound
from dirisha.messaging.events import SmsSwitched

switch_sms: Act[bool] = Act(
    "access.switch_sms", permission=permissions.SWITCH_SMS, refusals=[NotFound, SmsTaken], emits=[SmsSwitched]
)


@switch_sms.do
def do(actor: Actor, call: Call, *, link_id: int, on: bool) -> bool:
    """`link_id` is the phone's link as the settings list it."""
    assert actor.user is not None
    if people.switch_sms(call.tx, actor.user, link_id, on=on) is None:
        raise NotFound(kind="phone")
    call.tell(SmsSwitched(user=actor.user, on=on))
    return on
