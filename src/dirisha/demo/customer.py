"""A client of the demo at the door that it uses: what a person does with a phone or a browser, on a given clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from dirisha.access.people import person, phones_of
from dirisha.access.secrets import Secret, SecretKind
from dirisha.acts.access.switch_sms import switch_sms
from dirisha.acts.loans.repay import repay
from dirisha.acts.transfers.own import own
from dirisha.core.installments import Installment
from dirisha.core.port import Receipt
from dirisha.demo.branch import done, unless_refused
from dirisha.engine.act import MoneyAct
from dirisha.engine.run import Pressed, Proof, confirm, quote, run
from dirisha.kit.actor import Actor, Channel
from dirisha.kit.ids import LoanId, SavingsId, UserId
from dirisha.kit.money import Money
from dirisha.queries import loans
from dirisha.queries.ask import ask


@dataclass(frozen=True, slots=True)
class Customer:
    """`pin` is what it types at the USSD menu. A refusal of one of its wishes is an error of the story."""

    actor: Actor
    pin: str = ""

    @classmethod
    def of(cls, user: UserId, channel: Channel, *, msisdn: str, pin: str) -> Customer:
        who = person(user)
        assert who is not None
        return cls(who.as_actor(channel, device=msisdn, correlation="demo"), pin)

    def repay(self, loan: LoanId, source: SavingsId, amount: Money, *, at: datetime) -> Receipt:
        return self._confirmed(repay, at, loan_id=loan, source_id=source, amount=amount)

    def transfer(self, source: SavingsId, target: SavingsId, amount: Money, *, at: datetime) -> Receipt:
        return self._confirmed(own, at, source_id=source, target_id=target, amount=amount)

    def switch_sms_on(self, *, at: datetime) -> None:
        assert self.actor.user is not None
        link = phones_of(self.actor.user)[0].link
        done(run(switch_sms, self.actor, at=at, link_id=link, on=True))

    def schedule(self, loan: LoanId, *, at: datetime) -> Sequence[Installment]:
        return ask(loans.detail, self.actor, at=at, loan_id=loan).standing.loan.installments

    def _confirmed(self, act: MoneyAct[Any], at: datetime, **inputs: Any) -> Receipt:
        """As the door does it: the API in one step, the others by a quote and what their page asks for."""
        if self.actor.channel is Channel.MIFOS:
            return done(run(act, self.actor, at=at, key=str(uuid4()), **inputs))
        quoted = unless_refused(quote(act, self.actor, at=at, **inputs))
        return done(confirm(quoted.id, self.actor, at=at, proof=self._proof()))

    def _proof(self) -> Proof:
        if self.actor.channel is Channel.USSD:
            return Secret(SecretKind.PIN, self.pin, attempt=str(uuid4()))
        return Pressed()
