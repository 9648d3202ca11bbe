"""Logging in, and who one is then."""

from __future__ import annotations

from dataclasses import replace

from dirisha.access import permissions
from dirisha.access.permissions import permitted
from dirisha.access.secrets import folded
from dirisha.channels.mifos.bodies import Members, read_object
from dirisha.channels.mifos.credentials import Credentials, log_in
from dirisha.channels.mifos.errors import Kind
from dirisha.channels.mifos.refusals import wrong_login
from dirisha.channels.mifos.visit import Answer, Visit
from dirisha.core.port import Client, CoreAway
from dirisha.kit.actor import Actor, Channel
from dirisha.queries import clients
from dirisha.queries.ask import ask
from dirisha.wire.written import Json, present

# The published apps look for this id (online-banking lets nobody else in).
SELF_SERVICE_ROLE = {
    "id": 2,
    "name": "Self Service User",
    "description": "A client who sees and moves what is his or hers",
    "disabled": False,
}

# Fineract's permission codes, by our own permission.
CODES = {
    permissions.SEE_OWN: ("READ_CLIENT", "READ_LOAN", "READ_SAVINGSACCOUNT"),
    permissions.TRANSFER_OWN: ("CREATE_ACCOUNTTRANSFER",),
}


def authenticate(visit: Visit) -> Answer:
    """Members besides name and password are ignored, as the reference does."""
    members = Members(read_object(visit.request), "user")
    name, password = members.text("username", longest=1000), members.text("password", longest=100_000)
    members.finish()
    assert name is not None and password is not None
    credentials = Credentials(name, password)
    if not credentials.are_plausible:
        raise wrong_login(Kind.LOGIN)
    person = log_in(credentials, visit.caller)
    actor = person.as_actor(Channel.MIFOS, device=visit.actor.device, correlation=visit.actor.correlation)
    return Answer(_authenticated(credentials, replace(actor, language=person.language or visit.actor.language), visit))


def _own_clients(actor: Actor, visit: Visit) -> tuple[Client, ...]:
    """None of them while a far core is away: one comes in all the same, and isn't told the office, which it knows."""
    try:
        return ask(clients.mine, actor, at=visit.at)
    except CoreAway:
        return ()


def _authenticated(credentials: Credentials, actor: Actor, visit: Visit) -> Json:
    own = _own_clients(actor, visit)
    return present(
        username=folded(credentials.name),
        userId=actor.user,
        base64EncodedAuthenticationKey=credentials.key,
        authenticated=True,
        officeId=own[0].office if own else None,
        officeName=own[0].office_name if own else None,
        roles=[SELF_SERVICE_ROLE],
        permissions=[code for ours, codes in CODES.items() if permitted(actor, ours) for code in codes],
        clients=[client.id for client in own] or list(actor.clients),
        shouldRenewPassword=False,
        isTwoFactorAuthenticationRequired=False,
    )
