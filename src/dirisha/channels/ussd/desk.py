"""What a conversation can ask of the house: a protocol for the replay, and the engine behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from dirisha.access import people
from dirisha.access.people import Person, Phone
from dirisha.access.secrets import Secret, SecretKind
from dirisha.acts.access.enter_pin import enter_pin
from dirisha.channels.ussd.dialog import PhoneFacts, PhonePerson
from dirisha.engine import run as engine
from dirisha.engine.act import Act, MoneyAct
from dirisha.engine.outcome import MoneyOutcome, Outcome, Quote, Refused
from dirisha.engine.plan import Quoted
from dirisha.engine.run import Pressed
from dirisha.kit.actor import Actor, Channel, Factor, FactorKind
from dirisha.kit.ids import UserId
from dirisha.queries.ask import Question, ask


class Desk(Protocol):
    """Everything outside of a dialog. `speak` and `recognise` say in which language and as whom the rest is done."""

    def speak(self, language: str) -> None: ...

    def phone(self) -> PhoneFacts: ...

    def recognise(self, user: UserId, pin_at: datetime) -> Person | None:
        """A person that entered its PIN in an earlier turn; None when it may not come in any more."""
        ...

    def enter_pin(self, user: UserId, pin: str) -> tuple[Person, datetime] | Refused: ...

    def look(self, question: Question[Any], arguments: Mapping[str, Any]) -> Any: ...

    def myself(self) -> Person: ...

    def own_link(self) -> Phone | None: ...

    def perform(self, act: Act[Any], inputs: Mapping[str, Any], *, as_visitor: bool) -> Outcome[Any]: ...

    def quote(self, act: MoneyAct[Any], inputs: Mapping[str, Any]) -> Quote | Refused: ...

    def terms(self, quote: UUID) -> Quoted | None: ...

    def confirm(self, quote: UUID, *, pin: str | None, pressed: bool) -> MoneyOutcome: ...


def phone_facts(language: str | None, linked: Iterable[people.PhonePerson]) -> PhoneFacts:
    """What the dialog may know: who has USSD switched on, by label."""
    on = tuple(PhonePerson(each.user, each.label) for each in linked if each.ussd_on)
    return PhoneFacts(language, on)


@dataclass(slots=True)
class EngineDesk:
    """One turn at the real house. `facts` and `person` were read when the turn was taken; `attempt` names the turn."""

    msisdn: str
    at: datetime
    correlation: str
    attempt: str
    language: str
    facts: PhoneFacts | None
    person: Person | None
    _actor: Actor | None = None

    def speak(self, language: str) -> None:
        self.language = language

    def phone(self) -> PhoneFacts:
        if self.facts is None:
            self.facts = phone_facts(people.phone_language(self.msisdn), people.people_of_phone(self.msisdn))
        return self.facts

    def recognise(self, user: UserId, pin_at: datetime) -> Person | None:
        if self.person is None or self.person.user != user:
            return None
        self._actor = self._acting(self.person, pin_at)
        return self.person

    def enter_pin(self, user: UserId, pin: str) -> tuple[Person, datetime] | Refused:
        secret = Secret(SecretKind.PIN, pin, self.attempt)
        outcome = engine.run(enter_pin, self._visitor(), at=self.at, secret=secret, user_id=user)
        if isinstance(outcome, Refused):
            return outcome
        self._actor = self._acting(outcome.result, self.at)
        return outcome.result, self.at

    def look(self, question: Question[Any], arguments: Mapping[str, Any]) -> Any:
        return ask(question, self._known(), at=self.at, **arguments)

    def myself(self) -> Person:
        user = self._known().user
        assert user is not None
        # At turns after the PIN it was read when the turn was taken.
        self.person = self.person or people.person(user)
        if self.person is None:
            raise LookupError("a person who entered a PIN a moment ago is gone")
        return self.person

    def own_link(self) -> Phone | None:
        user = self._known().user
        assert user is not None
        return next((phone for phone in people.phones_of(user) if phone.msisdn == self.msisdn), None)

    def perform(self, act: Act[Any], inputs: Mapping[str, Any], *, as_visitor: bool) -> Outcome[Any]:
        return engine.run(act, self._visitor() if as_visitor else self._known(), at=self.at, **inputs)

    def quote(self, act: MoneyAct[Any], inputs: Mapping[str, Any]) -> Quote | Refused:
        return engine.quote(act, self._known(), at=self.at, **inputs)

    def terms(self, quote: UUID) -> Quoted | None:
        return engine.quoted_terms(quote, self._known())

    def confirm(self, quote: UUID, *, pin: str | None, pressed: bool) -> MoneyOutcome:
        proof = Secret(SecretKind.PIN, pin, self.attempt) if pin is not None else Pressed() if pressed else None
        return engine.confirm(quote, self._known(), at=self.at, proof=proof)

    def _visitor(self) -> Actor:
        return people.visitor(Channel.USSD, language=self.language, device=self.msisdn, correlation=self.correlation)

    def _known(self) -> Actor:
        if self._actor is None:
            raise RuntimeError("nobody has entered a PIN: the dialog looks before it may")
        return replace(self._actor, language=self.language)

    def _acting(self, person: Person, pin_at: datetime) -> Actor:
        actor = person.as_actor(Channel.USSD, device=self.msisdn, correlation=self.correlation)
        return actor.proven(Factor(FactorKind.PIN, self.msisdn, pin_at))
