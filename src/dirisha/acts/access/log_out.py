"""Leave: the door ends its session; what remains is that it happened."""

from __future__ import annotations

from dirisha.access import permissions
from dirisha.engine.act import Act, Call
from dirisha.kit.actor import Actor

log_out: Act[None] = Act("access.log_out", permission=permissions.LOG_OUT, refusals=[], emits=[])


@log_out.do
def do(actor: Actor, call: Call) -> None:
    return None
