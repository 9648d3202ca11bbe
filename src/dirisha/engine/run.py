"""Performing acts: `quote`, `confirm`, `run`. The order of an act's steps is the order of the functions below.

A money act is one transaction in two round trips: claim, locks and facts travel together; then plan, limits and policy
are decided in Python; then movements, limit use, audit, notices and result travel with the commit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, overload
from uuid import UUID

import orjson

from dirisha.access.permissions import scope_of
from dirisha.access.secrets import Secret
from dirisha.audit import trail
from dirisha.audit.events import Outcome as Audited
from dirisha.core.port import Posting, Receipt
from dirisha.core.view import Books, CoreView, QuestionView, core_of
from dirisha.db.transactions import AWAY, OutcomeUnknown, Role, Tx, transaction
from dirisha.engine import commands
from dirisha.engine.act import ACTS, Act, Call, Declared, MoneyAct, Proven
from dirisha.engine.commands import Finished, Key
from dirisha.engine.inputs import as_json, checked, hashed
from dirisha.engine.outcome import Done, Outcome, Quote, Refused
from dirisha.engine.plan import Plan, Quoted
from dirisha.engine.policy import Need, needed
from dirisha.engine.proofs import prove_command, prove_person
from dirisha.engine.refusals import InProgress, KeyConflict, PlanChanged, ProofNeeded, QuoteExpired, TryLater
from dirisha.kit.actor import Actor
from dirisha.kit.ids import CommandId, JournalId, reference_for, time_ordered_id
from dirisha.kit.packed import unpack
from dirisha.kit.refusal import NotFound, Refusal
from dirisha.kit.scope import Scope
from dirisha.limits import payers, rules
from dirisha.messaging import outbox
from dirisha.messaging.events import Event
from dirisha.tenants.current import current
from dirisha.tenants.institution import Institution

P = TypeVar("P", bound=Plan)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Pressed:
    """The proof of a key or button pressed on a page that showed the terms."""


Proof = Secret | Pressed


# --- quote ------------------------------------------------------------------------------------------------------------


def quote(act: MoneyAct[P], actor: Actor, *, at: datetime, **inputs: Any) -> Quote | Refused:
    """Plan without a lock and store what the person is to be shown. Nothing moves."""
    outcome: Quote | Refused = _guarded(act, actor, at, lambda: _quote(act, actor, at, inputs))
    return outcome


def _quote(act: MoneyAct[P], actor: Actor, at: datetime, inputs: dict[str, Any]) -> Quote:
    institution = _institution_of(actor)
    inputs = checked(act, inputs, institution)
    scope = scope_of(actor, act.permission)
    core = core_of(institution)
    with transaction("engine.quote", Role.BOOKS) as tx:
        tx.become_viewer(scope)
        view = QuestionView(core, tx, scope, institution=institution, channel=actor.channel, at=at)
        plan = act.planned(actor, view, **inputs)
        tx.become(Role.BOOKS)
        _check_limits(tx, institution, actor, plan, view)
        return _store_quote(tx, act, actor, plan, inputs, institution, at)


def _store_quote(
    tx: Tx, act: MoneyAct[P], actor: Actor, plan: P, inputs: dict[str, Any], institution: Institution, at: datetime
) -> Quote:
    need = needed(institution, actor, plan.quoted, at)
    quote_id = time_ordered_id(at)
    expires_at = commands.open_quote(
        tx,
        quote_id,
        _quote_key(act, actor, quote_id),
        actor,
        inputs=as_json(act, inputs) or "",
        inputs_hash=hashed(act, inputs),
        quoted=plan.quoted,
        digest=_digest(act, actor, plan.quoted),
        at=at,
    )
    return Quote(quote_id, act.name, plan.quoted, plan.balance_after, need, expires_at)


def latest_quote(actor: Actor, *, at: datetime) -> UUID | None:
    """The newest quote that the actor has open on its channel: what a bare code in a text message is for."""
    with transaction("engine.latest_quote", Role.APP) as tx:
        row = tx.run(
            commands.SQL["latest_open"], {"actor": actor.name, "channel": actor.channel.value, "at": at}
        ).first()
    return None if row is None else UUID(str(row.id))


def quoted_terms(quote_id: UUID, actor: Actor) -> Quoted | None:
    """What a quote of this actor on this channel shows; None when it has no such quote."""
    with transaction("engine.quoted_terms", Role.APP) as tx:
        row = commands.by_id(tx, quote_id)
    return Quoted.unpacked(orjson.loads(row.terms)) if row is not None and _is_quote_of(row, actor) else None


# --- confirm and run --------------------------------------------------------------------------------------------------


def confirm(quote_id: UUID, actor: Actor, *, at: datetime, proof: Proof | None = None) -> Outcome[Receipt]:
    """Perform what was quoted, inputs from the quote alone. The quote's id is the key: twice is once."""
    try:
        row = _quote_row(quote_id, actor)
    except AWAY:
        return _try_later(actor, known=True)
    if row is None:
        return _refused_early("quote", actor, NotFound(kind="quote"), at)
    act = ACTS[row.act]
    assert isinstance(act, MoneyAct)
    outcome: Outcome[Receipt] = _guarded(act, actor, at, lambda: _confirm(act, row, actor, at, proof))
    return outcome


def _quote_row(quote_id: UUID, actor: Actor) -> Any | None:
    with transaction("engine.quote_row", Role.APP) as tx:
        row = commands.by_id(tx, quote_id)
    return row if _is_quote_of(row, actor) else None


def _is_quote_of(row: Any | None, actor: Actor) -> bool:
    return row is not None and row.terms is not None and row.actor == actor.name and row.channel == actor.channel.value


def _confirm(act: MoneyAct[Any], row: Any, actor: Actor, at: datetime, proof: Proof | None) -> Outcome[Receipt]:
    key = Key(row.actor, row.act, row.key)
    if isinstance(proof, Secret):
        prove_command(row.id, key, actor, proof, at)
    inputs = {name: unpack(value) for name, value in orjson.loads(row.inputs).items()}
    return _perform(act, actor, key, inputs, at, pressed=isinstance(proof, Pressed), is_quoted=True)


@overload
def run(
    act: MoneyAct[P], actor: Actor, *, at: datetime, key: str, secret: None = None, **inputs: Any
) -> Outcome[Receipt]: ...


@overload
def run(
    act: Act[R], actor: Actor, *, at: datetime, key: str | None = None, secret: Secret | None = None, **inputs: Any
) -> Outcome[R]: ...


def run(
    act: MoneyAct[Any] | Act[Any],
    actor: Actor,
    *,
    at: datetime,
    key: str | None = None,
    secret: Secret | None = None,
    **inputs: Any,
) -> Outcome[Any]:
    """Perform an act without a quote. The same key and inputs give the stored result; other inputs a conflict."""

    def perform() -> Outcome[Any]:
        institution = _institution_of(actor)
        good = checked(act, inputs, institution)
        if isinstance(act, MoneyAct):
            if key is None:
                raise TypeError(f"{act.name} moves money: it needs a key")
            return _perform(act, actor, Key(actor.name, act.name, key), good, at, pressed=False, is_quoted=False)
        scope = scope_of(actor, act.permission)
        proven = prove_person(act, actor, secret, good, at) if act.secret and secret else None
        if act.secret and proven is None:
            raise ProofNeeded(need=act.secret.value)
        return _do(act, actor, key, good, at, scope, proven)

    outcome: Outcome[Any] = _guarded(act, actor, at, perform)
    return outcome


def stored(act: MoneyAct[Any], actor: Actor, *, at: datetime, key: str, **inputs: Any) -> Outcome[Receipt] | None:
    """What is finished under the key, or under way; None when nothing is. Performs nothing.

    For doors that check more than the act does (a date, say): a replay must not fail what the first call passed.
    """

    def look() -> Outcome[Receipt] | None:
        named = Key(actor.name, act.name, key)
        inputs_hash = hashed(act, checked(act, inputs, _institution_of(actor)))
        with transaction("engine.stored", Role.APP) as tx:
            claimed, read = commands.claim(tx, named), commands.read(tx, named)
            if claimed.one().claim == "taken":
                return _asked(tx, act, actor, InProgress(), None, at)
            row = read.first()
        return None if row is None or row.state == "open" else _stored(tx, act, actor, row, inputs_hash, at)

    outcome: Outcome[Receipt] | None = _guarded(act, actor, at, look)
    return outcome


# --- a money act ------------------------------------------------------------------------------------------------------


def _perform(
    act: MoneyAct[P],
    actor: Actor,
    key: Key,
    inputs: dict[str, Any],
    at: datetime,
    *,
    pressed: bool,
    is_quoted: bool,
) -> Outcome[Receipt]:
    institution = _institution_of(actor)
    scope = scope_of(actor, act.permission)
    core = core_of(institution)
    day_rules = rules.day_rules(institution, actor.channel)
    business_date = core.business_date(at)
    inputs_hash = hashed(act, inputs)
    with transaction(f"act {act.name}", Role.BOOKS) as tx:
        # first trip: everything up to the facts is queued, and travels at the first fetch
        claimed, read = commands.claim(tx, key), commands.read(tx, key)
        tx.savepoint()
        if actor.clients:
            payers.lock(tx, actor.clients)
        touched = act.touched(inputs)
        core.lock(tx, scope, touched)
        tx.become_viewer(scope)
        facts = core.read_locked(tx, scope, touched)
        tx.become(Role.BOOKS)
        used = payers.read_use(tx, actor.clients, day_rules, business_date) if actor.clients else None

        if claimed.one().claim == "taken":
            return _asked(tx, act, actor, InProgress(), None, at)
        row = read.first()
        if row is not None and row.state != "open":
            return _stored(tx, act, actor, row, inputs_hash, at)
        if (row is None) == is_quoted:
            return _asked(tx, act, actor, NotFound(kind="quote"), None, at)
        command = CommandId(row.id if row is not None else time_ordered_id(at))

        try:
            if row is not None and row.expires_at <= at:
                raise QuoteExpired()
            view = CoreView(facts, institution=institution, channel=actor.channel, business_date=business_date, at=at)
            plan = act.planned(actor, view, **inputs)
            digest = _digest(act, actor, plan.quoted)
            if row is not None and bytes(row.digest) != digest:
                return _changed(tx, act, actor, key, command, plan, inputs, inputs_hash, institution, at)
            if used is not None and plan.payer is not None:
                by_rule = {each.rule: int(each.minor) for each in used.all() if each.payer == plan.payer}
                rules.check(institution, actor.channel, plan.quoted.amount, by_rule)
            _check_proof(needed(institution, actor, plan.quoted, at), row, digest, at, pressed=pressed)
        except Refusal as refusal:
            tx.back_to_savepoint()
            if not refusal.final:
                return _asked(tx, act, actor, refusal, command, at)
            finished = Finished.refused(refusal)
            commands.finish(
                tx, command, key, actor, finished,
                is_open=is_quoted, inputs=as_json(act, inputs), inputs_hash=inputs_hash, at=at,
            )  # fmt: skip
            trail.write(tx, actor, act.name, Audited.REFUSED, at=at, code=refusal.code, command=command)
            return Refused(refusal, actor.correlation)

        # second trip: what follows travels with the commit
        posting = _posting(act, command, business_date, at)
        posted = act.carried_out(plan, Books(core, tx, posting))
        receipt = _receipt(plan, posting, posted.opened)
        if plan.payer is not None:
            payers.use(tx, plan.payer, day_rules, business_date, plan.quoted.amount, command)
        trail.write(tx, actor, act.name, Audited.DONE, at=at, command=command, detail=_detail(receipt))
        for event in act.told(plan, receipt):
            outbox.tell(tx, event, at=at, command=command, correlation=actor.correlation)
        commands.finish(
            tx, command, key, actor, Finished.done(receipt),
            is_open=is_quoted, inputs=as_json(act, inputs), inputs_hash=inputs_hash, at=at,
        )  # fmt: skip
        return Done(receipt, command, replayed=False)


def _check_proof(need: Need, row: Any | None, digest: bytes, at: datetime, *, pressed: bool) -> None:
    """Raises `ProofNeeded` unless what policy asks for is there, over these very terms."""
    match need:
        case Need.NOTHING:
            return
        case Need.PRESSED:
            holds = pressed or _proof_holds(row, None, digest, at)
        case Need.PIN | Need.CODE:
            holds = _proof_holds(row, need.value, digest, at)
    if not holds:
        raise ProofNeeded(need=need.value)


def _proof_holds(row: Any | None, kind: str | None, digest: bytes, at: datetime) -> bool:
    return (
        row is not None
        and row.proof_kind is not None
        and kind in (None, row.proof_kind)
        and bytes(row.proof_digest) == digest
        and row.proof_until > at
    )


def _check_limits(tx: Tx, institution: Institution, actor: Actor, plan: Plan, view: CoreView) -> None:
    if plan.payer is None:
        return
    day_rules = rules.day_rules(institution, actor.channel)
    used = payers.read_use(tx, [plan.payer], day_rules, view.business_date).all()
    rules.check(institution, actor.channel, plan.quoted.amount, {row.rule: int(row.minor) for row in used})


def _changed(
    tx: Tx,
    act: MoneyAct[P],
    actor: Actor,
    key: Key,
    command: CommandId,
    plan: P,
    inputs: dict[str, Any],
    inputs_hash: bytes,
    institution: Institution,
    at: datetime,
) -> Refused:
    """Close the old key and name the new quote: nothing moves on terms that nobody has seen."""
    tx.back_to_savepoint()
    new = _store_quote(tx, act, actor, plan, inputs, institution, at)
    refusal = PlanChanged()
    commands.finish(
        tx, command, key, actor, Finished.refused(refusal, replaced_by=new.id),
        is_open=True, inputs=None, inputs_hash=inputs_hash, at=at,
    )  # fmt: skip
    trail.write(tx, actor, act.name, Audited.REFUSED, at=at, code=refusal.code, command=command)
    return Refused(refusal, actor.correlation, quote=new)


def _posting(act: Declared, command: CommandId, business_date: Any, at: datetime) -> Posting:
    journal = JournalId(time_ordered_id(at))
    return Posting(command, journal, reference_for(journal), act.name, business_date, at)


def _receipt(plan: Plan, posting: Posting, opened: Any) -> Receipt:
    parts = plan.parts
    return Receipt(
        reference=posting.reference,
        kind=posting.kind,
        business_date=posting.business_date,
        booked_at=posting.booked_at,
        source=plan.quoted.source,
        target=opened or plan.quoted.target,
        payee=plan.quoted.payee,
        amount=plan.quoted.amount,
        fee=plan.quoted.fee,
        principal=parts[0] if parts else None,
        interest=parts[1] if parts else None,
        balance_after=plan.balance_after,
    )


def _detail(receipt: Receipt) -> dict[str, object]:
    return {
        "reference": receipt.reference,
        "amount": receipt.amount.plain(),
        "fee": receipt.fee.plain(),
        "currency": receipt.amount.currency.code,
        "source": receipt.source.masked if receipt.source else None,
        "target": receipt.target.masked,
    }


# --- an act that moves no money ---------------------------------------------------------------------------------------


def _do(
    act: Act[R],
    actor: Actor,
    key: str | None,
    inputs: dict[str, Any],
    at: datetime,
    scope: Scope,
    proven: Proven | None,
) -> Outcome[R]:
    institution = _institution_of(actor)
    inputs_hash = hashed(act, inputs)
    command = CommandId(time_ordered_id(at))
    named = Key(actor.name, act.name, key) if key is not None else None
    with transaction(f"act {act.name}", act.role) as tx:
        if named is not None:
            claimed, read = commands.claim(tx, named), commands.read(tx, named)
            if claimed.one().claim == "taken":
                return _asked(tx, act, actor, InProgress(), None, at)
            row = read.first()
            if row is not None:
                return _stored(tx, act, actor, row, inputs_hash, at)
        tx.savepoint()
        events: list[Event] = []
        call = Call(tx, at, institution, core_of(institution), scope, proven, events)
        try:
            result = act.done(actor, call, **inputs)
        except Refusal as refusal:
            tx.back_to_savepoint()
            if not refusal.final or named is None:
                return _asked(tx, act, actor, refusal, None, at)
            trail.write(tx, actor, act.name, Audited.REFUSED, at=at, code=refusal.code, command=command)
            commands.finish(
                tx, command, named, actor, Finished.refused(refusal),
                is_open=False, inputs=as_json(act, inputs), inputs_hash=inputs_hash, at=at,
            )  # fmt: skip
            return Refused(refusal, actor.correlation)
        trail.write(tx, actor, act.name, Audited.DONE, at=at, command=command if named else None)
        for event in events:
            outbox.tell(tx, event, at=at, command=command if named else None, correlation=actor.correlation)
        if named is not None:
            commands.finish(
                tx, command, named, actor, Finished.done(result),
                is_open=False, inputs=as_json(act, inputs), inputs_hash=inputs_hash, at=at,
            )  # fmt: skip
        return Done(result, command, replayed=False)


# --- refusals ---------------------------------------------------------------------------------------------------------


def _asked(tx: Tx, act: Declared, actor: Actor, refusal: Refusal, command: UUID | None, at: datetime) -> Refused:
    outcome = Audited.REFUSED if refusal.final else Audited.ASKED
    trail.write(tx, actor, act.name, outcome, at=at, code=refusal.code, command=command)
    return Refused(refusal, actor.correlation)


def _stored(tx: Tx, act: Declared, actor: Actor, row: Any, inputs_hash: bytes, at: datetime) -> Outcome[Any]:
    """A replay: nothing happens, and nothing is audited again. Another wish under the key is a denial of its own."""
    if bytes(row.inputs_hash) != inputs_hash:
        return _asked(tx, act, actor, KeyConflict(), None, at)
    result = commands.stored_result(row)
    if isinstance(result, Refusal):
        return Refused(result, actor.correlation, replayed=True)
    return Done(result, row.id, replayed=True)


def _guarded(act: Declared, actor: Actor, at: datetime, perform: Callable[[], Any]) -> Any:
    """Refusals raised before or between transactions become outcomes, audited; a database away becomes `TryLater`."""
    try:
        return perform()
    except Refusal as refusal:
        return _refused_early(act.name, actor, refusal, at)
    except OutcomeUnknown:
        return _try_later(actor, known=False)
    except AWAY:
        return _try_later(actor, known=True)


def _refused_early(act: str, actor: Actor, refusal: Refusal, at: datetime) -> Refused:
    if refusal.code in _AUDITED_WHERE_RAISED:
        return Refused(refusal, actor.correlation)
    try:
        with transaction("engine.audit_refusal", Role.APP) as tx:
            outcome = Audited.REFUSED if refusal.final else Audited.ASKED
            trail.write(tx, actor, act, outcome, at=at, code=refusal.code)
    except AWAY:
        return _try_later(actor, known=True)
    return Refused(refusal, actor.correlation)


# Wrong secrets are audited in the transaction that counts them.
_AUDITED_WHERE_RAISED = frozenset({"access.wrong_secret", "access.locked_out", "access.wrong_code"})


def _try_later(actor: Actor, *, known: bool) -> Refused:
    return Refused(TryLater(known=known), actor.correlation)


def _digest(act: Declared, actor: Actor, quoted: Quoted) -> bytes:
    return quoted.digest(tenant=actor.tenant, actor=actor.name, act=act.name)


def _quote_key(act: Declared, actor: Actor, quote_id: UUID) -> Key:
    return Key(actor.name, act.name, str(quote_id))


def _institution_of(actor: Actor) -> Institution:
    institution = current()
    if actor.tenant != institution.slug:
        raise RuntimeError(f"an actor of {actor.tenant} at {institution.slug}")
    return institution
