"""Who may call: users with HTTP Basic, and their permissions by Fineract's codes."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass, field

from dirisha.core.fineract.calls import PERMISSIONS
from dirisha.simulators.fineract.errors import not_authorized
from dirisha.wire.timelines import Hand

ALL_FUNCTIONS = "ALL_FUNCTIONS"


@dataclass(frozen=True, slots=True)
class User:
    """A user of the core; `checks` names the permissions whose commands this user may approve."""

    id: int
    name: str
    password: str = field(repr=False)
    permissions: frozenset[str] = frozenset({ALL_FUNCTIONS})
    checks: frozenset[str] = frozenset()

    @property
    def is_super(self) -> bool:
        return ALL_FUNCTIONS in self.permissions

    @property
    def key(self) -> str:
        return b64encode(f"{self.name}:{self.password}".encode()).decode()

    def must_read(self, entity: str) -> None:
        if not self.is_super and not {f"READ_{entity}", "ALL_FUNCTIONS_READ"} & self.permissions:
            raise not_authorized(f"User has no authority to READ {entity.lower()}s")

    def must_perform(self, permission: str) -> None:
        if not self.is_super and permission not in self.permissions:
            raise not_authorized(f"User has no authority to: {permission}")

    def may_check(self, permission: str) -> bool:
        return self.is_super or permission in self.checks

    def must_check(self, permission: str) -> None:
        if not self.may_check(permission):
            raise not_authorized(f"User has no authority to be a checker for: {permission}")


# Demo passwords: there is no stand-in over the books of an institution that is none of a demo's.
SUPER_USER = User(1, "mifos", "password")


def service_user(password: str) -> User:
    """Who asks for the institution in front: with what our adapter needs, and nothing more."""
    return User(2, "dirisha", password, frozenset(PERMISSIONS))


SERVICE_USER = service_user("a-service-user")
SUPER_HAND = Hand("mifos", "App", "Administrator")


class Users:
    def __init__(self, *users: User) -> None:
        self._by_name = {user.name: user for user in users}

    def by_password(self, name: str, password: str) -> User | None:
        user = self._by_name.get(name)
        given = password.encode("utf-8", "surrogatepass")
        return user if user is not None and hmac.compare_digest(user.password.encode(), given) else None

    def by_header(self, authorization: str) -> User | None:
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, _, password = b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return self.by_password(name, password)
