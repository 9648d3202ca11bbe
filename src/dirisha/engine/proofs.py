"""Checking a secret, before the act and in transactions of its own, so that no refusal can roll a counter back.

No slow hash is computed while a lock is held: the row says that a check is under way, and other requests for the same
command are told so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dirisha.access import codes, secrets
from dirisha.access.codes import WrongCode
from dirisha.access.secrets import LockedOut, Secret, SecretKind, Subject, WrongSecret
from dirisha.audit import trail
from dirisha.audit.events import Outcome as Audited
from dirisha.db.transactions import Role, Tx, transaction
from dirisha.engine import commands
from dirisha.engine.act import Act, Proven
from dirisha.engine.commands import Key
from dirisha.engine.refusals import InProgress
from dirisha.kit.actor import Actor, Channel, Factor
from dirisha.kit.ids import UserId
from dirisha.kit.refusal import Refusal
from dirisha.messaging import outbox
from dirisha.messaging.events import AccessLocked

# Elsewhere the carrier says who is there, and a person's own count is all that can be tried.
CLAIMED_BY_NAME = frozenset({Channel.PORTAL, Channel.MIFOS, Channel.CONSOLE})


def prove_command(command: UUID, key: Key, actor: Actor, secret: Secret, at: datetime) -> None:
    """Write a right secret's proof onto the command, once; raises the refusal of a wrong one.

    Nothing is checked, and nothing counted, when the command is finished or has its proof already.
    """
    if secret.kind is SecretKind.CODE:
        _prove_by_code(command, key, actor, secret, at)
    else:
        _prove_by_slow_hash(command, key, actor, secret, at)


def _prove_by_code(command: UUID, key: Key, actor: Actor, secret: Secret, at: datetime) -> None:
    refusal: Refusal | None = None
    with transaction("prove.code", Role.APP) as tx:
        row = _row_to_prove(tx, command, key, at)
        if row is None:
            return
        tried = codes.try_code(tx, command, bytes(row.digest), secret.value, at)
        if tried.right:
            _keep(tx, command, secret.kind, bytes(row.digest), at)
        else:
            refusal = WrongCode(left=tried.left)
            _audit_asked(tx, actor, key.act, refusal, command, at)
    if refusal is not None:
        raise refusal


def _prove_by_slow_hash(command: UUID, key: Key, actor: Actor, secret: Secret, at: datetime) -> None:
    assert actor.user is not None
    attempt = _Attempt(actor, key.act, secret, command, at)
    with transaction("prove.count", Role.APP) as tx:
        row = _row_to_prove(tx, command, key, at)
        if row is None:
            return
        wrong = attempt.count(tx, Subject.pin(actor.user), actor.user)
        stored = tx.run(secrets.SQL["secret"], {"user_id": actor.user, "kind": secret.kind.value})
        tx.run(commands.SQL["mark_checking"], {"id": command, "until": at + commands.CHECK_LIFE})
    hashed = stored.first()
    right = secrets.is_right(secret.kind, secret.value, actor.user, hashed.hash if hashed else None)
    refusal: Refusal | None = None
    with transaction("prove.settle", Role.APP) as tx:
        tx.run("select pg_advisory_xact_lock(%(lock)s)", {"lock": key.lock})
        if right:
            _keep(tx, command, secret.kind, bytes(row.digest), at)
        else:
            tx.run(commands.SQL["end_checking"], {"id": command})
        refusal = attempt.settle(tx, Subject.pin(actor.user), actor.user, right=right, wrong=wrong)
    if refusal is not None:
        raise refusal


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try of somebody's secret: counted before it is looked at, settled after."""

    actor: Actor
    act: str
    secret: Secret
    command: UUID | None
    at: datetime

    def count(self, tx: Tx, subject: Subject, owner: UserId | None) -> int:
        """How many are wrong with it; ends the transaction with `LockedOut` where the secret must not be looked at."""
        counted = secrets.count(tx, subject, self.secret.attempt, self.at)
        if counted.locked_until is not None:
            if counted.locks:
                self._tell(tx, owner, counted.locked_until)
            refusal = LockedOut(until=counted.locked_until)
            _audit_asked(tx, self.actor, self.act, refusal, self.command, self.at)
            tx.end_with(refusal)
        return counted.wrong

    def settle(self, tx: Tx, subject: Subject, owner: UserId | None, *, right: bool, wrong: int) -> Refusal | None:
        """What a wrong one is refused with; None for a right one."""
        locked_now = secrets.settle(tx, subject, right=right, wrong=wrong, at=self.at)
        if right:
            return None
        until, left = self.at + subject.guard.lock_for, subject.guard.most - wrong
        if locked_now:
            self._tell(tx, owner, until)
        refusal: Refusal = WrongSecret(left=left) if left > 0 else LockedOut(until=until)
        _audit_asked(tx, self.actor, self.act, refusal, self.command, self.at)
        return refusal

    def _tell(self, tx: Tx, owner: UserId | None, until: datetime) -> None:
        if owner is not None:
            event = AccessLocked(user=owner, secret=self.secret.kind.value, until=until)
            outbox.tell(tx, event, at=self.at, command=None, correlation=self.actor.correlation)


def _row_to_prove(tx: Tx, command: UUID, key: Key, at: datetime) -> Any | None:
    """The command's row, under its try-lock; None when there is nothing to prove. Raises `InProgress`."""
    claimed, read = commands.claim(tx, key), commands.read(tx, key)
    if claimed.one().claim != "mine":
        raise InProgress()
    row = read.first()
    if row is None or row.state != "open" or row.expires_at <= at:
        return None
    if row.proof_until is not None and row.proof_until > at and row.proof_digest == row.digest:
        return None
    if row.checking_until is not None and row.checking_until > at:
        raise InProgress()
    return row


def _keep(tx: Tx, command: UUID, kind: SecretKind, digest: bytes, at: datetime) -> None:
    tx.run(
        commands.SQL["keep_proof"],
        {"id": command, "kind": kind.value, "digest": digest, "until": at + commands.PROOF_LIFE},
    )


def prove_person(act: Act[Any], actor: Actor, secret: Secret, inputs: dict[str, Any], at: datetime) -> Proven:
    """Who somebody is, by a password or PIN; raises `WrongSecret` or `LockedOut`, alike for names that nobody has.

    Where names are claimed, an address has its own count over all of them. Address before person, in both
    transactions: two orders would wait for each other in a ring.
    """
    assert act.found is not None
    attempt = _Attempt(actor, act.name, secret, None, at)
    address = Subject.address(f"{actor.channel.value}:{actor.device}") if actor.channel in CLAIMED_BY_NAME else None
    with transaction("prove.count", Role.APP) as tx:
        claimed = act.found(tx, inputs)
        from_address = attempt.count(tx, address, None) if address else 0
        wrong = attempt.count(tx, claimed.subject, claimed.user)
    right = secrets.is_right(secret.kind, secret.value, claimed.user, claimed.stored)
    with transaction("prove.settle", Role.APP) as tx:
        if address and right:
            secrets.uncount(tx, address)
        elif address:
            secrets.settle(tx, address, right=False, wrong=from_address, at=at)
        refusal = attempt.settle(tx, claimed.subject, claimed.user, right=right, wrong=wrong)
    if refusal is not None:
        raise refusal
    assert claimed.user is not None
    return Proven(claimed.user, Factor(secret.factor, actor.device, at))


def _audit_asked(tx: Tx, actor: Actor, act: str, refusal: Refusal, command: UUID | None, at: datetime) -> None:
    trail.write(tx, actor, act, Audited.ASKED, at=at, code=refusal.code, command=command)
