"""Who is in the demo and what they own, for people who try it and for programs: `dirisha cast`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dirisha.access.people import people_of_phone, person
from dirisha.core.port import AccountRef
from dirisha.demo.cast import Character, Troupe
from dirisha.kit.actor import Channel
from dirisha.queries import summary
from dirisha.queries.ask import ask
from dirisha.tenants.current import current

MIFOS = "/fineract-provider/api/v1/self"


def directory(troupe: Troupe, *, address: str, at: datetime) -> dict[str, Any]:
    """The current institution and its cast by key, as plain values."""
    entries = {who.key: _client(who, address, at) for who in troupe.clients}
    return {"tenant": _institution(address), **entries, troupe.staff.key: _login(troupe.staff, address)}


def _institution(address: str) -> dict[str, Any]:
    institution = current()
    carrier = institution.carrier
    assert carrier is not None
    hooks = f"{address}/hooks/{carrier.hooks[0]}/africastalking"
    return {
        "slug": institution.slug,
        "name": institution.name,
        "address": address,
        "Fineract-Platform-TenantId": institution.slug,
        "mifos_api": address + MIFOS,
        "service_code": carrier.service_code,
        "hooks": {"ussd": f"{hooks}/ussd", "sms": f"{hooks}/sms"},
        "currency": institution.currency_code,
        "database": institution.database,
    }


def _login(who: Character, address: str) -> dict[str, Any]:
    return {
        "who": who.who,
        "name": who.name,
        "user_name": who.login,
        "password": who.password,
        "tenant": current().slug,
        "address": address,
    }


def _client(who: Character, address: str, at: datetime) -> dict[str, Any]:
    user = next(each.user for each in people_of_phone(who.msisdn) if each.label == who.label)
    found = person(user)
    assert found is not None
    owned = ask(summary.mine, found.as_actor(Channel.PORTAL, correlation="demo"), at=at)
    return {
        **_login(who, address),
        "pin": who.pin,
        "phone": who.msisdn,
        "label": who.label,
        "language": who.language,
        "user_id": user,
        "client_id": found.clients[0],
        "savings": [_account(each.ref) for each in owned.savings],
        "loans": [_account(each.loan.ref) for each in owned.loans],
    }


def _account(ref: AccountRef) -> dict[str, Any]:
    return {"id": ref.id, "number": ref.number, "name": ref.name}
