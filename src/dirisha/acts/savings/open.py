"""Open a savings account for a client of the office."""

from __future__ import annotations

from dirisha.access import permissions
from dirisha.core.port import AccountRef, ProductUnknown
from dirisha.db.transactions import Role
from dirisha.engine.act import Act, Call
from dirisha.kit.actor import Actor
from dirisha.kit.ids import ClientId
from dirisha.kit.refusal import NotFound

open_savings: Act[AccountRef] = Act(
    "savings.open",
    permission=permissions.OPEN_SAVINGS,
    refusals=[NotFound, ProductUnknown],
    emits=[],
    role=Role.BOOKS,
    branch_work=True,
)


@open_savings.do
def do(actor: Actor, call: Call, *, client_id: ClientId, product: str, name: str) -> AccountRef:
    assert actor.office is not None
    return call.near_core.open_savings(
        call.tx,
        client=client_id,
        office=actor.office,
        product=product,
        name=name,
        on=call.near_core.business_date(call.at),
    )
