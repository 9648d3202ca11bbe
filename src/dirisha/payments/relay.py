"""The relay: instructions go to the far core after the commit, leased, with no transaction open, in order per account.

Each is leased in a short transaction, sent or asked for, and settled in another, which writes the limit use, the audit
event and the notices of its end. What was leased counts as sent: from then on the core is asked what became of it, and
the same key goes with every sending.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent import futures
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge

from dirisha.audit import trail
from dirisha.audit.events import Outcome as Audited
from dirisha.core.port import Answer, Booked, CoreAway, FarCore, NoAnswer, NotTaken, NotTakenInTime, Particulars
from dirisha.db.transactions import AWAY, Role, Tx, transaction
from dirisha.kit.actor import Channel
from dirisha.limits import payers
from dirisha.limits.payers import Use
from dirisha.messaging import outbox
from dirisha.messaging.events import NotMade
from dirisha.payments.instructions import (
    LEASE,
    SQL,
    Instruction,
    InstructionId,
    by_id,
    by_ids,
    pack_particulars,
    pack_refusal,
)
from dirisha.payments.states import Lease, State, Step, contradicts, heard, pause_after
from dirisha.tenants.current import current

AT_ONCE = 12
MOST_A_ROUND = 200
# One sending with its looks; a round begins nothing after ROUND_S, and the lease outlives both.
PATIENCE_S = 15.0
ROUND_S = 20.0
# Balances are read for the notices when there is time; a core that is slow with one is asked for the others later.
PARTICULARS_S = 5.0
COUNTED_EVERY_S = 5.0
LONGEST_SAID = 300

log = structlog.get_logger()
answers = Counter("dirisha_instruction_answers", "What far cores answered to orders", ["institution", "answer"])
under_way = Gauge(
    "dirisha_instructions", "Instructions that are not final", ["institution", "state"], multiprocess_mode="max"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment now, counted on from the one that the caller read."""

    at: datetime
    _began_s: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self._began_s)


# --- a round of the worker --------------------------------------------------------------------------------------------


def relay(at: datetime, core: FarCore, *, most: int = MOST_A_ROUND) -> int:
    """One round for the current institution: how many instructions it took up."""
    clock = Clock(at)
    _count_now_and_then()
    took = _give_up(clock)
    leased = _lease(clock, most)
    if leased:
        _carry(core, leased, clock)
    return took + len(leased) + _tell_what_is_posted(core, clock)


@dataclass(frozen=True, slots=True)
class Leased:
    """An instruction that is ours until the lease ends; `was` is its state before."""

    instruction: Instruction
    was: State

    @property
    def lease(self) -> Lease:
        return Lease(self.was, self.instruction.tries)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the core answered for one of ours, and what its books say of it where that is known.

    `is_shown` where who asks shows it to the person at once, in an answer that can be had again.
    """

    leased: Leased
    answer: Answer
    particulars: Particulars | None = None
    is_shown: bool = False


def _lease(clock: Clock, most: int) -> list[Leased]:
    at = clock.now()
    with transaction("payments.lease", Role.BOOKS) as tx:
        rows = tx.run(SQL["lease"], {"at": at, "until": at + LEASE, "most": most}).all()
        if not rows:
            return []
        instructions = {each.id: each for each in by_ids(tx, [row.id for row in rows])}
    rows.sort(key=lambda row: row.place)
    return [Leased(instructions[row.id], State(row.was)) for row in rows]


def _carry(core: FarCore, leased: Sequence[Leased], clock: Clock) -> None:
    """Side by side; each is settled as its answer comes. When the core is away, what was not begun goes back."""
    until = time.monotonic() + ROUND_S
    waiting = list(leased)
    with futures.ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="orders") as pool:
        flying: dict[futures.Future[tuple[Answer, Particulars | None]], Leased] = {}
        is_away = False
        while waiting or flying:
            while waiting and len(flying) < AT_ONCE and not is_away and time.monotonic() < until:
                each = waiting.pop(0)
                flying[pool.submit(copy_context().run, _ask, core, each)] = each
            if not flying:
                break
            landed = futures.wait(flying, return_when=futures.FIRST_COMPLETED).done
            heard_of = [Heard(flying.pop(done), *done.result()) for done in landed]
            is_away = is_away or any(isinstance(each.answer, NotTaken | NoAnswer) for each in heard_of)
            _settle_together(heard_of, clock.now())
    if waiting:
        _give_back(waiting, clock)


def _ask(core: FarCore, leased: Leased) -> tuple[Answer, Particulars | None]:
    answer = _answer(core, leased, patience_s=PATIENCE_S)
    if not isinstance(answer, Booked):
        return answer, None
    return answer, _particulars(core, leased.instruction, answer.number, patience_s=PATIENCE_S)


def _answer(core: FarCore, leased: Leased, *, patience_s: float) -> Answer:
    instruction, is_first = leased.instruction, leased.was is State.ACCEPTED
    order, key = instruction.order, instruction.key
    try:
        if is_first:
            answer = core.send(order, key, patience_s=patience_s)
        else:
            answer = core.trace(order, key, waits_as=instruction.trace, patience_s=patience_s)
    except Exception:
        log.error("instruction.fault", instruction=str(instruction.id), exc_info=True)
        answer = NoAnswer("a fault of ours in between")
    kind = type(answer).__name__.lower()
    answers.labels(current().slug, kind).inc()
    log.info(
        "instruction.answered",
        instruction=str(instruction.id), reference=instruction.reference, act=instruction.act,
        asked="send" if is_first else "trace", answer=kind, tries=instruction.tries,
        why=getattr(answer, "why", None) or getattr(answer, "said", None), for_correlation=instruction.correlation,
    )  # fmt: skip
    return answer


def _particulars(core: FarCore, instruction: Instruction, number: str, *, patience_s: float) -> Particulars | None:
    try:
        return core.particulars(instruction.order, number, patience_s=patience_s)
    except CoreAway:
        return None
    except Exception:
        log.error("instruction.particulars_fault", instruction=str(instruction.id), exc_info=True)
        return None


# --- a door that sends at once ----------------------------------------------------------------------------------------

LOOK_AGAIN_S = 0.04
# Where the core needs longer than this to book, a receipt doesn't wait for the balance besides: the notice brings it.
QUICK_S = 0.08
# A door asks so often what became of an order, after such pauses, while it has at least so much time left.
ASK_AFTER_S = (0.1, 0.3)
WORTH_ASKING_S = 0.2
# There the same request brings the same answer, should it be lost. The last screen of a menu is gone with its session,
# and may never have come: what it says goes out as a notice, too.
CAN_BE_ASKED_AGAIN = frozenset({Channel.PORTAL.value, Channel.MIFOS.value, Channel.SMS.value})


def send_now(instruction: InstructionId, core: FarCore, *, at: datetime, wait_s: float) -> Instruction:
    """Send what this door accepted and has the lease of, within its budget; how it stands then."""
    clock, until_s = Clock(at), time.monotonic() + wait_s
    with transaction("payments.by_id", Role.BOOKS) as tx:
        row = by_id(tx, instruction)
    began, heard_of = time.monotonic(), _send_and_ask(core, row, until_s)
    settle([heard_of], clock.now())
    if isinstance(heard_of.answer, Booked) and time.monotonic() - began < QUICK_S:
        particulars = _particulars(core, row, heard_of.answer.number, patience_s=5 * QUICK_S)
        if particulars is not None:
            tell(instruction, particulars, clock.now())
    return standing(instruction)


def _send_and_ask(core: FarCore, row: Instruction, until_s: float) -> Heard:
    """Where there is no answer, what became of it is asked for while the door can wait: all under the one lease."""
    leased = Leased(row, State.ACCEPTED)
    answer = _answer(core, leased, patience_s=until_s - time.monotonic())
    for pause_s in ASK_AFTER_S:
        if not isinstance(answer, NoAnswer) or time.monotonic() + pause_s + WORTH_ASKING_S > until_s:
            break
        time.sleep(pause_s)
        leased = Leased(row, State.SENT)
        answer = _answer(core, leased, patience_s=until_s - time.monotonic())
    return Heard(leased, answer, is_shown=row.channel in CAN_BE_ASKED_AGAIN)


def leave_to_worker(instruction: InstructionId, *, at: datetime) -> Instruction:
    """Give the lease back unused: this door has nobody to wait with."""
    row = standing(instruction)
    if row.state is State.SENT and row.tries == 1:
        settle([Heard(Leased(row, State.ACCEPTED), NotTaken("no place to wait at the door"))], at)
    return standing(instruction)


def wait_for(instruction: InstructionId, *, wait_s: float) -> Instruction:
    """Look until it is final, or for `wait_s`."""
    until = time.monotonic() + wait_s
    while True:
        row = standing(instruction)
        if row.state.is_final or time.monotonic() + LOOK_AGAIN_S > until:
            return row
        time.sleep(LOOK_AGAIN_S)


def standing(instruction: UUID) -> Instruction:
    with transaction("payments.standing", Role.BOOKS) as tx:
        return by_id(tx, instruction)


# --- settling ---------------------------------------------------------------------------------------------------------


def _settle_together(landed: Sequence[Heard], at: datetime) -> None:
    """One commit for all; where one of them can't be written, each has its own."""
    try:
        settle(landed, at)
    except AWAY:
        raise
    except Exception:
        for each in landed:
            try:
                settle([each], at)
            except Exception:
                log.error("instruction.not_settled", instruction=str(each.leased.instruction.id), exc_info=True)


def settle(landed: Sequence[Heard], at: datetime) -> None:
    """Write what answers make of their instructions, once: an end that is there already stays."""
    with transaction("payments.settle", Role.BOOKS) as tx:
        for row, each in _locked(tx, landed):
            if contradicts(row.state, each.answer):
                log.critical("instruction.contradicted", instruction=str(row.id), stands=row.state, answer=each.answer)
            step = heard(row.state, row.tries, each.leased.lease, each.answer)
            if step is None:
                continue
            _write(tx, row, step, at, is_told=each.is_shown and not row.promised)
            if step.state is State.POSTED and each.particulars is not None:
                _tell(tx, row, each.particulars, at)


def _locked(tx: Tx, landed: Sequence[Heard]) -> list[tuple[Instruction, Heard]]:
    """The rows, locked in the order of their ids and only then read."""
    by_instruction = {each.leased.instruction.id: each for each in landed}
    tx.run(SQL["lock"], {"ids": sorted(by_instruction)})
    return [(row, by_instruction[row.id]) for row in by_ids(tx, list(by_instruction))]


def _write(tx: Tx, row: Instruction, step: Step, at: datetime, *, is_told: bool) -> None:
    """With its end go limit use and audit event, and for a refusal the notice, unless `is_told` by the door itself."""
    tx.run(
        SQL["settle"],
        {
            "id": row.id, "state": step.state.value, "next_at": at + step.wait, "at": at, "said": _clean(step.said),
            "ended_at": at if step.state.is_final else None, "number": step.number,
            "trace": step.trace,
            "refusal": None if step.refusal is None else pack_refusal(step.refusal),
        },
    )  # fmt: skip
    if not step.state.is_final:
        return
    refusal, period = step.refusal, row.order.business_date
    payers.end(tx, row.payer, row.rules, period, row.command, Use.RELEASED if refusal else Use.USED)
    trail.write_for(
        tx, row.actor, row.channel, row.act, Audited.REFUSED if refusal else Audited.DONE,
        at=at, correlation=row.correlation, code=refusal.code if refusal else None, command=row.command,
        detail={"reference": row.reference, "said": _clean(step.said)},
    )  # fmt: skip
    if refusal is not None and not is_told:
        event = NotMade(
            client=row.payer,
            amount=row.order.amount,
            target=row.order.target.account.masked,
            why=refusal.code,
            reference=row.reference,
        )
        outbox.tell(tx, event, at=at, command=row.command, correlation=row.correlation)


def _clean(said: str) -> str:
    """What a core says, as it can be stored."""
    return said.replace("\0", "").encode("utf-8", "replace").decode()[:LONGEST_SAID]


def _tell(tx: Tx, row: Instruction, particulars: Particulars, at: datetime) -> None:
    tx.run(SQL["tell"], {"id": row.id, "particulars": pack_particulars(particulars)})
    for event in row.notices_of(particulars):
        outbox.tell(tx, event, at=at, command=row.command, correlation=row.correlation)


def tell(instruction: InstructionId, particulars: Particulars, at: datetime) -> None:
    """The notices of one that is posted, with the balances of the core's books: once."""
    with transaction("payments.tell", Role.BOOKS) as tx:
        tx.run(SQL["lock"], {"ids": [instruction]})
        row = by_id(tx, instruction)
        if row.state is State.POSTED and row.particulars is None:
            _tell(tx, row, particulars, at)


def _tell_what_is_posted(core: FarCore, clock: Clock) -> int:
    at = clock.now()
    with transaction("payments.lease_untold", Role.BOOKS) as tx:
        rows = tx.run(SQL["lease_untold"], {"at": at, "until": at + LEASE, "most": AT_ONCE}).all()
        posted = by_ids(tx, [row.id for row in rows]) if rows else []
    told = 0
    for row in posted:
        assert row.number is not None
        particulars = _particulars(core, row, row.number, patience_s=PARTICULARS_S)
        if particulars is None:
            break
        tell(row.id, particulars, clock.now())
        told += 1
    with transaction("payments.put_off", Role.BOOKS) as tx:
        for row in posted[told:]:
            tx.run(SQL["put_off"], {"id": row.id, "next_at": clock.now() + pause_after(row.tries)})
    return len(posted)


_counted_at_s: dict[str, float] = {}


def _count_now_and_then() -> None:
    """How many are on their way, for /metrics."""
    slug, now_s = current().slug, time.monotonic()
    if now_s - _counted_at_s.get(slug, -COUNTED_EVERY_S) < COUNTED_EVERY_S:
        return
    _counted_at_s[slug] = now_s
    with transaction("payments.counted", Role.BOOKS) as tx:
        found = {row.state: int(row.instructions) for row in tx.run(SQL["counted"]).all()}
    for state in (State.ACCEPTED, State.SENT, State.UNKNOWN):
        under_way.labels(slug, state.value).set(found.get(state.value, 0))


def _give_back(leased: Sequence[Leased], clock: Clock) -> None:
    """Leased, and not begun in this round: as if it had not been."""
    next_at = clock.now() + timedelta(seconds=1)
    with transaction("payments.give_back", Role.BOOKS) as tx:
        tx.run_many(
            SQL["give_back"],
            [
                {"id": row.id, "was": each.was.value, "tries": row.tries, "next_at": next_at}
                for each in leased
                for row in [each.instruction]
            ],
        )


def _give_up(clock: Clock) -> int:
    """What was never sent and has waited for too long is refused, and its limit released."""
    at = clock.now()
    before = at - timedelta(hours=current().waits.give_up_hours)
    with transaction("payments.expired", Role.BOOKS) as tx:
        rows = tx.run(SQL["expired"], {"before": before, "most": MOST_A_ROUND}).all()
    for row in rows:
        _refuse_expired(row.id, at)
    return len(rows)


def _refuse_expired(instruction: InstructionId, at: datetime) -> None:
    with transaction("payments.give_up", Role.BOOKS) as tx:
        tx.run(SQL["lock"], {"ids": [instruction]})
        row = by_id(tx, instruction)
        if row.state is State.ACCEPTED:
            _write(tx, row, Step(State.REFUSED, "waited for too long", refusal=NotTakenInTime()), at, is_told=False)


def hurry(reference: str, at: datetime) -> bool:
    """Ask about it at the next round, whatever pause was meant; False where there is nothing to ask."""
    with transaction("payments.hurry", Role.BOOKS) as tx:
        return tx.run(SQL["hurry"], {"reference": reference, "at": at}).first() is not None
