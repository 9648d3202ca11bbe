"""Every permission there is, and who has it through which door. Same grammar as acts: `subject.verb`."""

from __future__ import annotations

from dirisha.kit.actor import Actor, Channel, Role
from dirisha.kit.refusal import NotPermitted
from dirisha.kit.scope import Clients, Office, Scope

LOGIN = "access.login"
ENTER_PIN = "access.enter_pin"
LOG_OUT = "access.log_out"
SET_LANGUAGE = "access.set_language"
SWITCH_SMS = "access.switch_sms"
SEND_CODE = "access.send_code"
STOP_SMS = "messaging.stop"
START_SMS = "messaging.start"
SEE_OWN = "account.see"
REPAY = "loan.repay"
TRANSFER_OWN = "transfer.own"
OPEN_CLIENT = "client.open"
ENROL = "access.enrol"
APPOINT = "access.appoint"
UNLOCK = "access.unlock"
OPEN_SAVINGS = "savings.open"
DEPOSIT = "savings.deposit"
DISBURSE = "loan.disburse"
SEE_OFFICES = "office.see"

_OWN_MONEY = frozenset({SEE_OWN, REPAY, TRANSFER_OWN})

_GRANTED: dict[tuple[Role, Channel], frozenset[str]] = {
    (Role.VISITOR, Channel.PORTAL): frozenset({LOGIN}),
    (Role.VISITOR, Channel.MIFOS): frozenset({LOGIN}),
    (Role.VISITOR, Channel.USSD): frozenset({ENTER_PIN, SET_LANGUAGE}),
    (Role.VISITOR, Channel.CONSOLE): frozenset({LOGIN}),
    (Role.VISITOR, Channel.SMS): frozenset({STOP_SMS, START_SMS}),
    (Role.CLIENT, Channel.PORTAL): _OWN_MONEY | {LOG_OUT, SET_LANGUAGE, SWITCH_SMS, SEND_CODE},
    (Role.CLIENT, Channel.MIFOS): _OWN_MONEY,
    (Role.CLIENT, Channel.USSD): _OWN_MONEY | {ENTER_PIN, SET_LANGUAGE, SWITCH_SMS},
    (Role.CLIENT, Channel.SMS): frozenset({SEE_OWN, REPAY, SEND_CODE, STOP_SMS, START_SMS}),
    (Role.STAFF, Channel.CONSOLE): frozenset({OPEN_CLIENT, ENROL, UNLOCK, OPEN_SAVINGS, DEPOSIT, DISBURSE}),
    (Role.OPERATOR, Channel.CONSOLE): frozenset({APPOINT, SEE_OFFICES}),
}


def permitted(actor: Actor, permission: str) -> bool:
    return permission in _GRANTED.get((actor.role, actor.channel), frozenset())


def scope_of(actor: Actor, permission: str) -> Scope:
    """Whose data the actor may touch with this permission; raises `NotPermitted` when it has none of it."""
    if not permitted(actor, permission):
        raise NotPermitted()
    if actor.role is Role.STAFF and actor.office is not None:
        return Office(actor.office)
    return Clients(actor.clients)


def all_permissions() -> frozenset[str]:
    return frozenset().union(*_GRANTED.values())
