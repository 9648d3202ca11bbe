"""Performing acts: `quote`, `confirm`, `run`. The order of an act's steps is the order of the functions below.

A money act is one transaction in two round trips: claim, locks and facts travel together; then plan, limits and policy
are decided in Python; then movements, limit use, audit, notices and result travel with the commit. In front of a far
core the facts are read before, an instruction is stored instead of movements, and it is followed after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar, overload
from uuid import UUID

import orjson

from dirisha.access.permissions import scope_of
from dirisha.access.secrets import Secret
from dirisha.audit import trail
from dirisha.audit.events import Outcome as Audited
from dirisha.core.budget import place_to_wait, within_s
from dirisha.core.port import Core, CoreAway, Facts, FarCore, KeptElsewhere, Ordered, Posting, Receipt, Touched
from dirisha.core.view import Books, CoreView, NearBooks, OrderBook, QuestionView, core_of, reading
from dirisha.db.transactions import AWAY, OutcomeUnknown, Role, Rows, Tx, transaction
from dirisha.engine import commands
from dirisha.engine.act import ACTS, Act, Call, Declared, MoneyAct, Proven
from dirisha.engine.commands import Key
from dirisha.engine.inputs import as_json, checked
from dirisha.engine.outcome import MoneyOutcome, Outcome, Quote, Refused
from dirisha.engine.plan import Plan, Quoted
from dirisha.engine.policy import Need, needed
from dirisha.engine.proofs import prove_command, prove_person
from dirisha.engine.refusals import InProgress, PlanChanged, ProofNeeded, QuoteExpired, TryLater
from dirisha.engine.wish import Wish, outcome_of
from dirisha.kit.actor import Actor
from dirisha.kit.ids import CommandId, JournalId, reference_for, time_ordered_id
from dirisha.kit.packed import unpack
from dirisha.kit.refusal import NotFound, Refusal
from dirisha.kit.scope import Scope
from dirisha.limits import payers, rules
from dirisha.limits.payers import Use
from dirisha.limits.rules import DayRule
from dirisha.messaging import outbox
from dirisha.messaging.events import Event
from dirisha.payments import instructions, relay
from dirisha.payments.instructions import Accepted
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
    wish = Wish(act, actor, None, checked(act, inputs, institution), at, institution)
    scope = scope_of(actor, act.permission)
    core = _core_for(act, institution)
    business_date = core.business_date(at)
    if core.facts_are == "as read":
        plan = act.planned(actor, _view(wish, _read(core, act, wish, scope), business_date), **wish.inputs)
        with transaction("engine.quote", Role.BOOKS) as tx:
            return _checked_and_stored(tx, wish, plan, business_date)
    with transaction("engine.quote", Role.BOOKS) as tx:
        tx.become_viewer(scope)
        plan = act.planned(actor, _view(wish, core.reader(tx, scope), business_date), **wish.inputs)
        tx.become(Role.BOOKS)
        return _checked_and_stored(tx, wish, plan, business_date)


def _checked_and_stored(tx: Tx, wish: Wish, plan: Plan, business_date: date) -> Quote:
    if plan.payer is not None:
        day_rules = rules.day_rules(wish.institution, wish.actor.channel)
        used = payers.read_use(tx, [plan.payer], day_rules, business_date)
        _check_limits(wish, plan, used)
    return _store_quote(tx, wish, plan)


def _core_for(act: Declared, institution: Institution) -> Core:
    """Raises `KeptElsewhere` for branch work in front of a far core."""
    core = core_of(institution)
    if act.branch_work and core.facts_are == "as read":
        raise KeptElsewhere()
    return core


def _read(core: FarCore, act: MoneyAct[Any], wish: Wish, scope: Scope) -> Facts:
    """What the act touches, as a far core has it now: no transaction is open."""
    patience_s = within_s(wish.institution.patience.of(wish.actor.channel))
    with place_to_wait():
        return core.read(scope, act.touched(wish.inputs), patience_s=patience_s)


def _view(wish: Wish, facts: Facts, business_date: date) -> CoreView:
    return CoreView(
        facts, institution=wish.institution, channel=wish.actor.channel, business_date=business_date, at=wish.at
    )


def _store_quote(tx: Tx, wish: Wish, plan: Plan) -> Quote:
    need = needed(wish.institution, wish.actor, plan.quoted, wish.at)
    quote_id = time_ordered_id(wish.at)
    expires_at = commands.open_quote(
        tx,
        quote_id,
        Key(wish.actor.name, wish.act.name, str(quote_id)),
        wish.actor,
        inputs=as_json(wish.act, wish.inputs) or "",
        inputs_hash=wish.inputs_hash,
        quoted=plan.quoted,
        digest=wish.digest(plan.quoted),
        at=wish.at,
    )
    return Quote(quote_id, wish.act.name, plan.quoted, plan.balance_after, need, expires_at)


def latest_quote(actor: Actor, *, at: datetime) -> UUID | None:
    """The newest quote that the actor has open on its channel: what a bare code in a text message is for."""
    with transaction("engine.latest_quote", Role.APP) as tx:
        row = tx.run(
            commands.SQL["latest_open"], {"actor": actor.name, "channel": actor.channel.value, "at": at}
        ).first()
    return None if row is None else UUID(str(row.id))


def quoted_terms(quote_id: UUID, actor: Actor) -> Quoted | None:
    """What a quote of this actor on this channel shows; None when it has no such quote."""
    row = _quote_row(quote_id, actor)
    return None if row is None else Quoted.unpacked(orjson.loads(row.terms))


def _quote_row(quote_id: UUID, actor: Actor) -> Any | None:
    with transaction("engine.quote_row", Role.APP) as tx:
        return commands.own_quote(tx, quote_id, actor)


# --- confirm and run --------------------------------------------------------------------------------------------------


def confirm(quote_id: UUID, actor: Actor, *, at: datetime, proof: Proof | None = None) -> MoneyOutcome:
    """Perform what was quoted, inputs from the quote alone. The quote's id is the key: twice is once."""
    try:
        row = _quote_row(quote_id, actor)
    except AWAY:
        return _try_later(actor, known=True)
    if row is None:
        return _refused_early("quote", actor, NotFound(kind="quote"), at)
    act = ACTS[row.act]
    assert isinstance(act, MoneyAct)
    outcome: MoneyOutcome = _guarded(act, actor, at, lambda: _confirm(act, row, actor, at, proof))
    return outcome


def _confirm(act: MoneyAct[Any], row: Any, actor: Actor, at: datetime, proof: Proof | None) -> MoneyOutcome:
    key = Key(row.actor, row.act, row.key)
    if isinstance(proof, Secret):
        prove_command(row.id, key, actor, proof, at)
    inputs = {name: unpack(value) for name, value in orjson.loads(row.inputs).items()}
    wish = Wish(act, actor, key, inputs, at, _institution_of(actor), is_quoted=True)
    return _perform(act, wish, key, pressed=isinstance(proof, Pressed))


@overload
def run(
    act: MoneyAct[P], actor: Actor, *, at: datetime, key: str, secret: None = None, **inputs: Any
) -> MoneyOutcome: ...


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
) -> Any:
    """Perform an act without a quote. The same key and inputs give the stored result; other inputs a conflict."""

    def perform() -> Any:
        institution = _institution_of(actor)
        named = None if key is None else Key(actor.name, act.name, key)
        wish = Wish(act, actor, named, checked(act, inputs, institution), at, institution)
        if isinstance(act, MoneyAct):
            if named is None:
                raise TypeError(f"{act.name} moves money: it needs a key")
            return _perform(act, wish, named, pressed=False)
        scope = scope_of(actor, act.permission)
        proven = prove_person(act, actor, secret, wish.inputs, at) if act.secret and secret else None
        if act.secret and proven is None:
            raise ProofNeeded(need=act.secret.value)
        return _do(act, wish, scope, proven)

    return _guarded(act, actor, at, perform)


def stored(act: MoneyAct[Any], actor: Actor, *, at: datetime, key: str, **inputs: Any) -> MoneyOutcome | None:
    """What is finished under the key, or under way; None when nothing is. Performs nothing.

    For doors that check more than the act does (a date, say): a replay must not fail what the first call passed.
    """

    def look() -> MoneyOutcome | None:
        named, institution = Key(actor.name, act.name, key), _institution_of(actor)
        return _stored(Wish(act, actor, named, checked(act, inputs, institution), at, institution), named)

    outcome: MoneyOutcome | None = _guarded(act, actor, at, look)
    return outcome


def _stored(wish: Wish, key: Key) -> MoneyOutcome | None:
    with transaction("engine.stored", Role.BOOKS) as tx:
        claimed, read = commands.claim(tx, key), commands.read(tx, key)
        if claimed.one().claim == "taken":
            return wish.asked(tx, InProgress())
        row = read.first()
        if row is None or row.state == "open":
            return None
        replayed: MoneyOutcome = wish.replayed(tx, row)
        return replayed


# --- a money act ------------------------------------------------------------------------------------------------------


def _perform(act: MoneyAct[P], wish: Wish, key: Key, *, pressed: bool) -> MoneyOutcome:
    scope = scope_of(wish.actor, act.permission)
    core = _core_for(act, wish.institution)
    if core.facts_are == "as read":
        # What is finished is told even while the core is away; facts are read before the transaction, never inside it.
        finished = _stored(wish, key)
        if finished is not None:
            return finished
        footing = Footing(core, scope, core.business_date(wish.at), _read(core, act, wish, scope))
        outcome = _in_one_transaction(act, wish, key, footing, pressed=pressed)
        return _followed(outcome, core, wish) if isinstance(outcome, Accepted) else outcome
    outcome = _in_one_transaction(act, wish, key, Footing(core, scope, core.business_date(wish.at)), pressed=pressed)
    assert not isinstance(outcome, Accepted)
    return outcome


@dataclass(frozen=True, slots=True)
class Footing:
    """What an act stands on. `read_before` are the facts of a far core; those of a near one are read under lock."""

    core: Core
    scope: Scope
    business_date: date
    read_before: Facts | None = None

    def facts(self, tx: Tx, touched: Touched) -> Facts:
        """Queues locks and reads where there are any; they travel with the first fetch."""
        if self.core.facts_are == "as read":
            assert self.read_before is not None
            return self.read_before
        self.core.lock(tx, self.scope, touched)
        tx.become_viewer(self.scope)
        facts = self.core.read_locked(tx, self.scope, touched)
        tx.become(Role.BOOKS)
        return facts

    def books(self, tx: Tx, posting: Posting) -> Books:
        return OrderBook(posting) if self.core.facts_are == "as read" else NearBooks(self.core, tx, posting)


def _in_one_transaction(
    act: MoneyAct[P], wish: Wish, key: Key, footing: Footing, *, pressed: bool
) -> MoneyOutcome | Accepted:
    actor, at, institution, business_date = wish.actor, wish.at, wish.institution, footing.business_date
    day_rules = rules.day_rules(institution, actor.channel)
    with transaction(f"act {act.name}", Role.BOOKS) as tx:
        # first trip: everything up to the facts is queued, and travels at the first fetch
        claimed, read = commands.claim(tx, key), commands.read(tx, key)
        tx.savepoint()
        if actor.clients:
            payers.lock(tx, actor.clients)
        facts = footing.facts(tx, act.touched(wish.inputs))
        used = payers.read_use(tx, actor.clients, day_rules, business_date) if actor.clients else None

        if claimed.one().claim == "taken":
            return wish.asked(tx, InProgress())
        row = read.first()
        if row is not None and row.state != "open":
            replayed: MoneyOutcome = wish.replayed(tx, row)
            return replayed
        if (row is None) == wish.is_quoted:
            return wish.asked(tx, NotFound(kind="quote"))
        command = CommandId(row.id if row is not None else time_ordered_id(at))

        try:
            if row is not None and row.expires_at <= at:
                raise QuoteExpired()
            plan = act.planned(actor, _view(wish, facts, business_date), **wish.inputs)
            digest = wish.digest(plan.quoted)
            if row is not None and bytes(row.digest) != digest:
                return _changed(tx, wish, command, plan)
            if used is not None and plan.payer is not None:
                _check_limits(wish, plan, used)
            _check_proof(needed(institution, actor, plan.quoted, at), row, digest, at, pressed=pressed)
        except Refusal as refusal:
            tx.back_to_savepoint()
            return wish.refused(tx, command, refusal) if refusal.final else wish.asked(tx, refusal, command)

        # second trip: what follows travels with the commit
        posting = _posting(act, command, business_date, at)
        carried = act.carried_out(plan, footing.books(tx, posting))
        if isinstance(carried, Ordered):
            return _ordered(tx, act, wish, plan, carried, day_rules)
        receipt = _receipt(plan, posting, carried.opened)
        if plan.payer is not None:
            payers.use(tx, plan.payer, day_rules, business_date, plan.quoted.amount, command)
        for event in act.told(plan, receipt):
            outbox.tell(tx, event, at=at, command=command, correlation=actor.correlation)
        return wish.done(tx, command, receipt, detail=_detail(receipt))


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


def _check_limits(wish: Wish, plan: Plan, used: Rows) -> None:
    by_rule = {row.rule: int(row.minor) for row in used.all() if row.payer == plan.payer}
    rules.check(wish.institution, wish.actor.channel, plan.quoted.amount, by_rule)


def _changed(tx: Tx, wish: Wish, command: CommandId, plan: Plan) -> Refused:
    """Close the old key and name the new quote: nothing moves on terms that nobody has seen."""
    tx.back_to_savepoint()
    new = _store_quote(tx, wish, plan)
    return replace(wish.refused(tx, command, PlanChanged(), replaced_by=new.id), quote=new)


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


def _ordered(tx: Tx, act: MoneyAct[P], wish: Wish, plan: P, ordered: Ordered, day_rules: Sequence[DayRule]) -> Accepted:
    """Store the order as an instruction, with what its end will need: reserved limits and the notices to be told."""
    actor, posting = wish.actor, ordered.posting
    assert plan.payer is not None
    receipt = _receipt(plan, posting, None)
    accepted = instructions.accept(
        tx,
        ordered.order,
        command=posting.command,
        payee=plan.quoted.payee,
        act=act.name,
        actor=actor.name,
        channel=actor.channel.value,
        correlation=actor.correlation,
        payer=plan.payer,
        rules=[rule.name for rule in day_rules],
        notices=act.told(plan, receipt),
        at=wish.at,
        at_once=wish.institution.waits.of(actor.channel) > 0,
    )
    payers.use(
        tx, plan.payer, day_rules, posting.business_date, plan.quoted.amount, posting.command, state=Use.RESERVED
    )
    wish.ordered(tx, posting.command, accepted.id, detail=_detail(receipt))
    return accepted


def _followed(accepted: Accepted, core: FarCore, wish: Wish) -> MoneyOutcome:
    """What the far core says within the door's budget, or that the money is on its way."""
    wait_s = within_s(wish.institution.waits.of(wish.actor.channel))
    try:
        try:
            with place_to_wait():
                if accepted.is_ours_to_send:
                    stands = relay.send_now(accepted.id, core, at=wish.at, wait_s=wait_s)
                else:
                    stands = relay.wait_for(accepted.id, wait_s=wait_s)
        except CoreAway:
            stands = relay.leave_to_worker(accepted.id, at=wish.at)
    except AWAY:
        # It is stored, and the worker goes on with it: asked again under the same key, its state is told.
        raise OutcomeUnknown("the instruction's state") from None
    return outcome_of(stands, replayed=False)


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


def _do(act: Act[R], wish: Wish, scope: Scope, proven: Proven | None) -> Outcome[R]:
    command = CommandId(time_ordered_id(wish.at))
    core = _core_for(act, wish.institution)
    if act.looked is not None:
        _look(act, wish, core, scope)
    with transaction(f"act {act.name}", act.role) as tx:
        if wish.key is not None:
            claimed, read = commands.claim(tx, wish.key), commands.read(tx, wish.key)
            if claimed.one().claim == "taken":
                return wish.asked(tx, InProgress())
            row = read.first()
            if row is not None:
                replayed: Outcome[R] = wish.replayed(tx, row)
                return replayed
        tx.savepoint()
        events: list[Event] = []
        call = Call(tx, wish.at, wish.institution, core, scope, proven, events)
        try:
            result = act.done(wish.actor, call, **wish.inputs)
        except Refusal as refusal:
            tx.back_to_savepoint()
            is_kept = refusal.final and wish.key is not None
            return wish.refused(tx, command, refusal) if is_kept else wish.asked(tx, refusal)
        for event in events:
            about = command if wish.key is not None else None
            outbox.tell(tx, event, at=wish.at, command=about, correlation=wish.actor.correlation)
        return wish.done(tx, command, result)


def _look(act: Act[Any], wish: Wish, core: Core, scope: Scope) -> None:
    assert act.looked is not None
    business_date, channel = core.business_date(wish.at), wish.actor.channel
    with reading(f"look {act.name}", core, scope, channel=channel, institution=wish.institution) as reader:
        view = QuestionView(
            reader,
            institution=wish.institution,
            scope=scope,
            channel=channel,
            business_date=business_date,
            at=wish.at,
        )
        act.looked(wish.actor, view, **wish.inputs)


# --- refusals ---------------------------------------------------------------------------------------------------------


def _guarded(act: Declared, actor: Actor, at: datetime, perform: Callable[[], Any]) -> Any:
    """Refusals raised before or between transactions become outcomes, audited; a database away becomes `TryLater`."""
    try:
        return perform()
    except Refusal as refusal:
        return _refused_early(act.name, actor, refusal, at)
    except OutcomeUnknown:
        return _try_later(actor, known=False)
    except (*AWAY, CoreAway):
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


def _institution_of(actor: Actor) -> Institution:
    institution = current()
    if actor.tenant != institution.slug:
        raise RuntimeError(f"an actor of {actor.tenant} at {institution.slug}")
    return institution
