"""Choose the language: of a user in all channels, or of a phone before anybody is known on it."""

from __future__ import annotations

from dirisha.access import people, permissions
from dirisha.engine.act import Act, Call
from dirisha.kit.actor import Actor
from dirisha.kit.refusal import BadInput

set_language: Act[str] = Act("access.set_language", permission=permissions.SET_LANGUAGE, refusals=[], emits=[])


@set_language.do
def do(actor: Actor, call: Call, *, language: str) -> str:
    if language not in call.institution.languages:
        raise BadInput(field="language", reason="unknown")
    if actor.user is not None:
        people.set_language(call.tx, actor.user, language)
    else:
        people.set_phone_language(call.tx, actor.device, language, call.at)
    return language
