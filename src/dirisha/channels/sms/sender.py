"""Who sent a message: the one person that banks by SMS from this phone, or nobody that we know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dirisha.access.people import people_of_phone, person, phone_language, visitor
from dirisha.kit.actor import Actor, Channel
from dirisha.kit.words import Words
from dirisha.messaging.wording import say_sms
from dirisha.tenants.current import current

WORDS = Words.beside(__file__, "texts")


@dataclass(frozen=True, slots=True)
class Sender:
    """`banks` is whether the actor may see and move anything: SMS banking is on for it, from this very phone."""

    actor: Actor
    banks: bool

    @property
    def language(self) -> str:
        return self.actor.language

    def say(self, key: str, **variables: Any) -> str:
        return say_sms(WORDS, key, variables, institution=current(), language=self.language)


def sender_of(msisdn: str, *, correlation: str) -> Sender:
    people = people_of_phone(msisdn)
    banking = next((each for each in people if each.sms_on), None)
    who = person(banking.user) if banking is not None else None
    if who is not None:
        return Sender(who.as_actor(Channel.SMS, device=msisdn, correlation=correlation), banks=True)
    language = phone_language(msisdn) or next((each.language for each in people if each.language), None)
    return Sender(visitor(Channel.SMS, language=language, device=msisdn, correlation=correlation), banks=False)
