"""Who calls: HTTP Basic on every request but the login's.

Lock-out comes before hashing, in `access`: a locked name or address costs no hash, and an unknown name the same as a
known one. What the door adds is only that a right password is not hashed again for a few minutes.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime

from dirisha.access.people import Person, StandingLogin, standing_login, visitor
from dirisha.access.secrets import Secret, SecretKind, folded
from dirisha.acts.access.login import login
from dirisha.channels.mifos import remembered as memory
from dirisha.channels.mifos.errors import Kind
from dirisha.channels.mifos.refusals import of_login, wrong_login
from dirisha.engine.outcome import Outcome, Refused
from dirisha.engine.run import run
from dirisha.kit.actor import Channel, Role
from dirisha.kit.ids import time_ordered_id

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Dirisha", charset="UTF-8"'}
LONGEST_NAME = 100
LONGEST_PASSWORD = 1000


@dataclass(frozen=True, slots=True)
class Credentials:
    name: str
    password: str = field(repr=False)

    @property
    def key(self) -> str:
        """What goes behind `Basic `; the apps also make it themselves."""
        return base64.b64encode(f"{self.name}:{self.password}".encode()).decode()

    @property
    def are_plausible(self) -> bool:
        """Nothing that no password or name can be is looked up, counted or hashed."""
        return (
            0 < len(self.name.strip()) <= LONGEST_NAME
            and 0 < len(self.password) <= LONGEST_PASSWORD
            and "\0" not in self.name + self.password
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """From where, in which language, under which reference."""

    address: str
    language: str
    correlation: str
    at: datetime


def read_basic(header: str) -> Credentials:
    """Raises `ApiError` for anything but `Basic` with a name and a password."""
    scheme, _, encoded = header.partition(" ")
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise wrong_login(Kind.UNAUTHENTICATED, CHALLENGE) from None
    found = Credentials(name, password)
    if scheme.lower() != "basic" or not colon or not found.are_plausible:
        raise wrong_login(Kind.UNAUTHENTICATED, CHALLENGE)
    return found


def recognise(credentials: Credentials, caller: Caller) -> Person:
    """The client user whose credentials these are, by memory where the same were right a short while ago.

    One statement each time finds the stored hash: after a change of password the next call is asked for the new one.
    """
    standing = standing_login(credentials.name)
    if (
        standing is not None
        and _is_client(standing.person)
        and memory.remembered.has(_memory_key(credentials, standing))
    ):
        return standing.person
    outcome = _prove(credentials, standing, caller)
    if isinstance(outcome, Refused):
        raise of_login(outcome, Kind.UNAUTHENTICATED, CHALLENGE)
    if not _is_client(outcome.result):
        raise wrong_login(Kind.UNAUTHENTICATED, CHALLENGE)
    return outcome.result


def log_in(credentials: Credentials, caller: Caller) -> Person:
    """As `recognise`, but always checked and counted: what a person asks for by logging in."""
    outcome = _prove(credentials, standing_login(credentials.name), caller)
    if isinstance(outcome, Refused):
        raise of_login(outcome, Kind.LOGIN)
    if not _is_client(outcome.result):
        raise wrong_login(Kind.LOGIN)
    return outcome.result


def _prove(credentials: Credentials, standing: StandingLogin | None, caller: Caller) -> Outcome[Person]:
    def check() -> Outcome[Person]:
        # An id of our own: under one that the caller chose (X-Correlation-ID), many guesses would count as one.
        attempt = str(time_ordered_id(caller.at))
        stranger = visitor(
            Channel.MIFOS, language=caller.language, device=caller.address, correlation=caller.correlation
        )
        secret = Secret(SecretKind.PASSWORD, credentials.password, attempt)
        return run(login, stranger, at=caller.at, secret=secret, login_name=credentials.name)

    return memory.remembered.check(_memory_key(credentials, standing), check)


def _memory_key(credentials: Credentials, standing: StandingLogin | None) -> bytes:
    stored = "" if standing is None else standing.password_hash
    return memory.key_of(folded(credentials.name), credentials.password, stored)


def _is_client(person: Person) -> bool:
    """Staff have doors of their own: here their right password is as good as a wrong one."""
    return person.role is Role.CLIENT
