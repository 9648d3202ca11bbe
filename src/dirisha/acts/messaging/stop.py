"""STOP from a phone: no SMS banking and no reminders to it. Notices of money moved, and codes, still go out."""

from __future__ import annotations

from dirisha.access import people, permissions
from dirisha.engine.act import Act, Call
from dirisha.kit.actor import Actor
from dirisha.messaging import outbox

stop: Act[bool] = Act("messaging.stop", permission=permissions.STOP_SMS, refusals=[], emits=[])


@stop.do
def do(actor: Actor, call: Call) -> bool:
    """True when this changed anything."""
    switched_off = people.switch_sms_off(call.tx, actor.device)
    return outbox.stop(call.tx, actor.device, call.at) or bool(switched_off)
