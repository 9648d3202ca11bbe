"""START from a phone: reminders may go to it again. SMS banking stays off until it is switched on with a proof."""

from __future__ import annotations

from dirisha.access import permissions
from dirisha.engine.act import Act, Call
from dirisha.kit.actor import Actor
from dirisha.messaging import outbox

start: Act[bool] = Act("messaging.start", permission=permissions.START_SMS, refusals=[], emits=[])


@start.do
def do(actor: Actor, call: Call) -> bool:
    """True when this changed anything."""
    return outbox.start(call.tx, actor.device)
