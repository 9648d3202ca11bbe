"""Checking a secret, before the act and in transactions of its own, so that no refusal can roll a counter back.

No slow hash is computed while a lock is held: the row says that a check is under way, and other requests for the same
command are told so.
"""

from __future__ import annotations

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
from dirisha.kit.actor import Actor, Factor
from dirisha.kit.ids import UserId
from dirisha.kit.refusal import Refusal
from dirisha.messaging import outbox
from dirisha.messaging.events import AccessLocked


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
    subject = Subject.pin(actor.user)
    with transaction("prove.count", Role.APP) as tx:
        row = _row_to_prove(tx, command, key, at)
        if row is None:
            return
        try:
            wrong = secrets.count(tx, subject, secret.attempt, at)
        except LockedOut as locked:
            _audit_asked(tx, actor, key.act, locked, command, at)
            tx.end_with(locked)
        stored = tx.run(secrets.SQL["secret"], {"user_id": actor.user, "kind": secret.kind.value}).first()
        tx.run(commands.SQL["mark_checking"], {"id": command, "until": at + commands.CHECK_LIFE})
    right = secrets.is_right(secret.kind, secret.value, actor.user, stored.hash if stored else None)
    refusal = None
    with transaction("prove.settle", Role.APP) as tx:
        tx.run("select pg_advisory_xact_lock(%(lock)s)", {"lock": key.lock})
        if right:
            _keep(tx, command, secret.kind, bytes(row.digest), at)
            secrets.settle(tx, subject, right=True, wrong=wrong, at=at)
        else:
            tx.run(commands.SQL["end_checking"], {"id": command})
            refusal = _settle_wrong(tx, subject, wrong, actor.user, secret.kind, actor, key.act, command, at)
    if refusal is not None:
        raise refusal


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
    """Who somebody is, by a password or PIN; raises `WrongSecret` or `LockedOut`, alike for names that nobody has."""
    assert act.found is not None
    with transaction("prove.count", Role.APP) as tx:
        claimed = act.found(tx, inputs)
        address = Subject.address(f"{actor.channel.value}:{actor.device}")
        try:
            from_address = secrets.count(tx, address, secret.attempt, at)
            wrong = secrets.count(tx, claimed.subject, secret.attempt, at)
        except LockedOut as locked:
            _audit_asked(tx, actor, act.name, locked, None, at)
            tx.end_with(locked)
    right = secrets.is_right(secret.kind, secret.value, claimed.user, claimed.stored)
    refusal = None
    with transaction("prove.settle", Role.APP) as tx:
        if right:
            secrets.settle(tx, claimed.subject, right=True, wrong=wrong, at=at)
            secrets.uncount(tx, address)
        else:
            secrets.settle(tx, address, right=False, wrong=from_address, at=at)
            refusal = _settle_wrong(tx, claimed.subject, wrong, claimed.user, secret.kind, actor, act.name, None, at)
    if refusal is not None:
        raise refusal
    assert claimed.user is not None
    return Proven(claimed.user, Factor(secret.factor, actor.device, at))


def _settle_wrong(
    tx: Tx,
    subject: Subject,
    wrong: int,
    owner: UserId | None,
    kind: SecretKind,
    actor: Actor,
    act: str,
    command: UUID | None,
    at: datetime,
) -> Refusal:
    until = at + subject.guard.lock_for
    locked_now = secrets.settle(tx, subject, right=False, wrong=wrong, at=at)
    left = subject.guard.most - wrong
    refusal: Refusal = WrongSecret(left=left) if left > 0 else LockedOut(until=until)
    if locked_now and owner is not None:
        event = AccessLocked(user=owner, secret=kind.value, until=until)
        outbox.tell(tx, event, at=at, command=None, correlation=actor.correlation)
    _audit_asked(tx, actor, act, refusal, command, at)
    return refusal


def _audit_asked(tx: Tx, actor: Actor, act: str, refusal: Refusal, command: UUID | None, at: datetime) -> None:
    trail.write(tx, actor, act, Audited.ASKED, at=at, code=refusal.code, command=command)
