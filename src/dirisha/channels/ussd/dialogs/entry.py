"""From the dialled code to the menu: language on first use, who of this phone, the PIN, and then what to do."""

from __future__ import annotations

from dirisha.access.people import Person
from dirisha.access.secrets import WrongSecret
from dirisha.acts.access.set_language import set_language
from dirisha.channels.ussd.dialog import (
    Dialog,
    End,
    LookAtPhone,
    PhoneFacts,
    PhonePerson,
    Speak,
    choose,
    enter_pin,
    myself,
    perform,
    pick,
)
from dirisha.channels.ussd.dialogs.balances import balances
from dirisha.channels.ussd.dialogs.get_help import get_help
from dirisha.channels.ussd.dialogs.move_money import move_money
from dirisha.channels.ussd.dialogs.my_loan import my_loan
from dirisha.channels.ussd.dialogs.repay_loan import repay_loan
from dirisha.channels.ussd.dialogs.settings import settings
from dirisha.channels.ussd.dialogs.statement import statement
from dirisha.channels.ussd.refusals import refused
from dirisha.channels.ussd.words import Say, say
from dirisha.tenants.current import current

MENU = {
    "balances": balances,
    "loan": my_loan,
    "repay": repay_loan,
    "move": move_money,
    "statement": statement,
    "settings": settings,
    "help": get_help,
}


def enter() -> Dialog[End]:
    phone: PhoneFacts = yield LookAtPhone("phone")
    if not phone.people:
        return End((say("unknown_phone"),))
    chosen = None
    if phone.language is None and len(current().languages) > 1:
        chosen = yield from _first_language()
    else:
        yield Speak(phone.language or current().languages[0])
    who = yield from choose("who", [say("who")], phone.people, key=lambda each: each.user, label=_label, by_hand=True)
    person = yield from _recognised(who)
    if isinstance(person, End):
        return person
    if chosen is not None:
        yield from perform("language.own", set_language, language=chosen)
        person = yield from myself()
    if person.language is not None:
        yield Speak(person.language)
    wish = yield from pick("menu", [say("menu.title")], {key: say(f"menu.{key}") for key in MENU}, is_home=True)
    return (yield from MENU[wish]())


def _first_language() -> Dialog[str]:
    languages = current().languages
    chosen = yield from pick(
        "language",
        [Say("language.choose", language=language) for language in languages],
        {language: Say("language.name", language=language) for language in languages},
        by_hand=True,
    )
    yield Speak(chosen)
    yield from perform("language.phone", set_language, as_visitor=True, language=chosen)
    return chosen


def _recognised(who: PhonePerson) -> Dialog[Person | End]:
    """The person, by the PIN; asked again after a wrong one, until the engine locks it."""
    lines = [say("pin.ask")]
    while True:
        person = yield from enter_pin("pin", who.user, lines)
        if isinstance(person, Person):
            return person
        if not isinstance(person.refusal, WrongSecret):
            return (yield from refused("pin.refused", person, about_money=False))
        lines = [say("pin.wrong", left=person.refusal.facts["left"]), say("pin.ask")]


def _label(person: PhonePerson) -> Say:
    return say("text", text=person.label)
