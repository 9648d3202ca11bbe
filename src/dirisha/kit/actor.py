"""Who acts, through which door, and what they have proven so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from dirisha.kit.ids import ClientId, OfficeId, UserId


class Channel(StrEnum):
    PORTAL = "portal"
    MIFOS = "mifos"
    USSD = "ussd"
    SMS = "sms"
    CONSOLE = "console"  # `dirisha staff …`: a branch at its own machine


class Role(StrEnum):
    VISITOR = "visitor"  # nobody yet: may only try to become somebody
    CLIENT = "client"
    STAFF = "staff"
    OPERATOR = "operator"  # who runs the machine: appoints the first staff, sees no account


class FactorKind(StrEnum):
    PASSWORD = "password"
    PIN = "pin"
    PRESSED = "pressed"  # a key pressed on the confirm page
    CODE = "code"  # a one-time code, bound to quoted terms


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing proven: what, on which device (an MSISDN, a session), and when."""

    kind: FactorKind
    device: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at a door. `clients` are those whose data and money the person may see and move."""

    tenant: str
    channel: Channel
    role: Role
    user: UserId | None = None
    clients: tuple[ClientId, ...] = ()
    office: OfficeId | None = None
    factors: frozenset[Factor] = frozenset()
    language: str = "en"
    device: str = ""
    correlation: str = ""

    @property
    def name(self) -> str:
        """Stable words for keys and audit: `user:12`, `visitor`, `operator`."""
        return f"user:{self.user}" if self.user is not None else self.role.value

    def proven(self, factor: Factor) -> Actor:
        return replace(self, factors=self.factors | {factor})

    def has_proven(self, kind: FactorKind, *, since: datetime | None = None) -> bool:
        return any(f.kind is kind and (since is None or f.at >= since) for f in self.factors)

    def has_fresh(self, kind: FactorKind, *, at: datetime, within: timedelta) -> bool:
        return self.has_proven(kind, since=at - within)
