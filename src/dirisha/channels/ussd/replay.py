"""One turn of a conversation: its tape, what was typed, and the next screen. Pure but for the desk.

`0`, `00` and `98` are answered from the tape alone. Everything else replays the dialog up to the step that stands on
the phone, gives it what was typed, and goes on to the next page. A tape that does not fit the dialog (it changed in a
deploy, or what was chosen is gone) leads back politely, never into an act.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from dirisha.channels.ussd.desk import Desk
from dirisha.channels.ussd.dialog import (
    Ask,
    Confirm,
    Dialog,
    End,
    EnterPin,
    GetQuote,
    Hint,
    Look,
    LookAtMyself,
    LookAtOwnLink,
    LookAtPhone,
    Offer,
    OfferGone,
    Perform,
    PhoneFacts,
    PhonePerson,
    Speak,
    Step,
)
from dirisha.channels.ussd.screens import BACK, HOME, MORE, Limit, Numbered, Page, Ways, ending, paged
from dirisha.channels.ussd.tape import EMPTY, Entry, Shown, Tape, Typed
from dirisha.channels.ussd.words import Say, Voice, say
from dirisha.engine.outcome import Quote, Refused
from dirisha.engine.policy import Need
from dirisha.kit.ids import UserId
from dirisha.tenants.institution import Institution

PRESSED_KEY = "1"
END_STEP = "end"


@dataclass(frozen=True, slots=True)
class Turned:
    """The outcome of a turn: the longer tape, and what the phone shows."""

    tape: Tape
    text: str
    ends: bool


class _TapeMismatch(Exception):
    """The dialog asks for another step than the tape has at `place`."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True, slots=True)
class _OnPhone:
    """A page to be shown, and which step it belongs to."""

    step: str
    lines: tuple[Say, ...]
    options: tuple[Numbered, ...] = ()


def take_turn(
    dialog: Callable[[], Dialog[End]], tape: Tape, typed: Typed, desk: Desk, institution: Institution, language: str
) -> Turned:
    """`language` is spoken until the dialog knows better."""
    answer = None if typed.answer is None else typed.answer.strip()
    page = 0
    if answer is not None and tape.shown is not None:
        way = _way(answer, tape)
        if way is _LEAVE:
            return Turned(tape, spoken_end(institution, language, End((say("bye"),))), ends=True)
        if way is not None:
            tape, page, answer = way.tape, way.page, None
    note: Say | None = None
    while True:
        turn = _Turn(tape, replace(typed, answer=answer), desk, institution, language, page, note)
        try:
            return turn.play(dialog())
        except (_TapeMismatch, OfferGone) as error:
            tape, note = _led_back(tape, error), say("restarted")
            answer, page = None, 0


@dataclass(frozen=True, slots=True)
class _Way:
    """Where one of the ways at a page's foot leads: to a page of the step at which the tape ends."""

    tape: Tape
    page: int = 0


_LEAVE = _Way(EMPTY)


def _way(answer: str, tape: Tape) -> _Way | None:
    """None for an answer that is none of the ways."""
    shown = tape.shown
    assert shown is not None
    if answer == MORE and not shown.is_last:
        return _Way(replace(tape, shown=None), shown.page + 1)
    if shown.step == END_STEP:
        return _Way(replace(tape, shown=None), shown.page)
    if answer == BACK:
        if shown.page > 0:
            return _Way(replace(tape, shown=None), shown.page - 1)
        back = tape.back
        return _LEAVE if back is None else _Way(tape.cut(back))
    if answer == HOME and tape.home is not None and tape.is_past_home:
        return _Way(tape.cut(tape.home))
    return None


def _led_back(tape: Tape, error: Exception) -> Tape:
    """To the menu where the tape fits as far as there; to the very beginning otherwise."""
    place = error.place if isinstance(error, _TapeMismatch) else len(tape.entries)
    if tape.home is not None and tape.home <= place and tape.is_past_home:
        return tape.cut(tape.home)
    return EMPTY


class _Turn:
    """One walk through the dialog: first along the tape, then with what was typed, then to the next page."""

    def __init__(
        self,
        tape: Tape,
        typed: Typed,
        desk: Desk,
        institution: Institution,
        language: str,
        page: int,
        note: Say | None,
    ) -> None:
        self.tape = tape
        self.shown = tape.shown
        self.answer = typed.answer
        # Spent by any going back and by a new beginning.
        self.dialled = typed.dialled if tape.dialled else ()
        self.desk = desk
        self.institution = institution
        self.language = language
        self.page = page
        self.note = note
        self.place = 0

    def play(self, dialog: Dialog[End]) -> Turned:
        outcome: Any = None
        while True:
            try:
                step = dialog.send(outcome)
            except StopIteration as stop:
                return self._ended(stop.value)
            result = self._answered(step)
            if isinstance(result, _OnPhone):
                return self._put_on_phone(result)
            outcome = result

    # --- steps

    def _answered(self, step: Step) -> Any:
        match step:
            case Speak():
                self.language = step.language
                self.desk.speak(step.language)
                return None
            case Look():
                return self.desk.look(step.question, step.arguments)
            case LookAtMyself():
                return self.desk.myself()
            case LookAtOwnLink():
                return self.desk.own_link()
        if isinstance(step, Ask) and step.is_home:
            self.tape = replace(self.tape, home=self.place)
        if self.place < len(self.tape.entries):
            entry = self.tape.entries[self.place]
            if entry.step != step.step:
                raise _TapeMismatch(self.place)
            self.place += 1
            return self._from_tape(step, entry)
        match step:
            case Ask():
                return self._asked(step)
            case EnterPin():
                return self._pin(step)
            case Confirm():
                return self._confirmed(step)
            case LookAtPhone():
                facts = self.desk.phone()
                people = [[person.user, person.label] for person in facts.people]
                self._keep(step.step, {"language": facts.language, "people": people})
                return facts
            case Perform():
                done = self.desk.perform(step.act, step.inputs, as_visitor=step.as_visitor)
                if isinstance(done, Refused):
                    return done
                self._keep(step.step, done.result)
                return done.result
            case GetQuote():
                quote = self.desk.quote(step.act, step.inputs)
                return quote if isinstance(quote, Refused) else self._kept_offer(step.step, quote)
        raise AssertionError(step)

    def _from_tape(self, step: Step, entry: Entry) -> Any:
        value = entry.value
        match step:
            case EnterPin():
                person = self.desk.recognise(UserId(value["user"]), value["at"])
                if person is None:
                    raise _TapeMismatch(self.place - 1)
                return person
            case LookAtPhone():
                people = tuple(PhonePerson(UserId(user), label) for user, label in value["people"])
                return PhoneFacts(value["language"], people)
            case Perform():
                return value
            case GetQuote():
                return Offer(value["quote"], Need(value["need"]))
            case Confirm():
                # Done, or finally refused: the engine tells again what it stored, and needs no proof for that.
                return self.desk.confirm(step.offer.quote, pin=None, pressed=False)
        return value

    def _asked(self, step: Ask) -> Any:
        options = tuple(Numbered(self._voice.speak(option.label), option.value) for option in step.options)
        on_phone = _OnPhone(step.step, step.lines, options)
        if self.answer is not None:
            shown, answer = self._spent_answer(step.step)
            try:
                value = _chosen(answer, shown.keys, step.read if shown.is_last else None)
            except Hint as hint:
                self.note = hint.line
                return on_phone
            if answer in shown.keys and all(option.value != value for option in step.options):
                raise OfferGone(step.step)
            self._keep(step.step, value, tuple(shown.keys.values()), asked=True)
            return value
        dialled = self._spent_dialled(step)
        if dialled is not None:
            keys = {str(number): option.value for number, option in enumerate(options, 1)}
            try:
                value = _chosen(dialled, keys, step.read)
            except Hint:
                self.tape = replace(self.tape, dialled_used=len(self.dialled))
                return on_phone
            self._keep(step.step, value, tuple(keys.values()), asked=True)
            return value
        return on_phone

    def _pin(self, step: EnterPin) -> Any:
        on_phone = _OnPhone(step.step, step.lines)
        if self.answer is None:
            return on_phone
        _, answer = self._spent_answer(step.step)
        if not is_pin(answer):
            self.note = say("hint.pin")
            return on_phone
        outcome = self.desk.enter_pin(step.user, answer)
        if isinstance(outcome, Refused):
            return outcome
        person, at = outcome
        self._keep(step.step, {"user": person.user, "at": at})
        return person

    def _confirmed(self, step: Confirm) -> Any:
        need = step.offer.need
        if self.answer is None:
            return self._terms_page(step)
        shown, answer = self._spent_answer(step.step)
        pressed = need is Need.PRESSED and answer == PRESSED_KEY
        if not shown.is_last or not (pressed or is_pin(answer)):
            self.note = say("hint.read_on" if not shown.is_last else f"hint.confirm_{need.value}")
            return self._terms_page(step)
        outcome = self.desk.confirm(step.offer.quote, pin=None if pressed else answer, pressed=pressed)
        if isinstance(outcome, Refused):
            if outcome.quote is not None:
                # The old key is closed: what follows on the tape is about the new quote.
                self._replace_offer(outcome.quote)
            elif outcome.refusal.final:
                self._keep(step.step, None)
        else:
            self._keep(step.step, None)
        return outcome

    # --- pages

    def _terms_page(self, step: Confirm) -> _OnPhone:
        terms = self.desk.terms(step.offer.quote)
        if terms is None:
            raise OfferGone(step.step)
        self.note = self.note or step.note
        return _OnPhone(step.step, step.lines(terms, step.offer.need))

    def _put_on_phone(self, what: _OnPhone) -> Turned:
        lines = [*([self.note] if self.note else []), *what.lines]
        spoken = [self._voice.speak(line) for line in lines]
        pages = paged(spoken, what.options, self._ways(), _limit(self.institution))
        number = 0 if self.note else min(self.page, len(pages) - 1)
        page: Page = pages[number]
        shown = Shown(what.step, number, dict(page.keys), page.is_last)
        return Turned(replace(self.tape, shown=shown, language=self.language), page.text, ends=False)

    def _ended(self, end: End) -> Turned:
        """The last screen; the pages before it where one is not enough (a name in letters that fill a page sooner)."""
        ways = Ways(self._voice.speak(say("way.more")), ())
        pages = paged([self._voice.speak(line) for line in end.lines], (), ways, _limit(self.institution))
        number = min(self.page, len(pages) - 1)
        page = pages[number]
        shown = Shown(END_STEP, number, {}, page.is_last)
        return Turned(replace(self.tape, shown=shown, language=self.language), page.text, ends=page.is_last)

    def _ways(self) -> Ways:
        back = "way.leave" if self.tape.back is None else "way.back"
        keys = [back, "way.home"] if self.tape.is_past_home else [back]
        return Ways(self._voice.speak(say("way.more")), tuple(self._voice.speak(say(key)) for key in keys))

    @property
    def _voice(self) -> Voice:
        return Voice(self.institution, self.language)

    # --- the tape

    def _keep(self, step: str, value: Any, offer: tuple[Any, ...] = (), *, asked: bool = False) -> None:
        self.tape = self.tape.with_entry(Entry(step, value, offer, asked))
        self.place = len(self.tape.entries)

    def _kept_offer(self, step: str, quote: Quote) -> Offer:
        self._keep(step, {"quote": quote.id, "need": quote.need.value})
        return Offer.of(quote)

    def _replace_offer(self, quote: Quote) -> None:
        last = self.tape.entries[-1]
        self.tape = replace(self.tape, entries=self.tape.entries[:-1])
        self._kept_offer(last.step, quote)

    def _spent_answer(self, step: str) -> tuple[Shown, str]:
        """What was typed, once: for the step that stood on the phone and for no other."""
        if self.shown is None or self.shown.step != step or self.answer is None:
            raise _TapeMismatch(self.place)
        answer, self.answer = self.answer, None
        return self.shown, answer

    def _spent_dialled(self, step: Ask) -> str | None:
        """The next part of what was dialled. Parts answer the menu and what is behind it, and never a PIN."""
        used = self.tape.dialled_used
        if step.by_hand or self.tape.home is None or used >= len(self.dialled):
            return None
        self.tape = replace(self.tape, dialled_used=used + 1)
        return self.dialled[used]


def is_pin(typed: str) -> bool:
    """Shaped like one: four to six digits. Anything else is a slip, and is not counted."""
    return typed.isascii() and typed.isdigit() and 4 <= len(typed) <= 6


def _chosen(typed: str, keys: dict[str, Any], read: Callable[[str], Any] | None) -> Any:
    if typed in keys:
        return keys[typed]
    if read is None:
        raise Hint(say("hint.number" if keys else "hint.foot"))
    return read(typed)


def spoken_end(institution: Institution, language: str, end: End) -> str:
    voice = Voice(institution, language)
    return ending([voice.speak(line) for line in end.lines], _limit(institution))


def _limit(institution: Institution) -> Limit:
    carrier = institution.carrier
    assert carrier is not None
    return Limit(carrier.screen_gsm7, carrier.screen_ucs2)
