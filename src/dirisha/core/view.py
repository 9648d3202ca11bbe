"""The scoped view of a core: the only way by which plans and questions get at data.

What is not there and what is not the asker's raise the one `NotFound`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Protocol, cast

from dirisha.core.allocation import Allocation
from dirisha.core.budget import place_to_wait, within_s
from dirisha.core.installments import Installment
from dirisha.core.port import (
    Client,
    Core,
    Facts,
    KeptElsewhere,
    Loan,
    LoanOffer,
    LoanProduct,
    LoanTransaction,
    NearCore,
    Office,
    Order,
    Ordered,
    Overview,
    Party,
    Posted,
    Posting,
    Reader,
    Receipt,
    Savings,
    SavingsLine,
    SavingsTurnover,
)
from dirisha.db.transactions import Role, Tx, transaction
from dirisha.kit.actor import Channel
from dirisha.kit.ids import ClientId, LoanId, SavingsId
from dirisha.kit.money import Money
from dirisha.kit.refusal import NotFound
from dirisha.kit.scope import Scope
from dirisha.tenants.dotted import named_by
from dirisha.tenants.institution import Institution


def core_of(institution: Institution) -> Core:
    """The core that the institution's TOML names by dotted path (`dirisha.core.native.core:NativeCore`)."""
    return cast(Core, _core_class(institution.core)(institution))


@lru_cache(maxsize=256)
def _core_class(path: str) -> type:
    return cast(type, named_by(path))


@contextmanager
def reading(name: str, core: Core, scope: Scope, *, channel: Channel, institution: Institution) -> Iterator[Reader]:
    """A reader within the scope: of a near core in one transaction under the viewer's role, of a far one in none."""
    if core.facts_are == "as read":
        with place_to_wait():
            yield core.reader(scope, patience_s=within_s(institution.patience.of(channel)))
        return
    with transaction(name, Role.APP) as tx:
        tx.become_viewer(scope)
        yield core.reader(tx, scope)


class CoreView:
    """What a plan sees: the accounts that its act touches, the business date and the tariff."""

    def __init__(
        self, facts: Facts, *, institution: Institution, channel: Channel, business_date: date, at: datetime
    ) -> None:
        self._facts = facts
        self._institution = institution
        self._channel = channel
        self.business_date = business_date
        self.at = at

    def savings(self, savings_id: SavingsId) -> Savings:
        savings = self._facts.savings(savings_id)
        if savings is None:
            raise NotFound(kind="savings")
        return savings

    def loan(self, loan_id: LoanId) -> Loan:
        loan = self._facts.loan(loan_id)
        if loan is None:
            raise NotFound(kind="loan")
        return loan

    def fee(self, act: str, source: Savings, amount: Money) -> Money:
        """What the act costs besides, at this door."""
        return self._facts.fee(act, self._channel, source, amount)

    def loan_product(self, name: str) -> LoanProduct | None:
        return self._facts.loan_product(name)

    def plan_loan(self, product: LoanProduct, principal: Money, installments: int) -> Sequence[Installment]:
        """The schedule of a loan paid out today; raises `TermsNotOffered`."""
        return self._facts.plan_loan(product, principal, installments, self.business_date)

    def zero(self) -> Money:
        return Money.zero(self._institution.currency)


class QuestionView(CoreView):
    """What a question sees besides: lists, histories, receipts, all of them within the scope."""

    def __init__(
        self,
        reader: Reader,
        *,
        institution: Institution,
        scope: Scope,
        channel: Channel,
        business_date: date,
        at: datetime,
    ) -> None:
        super().__init__(reader, institution=institution, channel=channel, business_date=business_date, at=at)
        self._reader = reader
        self.scope = scope

    @property
    def is_far(self) -> bool:
        """Whether the core is far away: then no transaction is open, and receipts are read from instructions."""
        return self._reader.facts_are == "as read"

    def overview(self, *, latest: int) -> Overview:
        """Clients, savings, loans with schedules, and the `latest` newest lines over all savings accounts."""
        return self._reader.overview(latest=latest)

    def client(self, client_id: ClientId) -> Client:
        client = self._reader.client(client_id)
        if client is None:
            raise NotFound(kind="client")
        return client

    def clients(self) -> list[Client]:
        return self._reader.clients()

    def offices(self) -> list[Office]:
        return self._reader.offices()

    def savings_lines(self, savings_id: SavingsId, *, before: int | None, limit: int) -> list[SavingsLine]:
        return self._reader.savings_lines(savings_id, before=before, limit=limit)

    def savings_turnover(self, savings_id: SavingsId) -> SavingsTurnover:
        return self._reader.savings_turnover(savings_id)

    def loan_transactions(self, loan_id: LoanId) -> list[LoanTransaction]:
        return self._reader.loan_transactions(loan_id)

    def receipt(self, reference: str) -> Receipt:
        """From the books of a near core."""
        receipt = self._reader.receipt(reference)
        if receipt is None:
            raise NotFound(kind="receipt")
        return receipt


class Books(Protocol):
    """Where an act's money goes: posted at once into the books of a near core, or as an order to a far one."""

    def transfer(self, source: Savings, target: Savings, amount: Money, fee: Money) -> Posted | Ordered: ...

    def repay(
        self, source: Savings, loan: Loan, amount: Money, fee: Money, allocation: Allocation
    ) -> Posted | Ordered: ...

    def deposit(self, target: Savings, amount: Money) -> Posted | Ordered: ...

    def disburse(self, target: Savings, offer: LoanOffer, installments: Sequence[Installment]) -> Posted | Ordered: ...


@dataclass(frozen=True, slots=True)
class NearBooks:
    """Inside the act's transaction, under its one posting."""

    core: NearCore
    tx: Tx
    posting: Posting

    def transfer(self, source: Savings, target: Savings, amount: Money, fee: Money) -> Posted:
        return self.core.transfer(self.tx, self.posting, source, target, amount, fee)

    def repay(self, source: Savings, loan: Loan, amount: Money, fee: Money, allocation: Allocation) -> Posted:
        return self.core.repay(self.tx, self.posting, source, loan, amount, fee, allocation)

    def deposit(self, target: Savings, amount: Money) -> Posted:
        return self.core.deposit(self.tx, self.posting, target, amount)

    def disburse(self, target: Savings, offer: LoanOffer, installments: Sequence[Installment]) -> Posted:
        return self.core.disburse(self.tx, self.posting, target, offer, installments)


@dataclass(frozen=True, slots=True)
class OrderBook:
    """What a far core is to move; cash and loans are the branch's, at its own system."""

    posting: Posting

    def transfer(self, source: Savings, target: Savings, amount: Money, fee: Money) -> Ordered:
        return self._order(source, Party(target.ref, target.client, target.office), amount, fee)

    def repay(self, source: Savings, loan: Loan, amount: Money, fee: Money, allocation: Allocation) -> Ordered:
        return self._order(source, Party(loan.ref, loan.client, loan.office), amount, fee)

    def deposit(self, target: Savings, amount: Money) -> Ordered:
        raise KeptElsewhere()

    def disburse(self, target: Savings, offer: LoanOffer, installments: Sequence[Installment]) -> Ordered:
        raise KeptElsewhere()

    def _order(self, source: Savings, target: Party, amount: Money, fee: Money) -> Ordered:
        posting = self.posting
        return Ordered(
            posting,
            Order(
                kind=posting.kind,
                reference=posting.reference,
                business_date=posting.business_date,
                source=Party(source.ref, source.client, source.office),
                target=target,
                amount=amount,
                fee=fee,
            ),
        )
