"""Take on a new client at the office."""

from __future__ import annotations

from dirisha.access import permissions
from dirisha.db.transactions import Role
from dirisha.engine.act import Act, Call
from dirisha.kit.actor import Actor
from dirisha.kit.ids import ClientId
from dirisha.kit.phone import NotAPhone, parse_msisdn
from dirisha.kit.refusal import BadInput
from dirisha.limits import payers

open_client: Act[ClientId] = Act(
    "clients.open",
    permission=permissions.OPEN_CLIENT,
    refusals=[],
    emits=[],
    role=Role.BOOKS,
    branch_work=True,
)


@open_client.do
def do(actor: Actor, call: Call, *, first_name: str, last_name: str, msisdn: str | None = None) -> ClientId:
    """`msisdn` is the contact on file, in any form that can be dialled."""
    assert actor.office is not None
    client = call.near_core.open_client(
        call.tx,
        office=actor.office,
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        msisdn=_contact(msisdn, call),
        on=call.near_core.business_date(call.at),
    )
    payers.add_payer(call.tx, client)
    return client


def _contact(msisdn: str | None, call: Call) -> str | None:
    if msisdn is None:
        return None
    try:
        return parse_msisdn(msisdn, call.institution.country)
    except NotAPhone:
        raise BadInput(field="msisdn", reason="not_a_phone") from None
