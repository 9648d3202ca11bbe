"""What a conversation is made of. A dialog is a generator without I/O: it yields steps and is sent their outcomes.

    choice = yield from pick("menu", [say("menu.title")], {"repay": say("menu.repay"), …})
    mine = yield from look(summary.mine)
    amount = yield from ask_money("amount", …)

`replay` runs it: steps passed are answered from the tape, the next one by what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, cast
from uuid import UUID

from dirisha.access.people import Person, Phone
from dirisha.channels.ussd.words import Say, say
from dirisha.engine.act import Act, MoneyAct
from dirisha.engine.outcome import MoneyOutcome, Quote, Refused
from dirisha.engine.plan import Quoted
from dirisha.engine.policy import Need
from dirisha.kit.ids import UserId
from dirisha.kit.money import Currency, Money, NotMoney
from dirisha.queries.ask import Question

R = TypeVar("R")
T = TypeVar("T")


class Hint(Exception):
    """What was typed is no answer: the step is asked again, under this line."""

    def __init__(self, line: Say) -> None:
        super().__init__(line.key)
        self.line = line


class OfferGone(Exception):
    """What was chosen is no longer there to be chosen: the conversation goes on from the menu."""


# --- steps ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Option:
    """`value` goes onto the tape when it is chosen: an id or a word."""

    label: Say
    value: Any


@dataclass(frozen=True, slots=True)
class Ask:
    """A page that waits for an answer: one of the options' numbers, or what `read` makes of it (or raises `Hint`).

    `is_home` marks the menu, where `00` leads. What was dialled behind the service code answers steps from there on,
    unless they refuse it by `by_hand`.
    """

    step: str
    lines: tuple[Say, ...]
    options: tuple[Option, ...] = ()
    read: Callable[[str], Any] | None = None
    is_home: bool = False
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class EnterPin:
    """Asks for the PIN of a person. Answered by the `Person`, or by the refusal, which leaves no trace on the tape."""

    step: str
    user: UserId
    lines: tuple[Say, ...]


@dataclass(frozen=True, slots=True)
class Confirm:
    """Shows quoted terms, takes the proof they need, and carries them out. `lines` are built only when shown."""

    step: str
    offer: Offer
    lines: Callable[[Quoted, Need], tuple[Say, ...]]
    note: Say | None = None


@dataclass(frozen=True, slots=True)
class Look:
    question: Question[Any]
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LookAtPhone:
    """Who this phone may lead to and which language was chosen on it: labels only, before any PIN. On the tape."""

    step: str


@dataclass(frozen=True, slots=True)
class LookAtMyself:
    """The person as it is now, after what this conversation has changed."""


@dataclass(frozen=True, slots=True)
class LookAtOwnLink:
    """The person's own link of this phone, as the settings show it; None when it has ended."""


@dataclass(frozen=True, slots=True)
class Perform:
    """An act that moves no money, as the person (a visitor before the PIN). Done once, then on the tape."""

    step: str
    act: Act[Any]
    inputs: Mapping[str, Any]
    as_visitor: bool = False


@dataclass(frozen=True, slots=True)
class GetQuote:
    step: str
    act: MoneyAct[Any]
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Speak:
    """From here on in this language."""

    language: str


@dataclass(frozen=True, slots=True)
class End:
    """The last screen of the session."""

    lines: tuple[Say, ...]


Step: TypeAlias = (
    Ask | EnterPin | Confirm | Look | LookAtPhone | LookAtMyself | LookAtOwnLink | Perform | GetQuote | Speak
)
Dialog: TypeAlias = Generator[Step, Any, R]


# --- what steps answer with -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PhonePerson:
    user: UserId
    label: str


@dataclass(frozen=True, slots=True)
class PhoneFacts:
    language: str | None
    people: tuple[PhonePerson, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A quote as the tape knows it: its id is the key of the act; what it shows is read again when it is shown."""

    quote: UUID
    need: Need

    @classmethod
    def of(cls, quote: Quote) -> Offer:
        return cls(quote.id, quote.need)


# --- conversations in the small ---------------------------------------------------------------------------------------


def look(question: Question[R], **arguments: Any) -> Dialog[R]:
    """Ask a question, anew in each turn."""
    answer = yield Look(question, arguments)
    return cast("R", answer)


def myself() -> Dialog[Person]:
    person = yield LookAtMyself()
    return cast(Person, person)


def own_link() -> Dialog[Phone | None]:
    link = yield LookAtOwnLink()
    return cast("Phone | None", link)


def pick(
    step: str, lines: Sequence[Say], offer: Mapping[str, Say], *, is_home: bool = False, by_hand: bool = False
) -> Dialog[str]:
    """One of a few words, each under its number."""
    options = tuple(Option(label, value) for value, label in offer.items())
    chosen = yield Ask(step, tuple(lines), options, is_home=is_home, by_hand=by_hand)
    return cast(str, chosen)


def choose(
    step: str,
    lines: Sequence[Say],
    among: Sequence[T],
    *,
    key: Callable[[T], int],
    label: Callable[[T], Say],
    skip_single: bool = True,
    by_hand: bool = False,
) -> Dialog[T]:
    """One of several things, known by its id; not asked where there is just one. Raises `OfferGone`."""
    if skip_single and len(among) == 1:
        return among[0]
    chosen = yield Ask(step, tuple(lines), tuple(Option(label(each), key(each)) for each in among), by_hand=by_hand)
    for each in among:
        if key(each) == chosen:
            return each
    raise OfferGone(step)


def ask_money(
    step: str, lines: Sequence[Say], currency: Currency, offer: Mapping[str, tuple[Say, Money]]
) -> Dialog[Money]:
    """An amount that was typed, or one on offer: on the tape the word for it, since the amount may be a balance."""
    options = tuple(Option(label, word) for word, (label, _) in offer.items())
    chosen = yield Ask(step, tuple(lines), options, read=lambda typed: _amount(typed, currency))
    if isinstance(chosen, Money):
        return chosen
    if chosen not in offer:
        raise OfferGone(step)
    return offer[chosen][1]


def _amount(typed: str, currency: Currency) -> Money:
    try:
        amount = Money.parse(typed, currency)
    except NotMoney:
        raise Hint(say("hint.amount")) from None
    if not amount.is_positive:
        raise Hint(say("hint.amount"))
    return amount


def show(step: str, lines: Sequence[Say]) -> Dialog[End]:
    """A page to read: it can only be left by the ways at its foot."""
    while True:
        yield Ask(step, tuple(lines), by_hand=True)


def perform(step: str, act: Act[R], *, as_visitor: bool = False, **inputs: Any) -> Dialog[R | Refused]:
    outcome = yield Perform(step, act, inputs, as_visitor)
    return cast("R | Refused", outcome)


def enter_pin(step: str, user: UserId, lines: Sequence[Say]) -> Dialog[Person | Refused]:
    outcome = yield EnterPin(step, user, tuple(lines))
    return cast("Person | Refused", outcome)


def quoted(step: str, act: MoneyAct[Any], **inputs: Any) -> Dialog[Offer | Refused]:
    outcome = yield GetQuote(step, act, inputs)
    return cast("Offer | Refused", outcome)


def confirm(
    step: str, offer: Offer, lines: Callable[[Quoted, Need], tuple[Say, ...]], note: Say | None = None
) -> Dialog[MoneyOutcome]:
    outcome = yield Confirm(step, offer, lines, note)
    return cast(MoneyOutcome, outcome)
