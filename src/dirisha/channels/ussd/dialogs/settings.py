"""Language, and SMS banking for this phone."""

from __future__ import annotations

from dirisha.acts.access.set_language import set_language
from dirisha.acts.access.switch_sms import switch_sms
from dirisha.channels.ussd.dialog import Dialog, End, Speak, own_link, perform, pick, show
from dirisha.channels.ussd.refusals import refused
from dirisha.channels.ussd.words import Say, say
from dirisha.engine.outcome import Refused
from dirisha.tenants.current import current


def settings() -> Dialog[End]:
    wish = yield from pick(
        "settings", [say("settings.title")], {key: say(f"settings.{key}") for key in ("language", "sms")}
    )
    return (yield from (_language() if wish == "language" else _sms()))


def _language() -> Dialog[End]:
    languages = current().languages
    chosen = yield from pick(
        "settings.language",
        [say("language.choose")],
        {language: Say("language.name", language=language) for language in languages},
    )
    for step, as_visitor in (("settings.own", False), ("settings.phone", True)):
        outcome = yield from perform(step, set_language, as_visitor=as_visitor, language=chosen)
        if isinstance(outcome, Refused):
            return (yield from refused("settings.refused", outcome, about_money=False))
    yield Speak(chosen)
    return (yield from show("settings.language_set", [say("settings.language_set")]))


def _sms() -> Dialog[End]:
    link = yield from own_link()
    if link is None:
        return (yield from show("settings.no_phone", [say("refusal.object.not_found"), say("call_plain")]))
    state = "on" if link.sms_on else "off"
    wish = yield from pick(
        "settings.sms",
        [say(f"settings.sms_is_{state}")],
        {key: say(f"settings.sms_{key}") for key in ("on", "off")},
    )
    outcome = yield from perform("settings.sms_switched", switch_sms, link_id=link.link, on=wish == "on")
    if isinstance(outcome, Refused):
        return (yield from refused("settings.refused", outcome, about_money=False))
    return (yield from show("settings.sms_done", [say(f"settings.sms_is_{wish}_now")]))
