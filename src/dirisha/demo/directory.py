"""Who is in the demo and what they own, for people who try it and for programs: `dirisha cast`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from dirisha.access.people import Person, people_of_phone, person
from dirisha.core.port import AccountRef
from dirisha.demo.cast import Character, Troupe
from dirisha.kit.actor import Channel
from dirisha.queries import summary
from dirisha.queries.ask import ask
from dirisha.tenants.current import current
from dirisha.tenants.institution import Fineract

Belongings = dict[str, list[dict[str, Any]]]  # its savings and its loans

MIFOS = "/fineract-provider/api/v1/self"


def directory(troupe: Troupe, belongings: dict[str, Belongings], *, address: str) -> dict[str, Any]:
    """The current institution and its cast by key, as plain values."""
    entries = {who.key: _client(who, address) | belongings[who.key] for who in troupe.clients}
    return {"tenant": _institution(address), **entries, troupe.staff.key: _login(troupe.staff, address)}


def belongings_of(troupe: Troupe, *, at: datetime) -> dict[str, Belongings]:
    """What each of the cast owns, by key, in the books of the current institution."""
    return {who.key: _belongings(who, at) for who in troupe.clients}


def found(who: Character) -> Person:
    """The character as a user of the current institution."""
    user = next(each.user for each in people_of_phone(who.msisdn) if each.label == who.label)
    someone = person(user)
    assert someone is not None
    return someone


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
        **({"core": _core(institution.fineract)} if institution.fineract else {}),
    }


def _core(fineract: Fineract) -> dict[str, str]:
    """Where the core is, and where its stand-in is slowed, broken and healed."""
    return {"url": fineract.url, "control": urljoin(fineract.url, "/control")}


def _login(who: Character, address: str) -> dict[str, Any]:
    return {
        "who": who.who,
        "name": who.name,
        "user_name": who.login,
        "password": who.password,
        "tenant": current().slug,
        "address": address,
    }


def _client(who: Character, address: str) -> dict[str, Any]:
    someone = found(who)
    return {
        **_login(who, address),
        "pin": who.pin,
        "phone": who.msisdn,
        "label": who.label,
        "language": who.language,
        "user_id": someone.user,
        "client_id": someone.clients[0],
    }


def _belongings(who: Character, at: datetime) -> Belongings:
    owned = ask(summary.mine, found(who).as_actor(Channel.PORTAL, correlation="demo"), at=at)
    return {
        "savings": [_account(each.ref) for each in owned.savings],
        "loans": [_account(each.loan.ref) for each in owned.loans],
    }


def _account(ref: AccountRef) -> dict[str, Any]:
    return {"id": ref.id, "number": ref.number, "name": ref.name}
