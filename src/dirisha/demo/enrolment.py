"""The cast of an institution before a far core: its branch has known these people for a year, and enrols them today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from dirisha.demo.branch import Branch, DemoRefused, appoint_staff, operator
from dirisha.demo.cast import OFFICES, TRADER, Troupe
from dirisha.demo.customer import Customer
from dirisha.demo.directory import found
from dirisha.kit.actor import Channel
from dirisha.kit.ids import ClientId, OfficeId
from dirisha.queries import offices
from dirisha.queries.ask import ask


def clients_of(troupe: Troupe) -> dict[str, ClientId]:
    """The cast's clients by key, in the books of the current institution."""
    return {who.key: found(who).clients[0] for who in troupe.clients}


def enrol_cast(troupe: Troupe, clients: Mapping[str, ClientId], *, at: datetime) -> None:
    """At the current institution, by the real acts, which ask its core for the office and for each client."""
    staff = troupe.staff
    user = appoint_staff(_office(at), login=staff.login, name=staff.name, password=staff.password, at=at)
    branch = Branch.of(user)
    for who in troupe.clients:
        branch.enrol(
            clients[who.key], login=who.login, name=who.name, msisdn=who.msisdn, label=who.label,
            password=who.password, pin=who.pin, language=who.language, at=at,
        )  # fmt: skip
    trader = troupe.character(TRADER.key)
    Customer.of(found(trader).user, Channel.PORTAL, msisdn=trader.msisdn, pin=trader.pin).switch_sms_on(
        at=at + timedelta(seconds=1)
    )


def _office(at: datetime) -> OfficeId:
    for office in ask(offices.listed, operator(), at=at):
        if office.name == OFFICES[0]:
            return office.id
    raise DemoRefused(f"the core has no {OFFICES[0]}")
