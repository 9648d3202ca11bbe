"""A request of the gateway, from the words it brings to the screen it is answered with.

(1) a short transaction finds the turn's place and takes its lease; (2) the conversation is replayed and goes on: looks,
a PIN checked, an act of the engine, each in transactions of its own; (3) a short transaction stores tape and answer.
A crash between (2) and (3) is harmless: the next request replays the same, and the engine knows its key.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog

from dirisha.carriers.port import Screen, UssdTurn
from dirisha.channels.ussd import sessions
from dirisha.channels.ussd.desk import EngineDesk
from dirisha.channels.ussd.dialog import End
from dirisha.channels.ussd.dialogs.entry import enter
from dirisha.channels.ussd.refusals import lines_of
from dirisha.channels.ussd.replay import spoken_end, take_turn
from dirisha.channels.ussd.sessions import Answered, Busy, Mine
from dirisha.channels.ussd.tape import Tape
from dirisha.channels.ussd.words import Say, say
from dirisha.core.budget import budget
from dirisha.engine.outcome import Refused
from dirisha.engine.refusals import TryLater
from dirisha.queries.ask import AWAY
from dirisha.tenants.current import current

# A second delivery waits for the first one's answer as long as a gateway waits for us.
LONGEST_WAIT_S = 6.0
LOOK_AGAIN_S = 0.05

log = structlog.get_logger()


def answer(turn: UssdTurn, *, at: datetime, correlation: str) -> Screen:
    """The screen for this request: worked out now, or as it was answered before."""
    institution = current()
    try:
        with budget(institution.patience.ussd + institution.waits.ussd):
            return _answered(turn, at, correlation)
    except AWAY:
        return _away(correlation)
    except Exception:
        log.error("ussd.fault", exc_info=True)
        return _last_words((say("fault"), say("call_plain")))


def _answered(turn: UssdTurn, at: datetime, correlation: str) -> Screen:
    taken = _taken(turn, at)
    match taken:
        case Answered():
            return taken.screen
        case Busy():
            return _last_words((say("busy"), say("call_plain")))
        case Mine():
            return _worked_out(turn, taken, at, correlation)
    return _last_words((say("over"),))


def _taken(turn: UssdTurn, at: datetime) -> sessions.Taken:
    taken = sessions.take(turn, at)
    began = time.monotonic()
    while isinstance(taken, Busy) and (waited_s := time.monotonic() - began) < LONGEST_WAIT_S:
        time.sleep(LOOK_AGAIN_S)
        taken = sessions.take(turn, at + timedelta(seconds=waited_s))
    return taken


def _worked_out(turn: UssdTurn, mine: Mine, at: datetime, correlation: str) -> Screen:
    language = mine.tape.language or current().languages[0]
    desk = EngineDesk(
        msisdn=turn.msisdn, at=at, correlation=correlation, attempt=f"{turn.session}:{mine.number}",
        language=language, facts=mine.facts, person=mine.person,
    )  # fmt: skip
    try:
        turned = take_turn(enter, mine.tape, mine.typed, desk, current(), language)
        tape, screen = turned.tape, Screen(turned.text, turned.ends)
    except AWAY:
        # Questions alone raise it; an act answers with its refusal. So nothing moved.
        tape, screen = mine.tape, _away(correlation, desk.language)
    except Exception:
        log.error("ussd.fault", exc_info=True)
        tape, screen = mine.tape, _last_words((say("fault"), say("call_plain")), desk.language)
    return _kept(turn, mine, tape, screen, at, correlation)


def _kept(turn: UssdTurn, mine: Mine, tape: Tape, screen: Screen, at: datetime, correlation: str) -> Screen:
    try:
        if sessions.keep(turn, mine, tape, screen, at):
            return screen
        # Too slow: another request has taken the turn over, and its answer is the one.
        taken = _taken(turn, at)
        return taken.screen if isinstance(taken, Answered) else screen
    except AWAY:
        # The tape is lost, so the session can't go on; an outcome is told all the same.
        return screen if screen.ends else _away(correlation)


def _away(correlation: str, language: str | None = None) -> Screen:
    return _last_words(lines_of(Refused(TryLater(known=True), correlation), about_money=True), language)


def _last_words(lines: tuple[Say, ...], language: str | None = None) -> Screen:
    return Screen(spoken_end(current(), language or current().languages[0], End(lines)), ends=True)
