"""What the house needs from a gateway, in the house's words. An institution's TOML names its gateway's class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import ClassVar, Protocol, cast
from uuid import UUID

from dirisha.kit.phone import Msisdn
from dirisha.tenants.dotted import named_by
from dirisha.tenants.institution import Carrier as CarrierSettings
from dirisha.tenants.institution import Institution
from dirisha.tenants.registry import Registry

# --- SMS --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The gateway took the message, under its own id."""

    carrier_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The gateway will never take this message: no such number, a barred one."""

    reason: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not taken, and perhaps later: the gateway was not reached, is busy, or wants its account put in order."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The gateway was given the message and did not say what became of it. Sent again, it might arrive twice."""

    reason: str


Sent = HandedOver | Rejected | Deferred | Unknown


class NotInbound(ValueError):
    """What came to the hook is not what the gateway sends there."""


@dataclass(frozen=True, slots=True)
class InboundSms:
    """A message from a phone. `id` is the gateway's: the same for each delivery of one message."""

    id: str
    sender: Msisdn
    text: str = field(repr=False)


class SmsCarrier(Protocol):
    def send(self, to: str, text: str, reference: UUID) -> Sent:
        """Hand over one message; `reference` is ours and the same for every try. Takes at most `LONGEST_SEND_S`."""
        ...

    def read_inbound(self, form: Mapping[str, str]) -> InboundSms:
        """Raises `NotInbound`."""
        ...


# No lease may be shorter than this: a message whose fate is still open must not be anybody else's.
LONGEST_SEND_S = 30


# --- USSD -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UssdTurn:
    """One request of a session. `typed` is all that was typed in it so far, joined by `*`: what was dialled behind the
    service code first, and the PIN among it, so it is never logged and never stored."""

    session: str
    msisdn: Msisdn
    typed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Screen:
    """What the phone shows; `ends` closes the session, otherwise an answer is waited for."""

    text: str = field(repr=False)
    ends: bool


@dataclass(frozen=True, slots=True)
class UssdEnded:
    """The gateway's word that a session is over. `hops` and `lasted_ms` are its figures, None where it gave none."""

    session: str
    status: str
    hops: int | None
    lasted_ms: int | None


class NotUssd(ValueError):
    """What came to the hook is not what the gateway sends there."""


class UssdGateway(Protocol):
    def read_turn(self, form: Mapping[str, str]) -> UssdTurn:
        """Raises `NotUssd`."""
        ...

    def read_ended(self, form: Mapping[str, str]) -> UssdEnded:
        """Raises `NotUssd`."""
        ...

    def written(self, screen: Screen) -> tuple[str, str]:
        """The answer's body and its content type."""
        ...


# --- which one --------------------------------------------------------------------------------------------------------


class Carrier(SmsCarrier, UssdGateway, Protocol):
    """A gateway. `name` is the part of its hooks' addresses behind the secret."""

    name: ClassVar[str]


def carrier_of(institution: Institution) -> Carrier | None:
    """The gateway that the institution's TOML names by dotted path; None where it has none."""
    return None if institution.carrier is None else _carrier(institution.carrier)


@lru_cache(maxsize=256)
def _carrier(settings: CarrierSettings) -> Carrier:
    make = cast("Callable[[CarrierSettings], Carrier]", named_by(settings.driver))
    return make(settings)


# --- whose hook -------------------------------------------------------------------------------------------------------


def at_hook(registry: Registry, *, secret: str, gateway: str, address: str) -> tuple[Institution, Carrier] | None:
    """Whose hook was called. None alike for a wrong secret, another gateway, and an address it doesn't send from."""
    institution = registry.by_hook(secret)
    if institution is None or institution.carrier is None:
        return None
    carrier = _carrier(institution.carrier)
    is_let_in = carrier.name == gateway and _is_within(address, institution.carrier.allowed_from)
    return (institution, carrier) if is_let_in else None


def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        return any(ip_address(address) in ip_network(network) for network in networks)
    except ValueError:
        return False
