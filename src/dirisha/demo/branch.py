"""A branch as the demo runs it: the acts of a member of staff, on whatever clock it is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast
from uuid import uuid4

from dirisha.access.people import person
from dirisha.acts.access.appoint import appoint
from dirisha.acts.access.enrol import enrol
from dirisha.acts.clients.open import open_client
from dirisha.acts.loans.disburse import disburse
from dirisha.acts.savings.deposit import deposit
from dirisha.acts.savings.open import open_savings
from dirisha.core.port import AccountRef, Receipt
from dirisha.engine.outcome import Done, Outcome, Pending, Refused
from dirisha.engine.run import run
from dirisha.kit.actor import Actor, Channel, Role
from dirisha.kit.ids import ClientId, LoanId, OfficeId, SavingsId, UserId
from dirisha.kit.money import Money
from dirisha.tenants.current import current

R = TypeVar("R")
T = TypeVar("T")


class DemoRefused(RuntimeError):
    """An act of the demo's history was refused, or has no end yet: the history is wrong, or the act is."""


def operator() -> Actor:
    return Actor(tenant=current().slug, channel=Channel.CONSOLE, role=Role.OPERATOR, correlation="demo")


def done(outcome: Outcome[R] | Pending) -> R:
    ended = unless_refused(outcome)
    if isinstance(ended, Pending):
        raise DemoRefused(f"{ended.reference} is still on its way")
    assert isinstance(ended, Done)
    return cast("R", ended.result)


def unless_refused(answer: T | Refused) -> T:
    if isinstance(answer, Refused):
        raise DemoRefused(f"{answer.code}: {answer.refusal!r}")
    return answer


def appoint_staff(office: OfficeId, *, login: str, name: str, password: str, at: datetime) -> UserId:
    return done(run(appoint, operator(), at=at, office_id=office, login_name=login, name=name, password=password))


@dataclass(frozen=True, slots=True)
class Branch:
    """`staff` does the acts; ids come back, and a refusal is an error of the story."""

    staff: Actor

    @classmethod
    def of(cls, user: UserId) -> Branch:
        who = person(user)
        assert who is not None
        return cls(who.as_actor(Channel.CONSOLE, correlation="demo"))

    def open_client(self, first_name: str, last_name: str, msisdn: str | None, *, at: datetime) -> ClientId:
        return done(run(open_client, self.staff, at=at, first_name=first_name, last_name=last_name, msisdn=msisdn))

    def enrol(
        self,
        client: ClientId,
        *,
        login: str,
        name: str,
        msisdn: str,
        label: str,
        password: str,
        pin: str,
        language: str,
        at: datetime,
    ) -> UserId:
        return done(
            run(
                enrol,
                self.staff,
                at=at,
                client_id=client,
                login_name=login,
                name=name,
                msisdn=msisdn,
                label=label,
                password=password,
                pin=pin,
                language=language,
            )
        )

    def open_savings(self, client: ClientId, product: str, name: str, *, at: datetime) -> AccountRef:
        return done(run(open_savings, self.staff, at=at, client_id=client, product=product, name=name))

    def deposit(self, target: SavingsId, amount: Money, *, at: datetime) -> Receipt:
        return done(run(deposit, self.staff, at=at, key=str(uuid4()), target_id=target, amount=amount))

    def disburse(self, target: SavingsId, product: str, principal: Money, installments: int, *, at: datetime) -> LoanId:
        receipt = done(
            run(
                disburse,
                self.staff,
                at=at,
                key=str(uuid4()),
                target_id=target,
                product=product,
                principal=principal,
                installments=installments,
            )
        )
        return LoanId(receipt.target.id)
