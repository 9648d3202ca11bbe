"""Passwords and PINs: how they are kept, counted and checked.

A check has three steps, and the caller owns the transactions around them: `count` (committed, so that no refusal can
roll a counter back), `is_right` (the slow hash, with no lock held and no transaction open), `settle`.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from dirisha.access.keys import keyed_hash, peppered
from dirisha.db.statements import Statements
from dirisha.db.transactions import Tx
from dirisha.kit.actor import FactorKind
from dirisha.kit.refusal import Asking, Final

SQL = Statements.beside(__file__, "sql/access.sql")

# A password is guarded by its hash: 19 MiB, 2 passes (OWASP's floor for argon2id). A PIN has ten thousand values and
# is guarded by lock-out and the pepper; its hash only has to be slow enough to notice.
_PASSWORDS = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_PINS = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1, type=Type.ID)

# Checks are the whole cost of a step that has one: bounded, so that steps without one never wait for a processor.
_CHECKS = threading.BoundedSemaphore(max(1, os.cpu_count() or 1))


class SecretKind(StrEnum):
    PASSWORD = "password"
    PIN = "pin"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Secret:
    """What a person typed. `attempt` is the id of the turn or request that brought it: counted once an id."""

    kind: SecretKind
    value: str = field(repr=False)
    attempt: str = ""

    @property
    def factor(self) -> FactorKind:
        return FactorKind(self.kind.value)


@dataclass(frozen=True, slots=True)
class Guard:
    """After `most` wrong in a row, counted from the first one for `window`, the subject is locked for `lock_for`."""

    most: int
    lock_for: timedelta
    window: timedelta = timedelta(hours=24)


GUARDS = {
    SecretKind.PASSWORD: Guard(5, timedelta(minutes=30)),
    SecretKind.PIN: Guard(3, timedelta(minutes=30)),
}
# By network address, over all names tried from it: high, since a village may share one.
ADDRESS_GUARD = Guard(60, timedelta(minutes=15), window=timedelta(hours=1))


class WrongSecret(Asking):
    """The password or PIN is not right; which of name and secret was wrong is not said. Facts: `left`."""

    code = "access.wrong_secret"


class LockedOut(Asking):
    """Too many wrong attempts. Facts: `until` (a moment), `kind`. Staff may unlock earlier."""

    code = "access.locked_out"


class WeakSecret(Final):
    """The new password or PIN is too easy to guess. Facts: `rule`."""

    code = "access.weak_secret"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom attempts are counted for: a keyed hash, so that the table tells no names."""

    key: bytes
    guard: Guard

    @classmethod
    def password(cls, login_name: str) -> Subject:
        return cls(keyed_hash("attempt:password", folded(login_name)), GUARDS[SecretKind.PASSWORD])

    @classmethod
    def pin(cls, user: int) -> Subject:
        return cls(keyed_hash("attempt:pin", str(user)), GUARDS[SecretKind.PIN])

    @classmethod
    def address(cls, address: str) -> Subject:
        return cls(keyed_hash("attempt:address", address), ADDRESS_GUARD)


def folded(login_name: str) -> str:
    """A login name as it is stored and compared."""
    return login_name.strip().casefold()[:100]


@dataclass(frozen=True, slots=True)
class Counted:
    """One counted attempt. `wrong` counts it and those before it that were wrong, or are not yet known to be right.

    `locked_until` is set where its secret must not be looked at; `locks` where this very attempt was one too many.
    """

    wrong: int
    locked_until: datetime | None
    locks: bool


def count(tx: Tx, subject: Subject, attempt: str, at: datetime) -> Counted:
    guard = subject.guard
    row = tx.run(
        SQL["count_attempt"],
        {
            "subject": subject.key,
            "attempt": attempt,
            "at": at,
            "most": guard.most,
            "until": at + guard.lock_for,
            "expires_at": at + guard.window,
        },
    ).one()
    return Counted(int(row.wrong), row.locked_until, row.wrong == guard.most + 1)


def hash_password(password: str) -> str:
    with _CHECKS:
        return _PASSWORDS.hash(password)


def hash_pin(pin: str, user: int) -> str:
    with _CHECKS:
        return _PINS.hash(peppered(pin, user))


def is_right(kind: SecretKind, value: str, user: int | None, stored: str | None) -> bool:
    """Compare slowly. An unknown user costs the same: the value is compared with a hash that nothing matches."""
    hasher = _PASSWORDS if kind is SecretKind.PASSWORD else _PINS
    given = value if kind is SecretKind.PASSWORD else peppered(value, user or 0)
    with _CHECKS:
        try:
            return hasher.verify(stored or _nothing(kind), given) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def settle(tx: Tx, subject: Subject, *, right: bool, wrong: int, at: datetime) -> bool:
    """Record the outcome of a counted attempt. True when this one locked the subject: its owner is to be told."""
    if right:
        tx.run(SQL["clear_attempts"], {"subject": subject.key})
        return False
    if wrong < subject.guard.most:
        return False
    until = at + subject.guard.lock_for
    locked = tx.run(SQL["lock_subject"], {"subject": subject.key, "until": until, "most": subject.guard.most})
    return locked.first() is not None


def uncount(tx: Tx, subject: Subject) -> None:
    """Take back one counted attempt that was right, and no more: right ones must not wash out others' wrong ones."""
    tx.run(SQL["uncount_attempt"], {"subject": subject.key})


_nothings: dict[SecretKind, str] = {}


def _nothing(kind: SecretKind) -> str:
    if kind not in _nothings:
        hasher = _PASSWORDS if kind is SecretKind.PASSWORD else _PINS
        _nothings[kind] = hasher.hash(os.urandom(16).hex())
    return _nothings[kind]


def check_strength_of_pin(pin: str, msisdn: str | None) -> None:
    """Four to six digits; no single repeated digit, no run up or down, not the end of the phone number."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 6):
        raise WeakSecret(rule="digits")
    steps = {int(b) - int(a) for a, b in pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        raise WeakSecret(rule="sequence")
    if msisdn and msisdn.endswith(pin):
        raise WeakSecret(rule="phone")


def check_strength_of_password(password: str, login_name: str) -> None:
    """Eight characters or more, any of them; not the login name, not one of a kind that everybody tries first."""
    if not 8 <= len(password) <= 128:
        raise WeakSecret(rule="length")
    if (
        folded(password) == folded(login_name)
        or len(set(password)) < 4
        or folded(password).startswith(("password", "12345678"))
    ):
        raise WeakSecret(rule="common")
