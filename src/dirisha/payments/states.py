"""What an answer of the core makes of an instruction: pure, and the same whoever asked and however often.

`accepted → sent → posted | refused | unknown`, and from unknown to posted or refused. An answer never undoes an end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from dirisha.core.port import Answer, Awaiting, Booked, NoAnswer, NotTaken, Rejected
from dirisha.kit.refusal import Refusal


class State(StrEnum):
    ACCEPTED = "accepted"  # stored; surely not carried out
    SENT = "sent"  # may be at the core at this moment, or waits there for an approval
    UNKNOWN = "unknown"  # may have been carried out or not: to be asked for
    POSTED = "posted"
    REFUSED = "refused"

    @property
    def is_final(self) -> bool:
        return self in (State.POSTED, State.REFUSED)


@dataclass(frozen=True, slots=True)
class Step:
    """Where an instruction stands after an answer. `said` is for the operator; `wait` until it is looked at again."""

    state: State
    said: str
    wait: timedelta = timedelta(0)
    number: str | None = None
    trace: str | None = None
    refusal: Refusal | None = None


APPROVAL_PAUSE = timedelta(minutes=1)
# Who heard that it is booked may read what the notice has to say; after this, anybody does.
TELLERS_TURN = timedelta(seconds=1)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1, 30


@dataclass(frozen=True, slots=True)
class Lease:
    """Who asks the core: in which state the instruction was when taken up, and as which try.

    In state `accepted` no sending can have reached the core before this one.
    """

    was: State
    tries: int


def heard(stands: State, tries: int, lease: Lease, answer: Answer) -> Step | None:
    """What an answer changes about an instruction that `stands` there, leased `tries` times; None: nothing.

    Who has lost the lease to another meanwhile is heard only on what the core itself has decided for good: whether this
    sending went well says nothing of the other's.
    """
    if stands.is_final:
        return None
    if tries != lease.tries and not _is_verdict(answer):
        return None
    return _after(lease, answer)


def contradicts(stands: State, answer: Answer) -> bool:
    """Whether the core's verdict is another than the end that stands: never, by all that is promised."""
    return _is_verdict(answer) and stands.is_final and (stands is State.POSTED) != isinstance(answer, Booked)


def _after(lease: Lease, answer: Answer) -> Step:
    match answer:
        case Booked(number):
            return Step(State.POSTED, f"booked {number}", TELLERS_TURN, number=number)
        case Rejected(refusal, said):
            return Step(State.REFUSED, said, refusal=refusal)
        case NotTaken(why):
            stays = State.ACCEPTED if lease.was is State.ACCEPTED else State.UNKNOWN
            return Step(stays, why, pause_after(lease.tries))
        case NoAnswer(why):
            return Step(State.UNKNOWN, why, pause_after(lease.tries))
        case Awaiting(trace):
            return Step(State.SENT, f"waits for approval as {trace}", APPROVAL_PAUSE, trace=trace)


def _is_verdict(answer: Answer) -> bool:
    """Whether the core itself has decided under the instruction's key: true whoever hears it, and for good."""
    return isinstance(answer, Booked) or (isinstance(answer, Rejected) and not answer.by_look)


def pause_after(tries: int) -> timedelta:
    """1 s, doubled by each try up to half a minute."""
    return timedelta(seconds=min(FIRST_PAUSE_S * 2 ** min(max(tries, 1) - 1, 20), LONGEST_PAUSE_S))
