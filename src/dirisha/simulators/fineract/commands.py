"""Commands: an idempotency key claimed, what was done with it stored, both in the money's own transaction.

The key belongs to action and entity, and to nothing else: another account, another body, another user with the same
key are answered with what the first one brought, refusals among it. Without a header each call is a command of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson

from dirisha.audit import trail
from dirisha.audit.events import Outcome
from dirisha.core.port import Posting
from dirisha.db.statements import Statements
from dirisha.db.transactions import Role, Tx, transaction
from dirisha.engine import commands as engine
from dirisha.engine.commands import Key
from dirisha.kit.actor import Actor, Channel
from dirisha.kit.actor import Role as ActorRole
from dirisha.kit.ids import CommandId, JournalId, reference_for, time_ordered_id
from dirisha.simulators.fineract.bodies import read_object
from dirisha.simulators.fineract.calls import Answer, Call
from dirisha.simulators.fineract.desk import Desk
from dirisha.simulators.fineract.errors import Refusal, key_too_long
from dirisha.simulators.fineract.users import User
from dirisha.wire.written import Json

SQL = Statements.beside(__file__, "sql/commands.sql")

LONGEST_KEY = 50
OURS = "fineract:"
CACHED = {"x-served-from-cache": "true"}
RANDOM_BITS = 12  # of a command's id that are part of its number


@dataclass(frozen=True, slots=True)
class Command:
    """What a call asks to be done: `action` and `entity` as Fineract names them, on the object `subject`, if on one."""

    action: str
    entity: str
    subject: int | None
    url: str

    @property
    def permission(self) -> str:
        return f"{self.action}_{self.entity}"

    def key(self, given: str) -> Key:
        return Key(OURS + self.permission, self.permission, given)


@dataclass(frozen=True, slots=True)
class Carrying:
    """A command being carried out: in `tx`, on the business date `on`, under the id `id`."""

    desk: Desk
    tx: Tx
    command: Command
    body: Json
    id: UUID
    on: date
    at: datetime

    def posting(self, kind: str, on: date) -> Posting:
        journal = JournalId(time_ordered_id(self.at))
        return Posting(CommandId(self.id), journal, reference_for(journal), kind, on, self.at)


Work = Callable[[Carrying], Json]


def perform(desk: Desk, call: Call, user: User, command: Command, work: Work) -> Answer:
    user.must_perform(command.permission)
    body = read_object(call.body)
    given = call.headers.get("idempotency-key")
    if given is not None and len(given) > LONGEST_KEY:
        raise key_too_long()
    key = command.key(str(uuid4()) if given is None else given)
    waits = command.permission in desk.branch.checked and not user.may_check(command.permission)
    with transaction("fineract.command", Role.BOOKS) as tx:
        claim, stored = engine.claim(tx, key), engine.read(tx, key)
        if claim.one().claim == "taken":
            return _in_progress(call)
        row = stored.first()
        if row is not None:
            return _again(row, call)
        carrying = Carrying(desk, tx, command, body, time_ordered_id(call.at), desk.business_date(call.at), call.at)
        tx.savepoint()
        return (_wait if waits else _carry_out)(carrying, key, user, work)


def _carry_out(carrying: Carrying, key: Key, user: User, work: Work) -> Answer:
    answer = attempt(carrying, work)
    state, result = outcome_of(answer)
    carrying.tx.run(SQL["finish"], _row(carrying, key, user) | {"state": state, "result": result})
    tell(carrying, state)
    return answer


def attempt(carrying: Carrying, work: Work) -> Answer:
    """Done, or refused with nothing done since the savepoint."""
    try:
        return Answer.of(work(carrying))
    except Refusal as refusal:
        carrying.tx.back_to_savepoint()
        return Answer.of(refusal.body, status=refusal.status)


def outcome_of(answer: Answer, **besides: str) -> tuple[str, str]:
    """State and result of a command's row. The body is kept as text, so that it is answered again to the letter."""
    result = besides | {"status": answer.status, "text": answer.body.decode()}
    return "done" if answer.status < 400 else "refused", orjson.dumps(result).decode()


def _wait(carrying: Carrying, key: Key, user: User, work: Work) -> Answer:
    """Tried, so that what can't be done is refused at once; then undone, until somebody approves of it."""
    answer = attempt(carrying, work)
    if answer.status >= 400:
        return answer
    carrying.tx.flush()
    carrying.tx.back_to_savepoint()
    carrying = replace(carrying, id=_unmistakable(carrying))
    carrying.tx.run(SQL["wait"], _row(carrying, key, user, waits=True))
    nothing: Json = {"rollbackTransaction": True, "resourceExternalId": {}, "subResourceExternalId": {}}
    return Answer.of({"commandId": number_of(carrying.id)} | nothing)


def _unmistakable(carrying: Carrying) -> UUID:
    """An id whose number no other command has: by its number it will be asked for."""
    while True:
        identifier = time_ordered_id(carrying.at)
        first, last = ids_of(number_of(identifier))
        if carrying.tx.run(SQL["one"], {"first": first, "last": last}).first() is None:
            return identifier


def _again(row: Any, call: Call) -> Answer:
    """What this key brought. One that waits for its checker, and one that was rejected, count as in progress."""
    stored = orjson.loads(row.result) if row.result else {}
    if "text" not in stored:
        return _in_progress(call)
    return Answer(stored["status"], stored["text"].encode(), CACHED)


def _in_progress(call: Call) -> Answer:
    """It echoes what was sent."""
    return Answer(425, call.body, CACHED)


# --- the row ----------------------------------------------------------------------------------------------------------


def _row(carrying: Carrying, key: Key, user: User, *, waits: bool = False) -> Json:
    body = orjson.dumps(carrying.body, default=str).decode()
    command = carrying.command
    terms = {"by": user.name, "subject": command.subject, "url": command.url, "body": orjson.Fragment(body)}
    terms |= {"action": command.action, "entity": command.entity, "waits": waits}
    return {
        "id": carrying.id,
        "actor": key.actor,
        "act": key.act,
        "key": key.key,
        "hash": hashlib.sha256(body.encode()).digest(),
        "terms": orjson.dumps(terms).decode(),
        "at": carrying.at,
    }


def tell(carrying: Carrying, state: str) -> None:
    """In the institution's own trail, which misses no finished command."""
    slug = carrying.desk.institution.slug
    actor = Actor(slug, Channel.CONSOLE, ActorRole.OPERATOR, correlation=str(carrying.id))
    act = f"fineract.{carrying.command.permission.lower()}"
    trail.write(carrying.tx, actor, act, Outcome(state), at=carrying.at, command=carrying.id)


def number_of(command_id: UUID) -> int:
    """A command's number: its milliseconds and twelve of its random bits, below 2⁵³."""
    milliseconds, rest = divmod(command_id.int, 1 << 80)
    return (milliseconds << RANDOM_BITS) | ((rest >> 64) & ((1 << RANDOM_BITS) - 1))


def ids_of(number: int) -> tuple[UUID, UUID]:
    """The first and the last id that have this number."""
    milliseconds, random_bits = divmod(number, 1 << RANDOM_BITS)
    if not 0 <= milliseconds < 1 << 48:
        return UUID(int=0), UUID(int=0)
    first = (milliseconds << 80) | (0x7 << 76) | (random_bits << 64)
    return UUID(int=first), UUID(int=first | ((1 << 64) - 1))
