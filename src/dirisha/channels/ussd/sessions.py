"""The session's row: whose turn it is, what stands on its tape, the last answer. Two short transactions a turn.

What was typed so far is kept as a keyed hash and a length: enough to find what is new, and to know a request again.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dirisha.access import people
from dirisha.access.keys import decrypt, encrypt, keyed_hash
from dirisha.access.people import Person
from dirisha.carriers.port import Screen, UssdTurn
from dirisha.channels.ussd.desk import phone_facts
from dirisha.channels.ussd.dialog import PhoneFacts
from dirisha.channels.ussd.tape import Tape, Typed
from dirisha.db.statements import Statements
from dirisha.db.transactions import Role, Tx, transaction
from dirisha.kit.ids import UserId, time_ordered_id

SQL = Statements.beside(__file__, "sql/session.sql")

LIFE = timedelta(seconds=180)
MOST_TURNS = 40
# Longer than any turn takes; who dies holding it is succeeded after that.
LEASE = timedelta(seconds=10)
REMEMBERED = timedelta(days=1)
MOST_DIALLED = 10


@dataclass(frozen=True, slots=True)
class Mine:
    """The turn is ours to answer. `facts` at a session's first turn, `person` at those after the PIN."""

    lease: UUID
    number: int
    tape: Tape
    typed: Typed = field(repr=False)
    facts: PhoneFacts | None
    person: Person | None


@dataclass(frozen=True, slots=True)
class Answered:
    """This request, or a later one, was answered before."""

    screen: Screen


@dataclass(frozen=True, slots=True)
class Busy:
    """Another request works on this session at the moment."""


@dataclass(frozen=True, slots=True)
class Over:
    """The session has lived its time or its turns, or is another phone's."""


Taken = Mine | Answered | Busy | Over


def take(turn: UssdTurn, at: datetime) -> Taken:
    """Find the turn's place in its session, and take the lease when it is new."""
    with transaction("ussd.take", Role.APP, durable=False) as tx:
        tx.run(SQL["open"], {"id": turn.session, "msisdn": turn.msisdn, "at": at, "expires_at": at + LIFE})
        row = tx.run(SQL["read"], {"id": turn.session}).one()
        if row.msisdn != turn.msisdn or row.expires_at <= at:
            return Over()
        answer = _new_answer(turn, row)
        is_first = row.typed_hash is None
        if not is_first and (answer is None or row.answer_ends):
            return Over() if row.answer is None else Answered(_screen(row))
        if row.leased_until is not None and row.leased_until > at:
            return Busy()
        if row.turn >= MOST_TURNS:
            return Over()
        lease = time_ordered_id(at)
        tx.run(SQL["lease"], {"id": turn.session, "lease": lease, "until": at + LEASE})
        tape = Tape(dialled=len(turn.typed)) if is_first else _tape(row)
        # Queued, so that they travel with the lease and its commit.
        facts = _facts_on_their_way(tx, turn.msisdn) if is_first else None
        person = None if tape.user is None else people.person_on_its_way(tx, UserId(tape.user))
    return Mine(
        lease,
        row.turn + 1,
        tape,
        Typed(answer, _dialled(turn, tape)),
        facts() if facts else None,
        person() if person else None,
    )


def _new_answer(turn: UssdTurn, row: Any) -> str | None:
    """What follows the text of the last turn; None when this text does not go on from there."""
    if row.typed_hash is None or len(turn.typed) <= row.typed_length:
        return None
    before, rest = turn.typed[: row.typed_length], turn.typed[row.typed_length :]
    if not hmac.compare_digest(bytes(row.typed_hash), _hash(turn.session, before)):
        return None
    if row.typed_length == 0:
        return rest
    return rest[1:] if rest.startswith("*") else None


def _dialled(turn: UssdTurn, tape: Tape) -> tuple[str, ...]:
    dialled = turn.typed[: tape.dialled]
    return tuple(dialled.split("*")[:MOST_DIALLED]) if dialled else ()


def _tape(row: Any) -> Tape:
    return Tape() if row.tape is None else Tape.unpacked(decrypt(bytes(row.tape)))


def _screen(row: Any) -> Screen:
    return Screen(decrypt(bytes(row.answer)).decode(), row.answer_ends)


def _facts_on_their_way(tx: Tx, msisdn: str) -> Callable[[], PhoneFacts]:
    language = people.phone_language_on_its_way(tx, msisdn)
    linked = people.people_of_phone_on_their_way(tx, msisdn)
    return lambda: phone_facts(language(), linked())


def keep(turn: UssdTurn, mine: Mine, tape: Tape, screen: Screen, at: datetime) -> bool:
    """Store tape and answer and give the lease back. False when another request has taken the turn over."""
    with transaction("ussd.keep", Role.APP, durable=False) as tx:
        kept = tx.run(
            SQL["keep"],
            {
                "id": turn.session,
                "lease": mine.lease,
                "typed_length": len(turn.typed),
                "typed_hash": _hash(turn.session, turn.typed),
                "tape": None if screen.ends else encrypt(tape.packed()),
                "answer": encrypt(screen.text.encode()),
                "answer_ends": screen.ends,
                "at": at,
            },
        )
    return kept.first() is not None


def close(session: str, at: datetime) -> None:
    """The gateway says that the session is over. Unknown ones and ended ones are no matter."""
    with transaction("ussd.close", Role.APP) as tx:
        tx.run(SQL["close"], {"id": session, "at": at})


def sweep(at: datetime) -> bool:
    """Wipe what sessions remembered once their time is over; forget them a day later. True when there were any."""
    with transaction("ussd.sweep", Role.KEEPER) as tx:
        wiped = tx.run(SQL["wipe"], {"at": at})
        tx.run(SQL["forget"], {"before": at - REMEMBERED})
        return bool(wiped.all())


def _hash(session: str, typed: str) -> bytes:
    return keyed_hash("ussd:typed", f"{session}\0{typed}")
