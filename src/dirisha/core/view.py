"""The scoped view of a core: the only way by which plans and questions get at data.

What is not there and what is not the asker's raise the one `NotFound`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import cast

from dirisha.core.allocation import Allocation
from dirisha.core.installments import Installment
from dirisha.core.port import (
    Client,
    Core,
    Facts,
    Loan,
    LoanOffer,
    LoanProduct,
    LoanTransaction,
    Office,
    Overview,
    Posted,
    Posting,
    Receipt,
    Savings,
    SavingsLine,
    SavingsTurnover,
)
from dirisha.db.transactions import Tx
from dirisha.kit.actor import Channel
from dirisha.kit.ids import LoanId, SavingsId
from dirisha.kit.money import Money
from dirisha.kit.refusal import NotFound
from dirisha.kit.scope import Scope
from dirisha.tenants.dotted import named_by
from dirisha.tenants.institution import Institution


def core_of(institution: Institution) -> Core:
    """The core that the institution's TOML names by dotted path (`dirisha.core.native.core:NativeCore`)."""
    return _make(institution.core, institution)


@lru_cache(maxsize=256)
def _core_class(path: str) -> type:
    return cast(type, named_by(path))


def _make(path: str, institution: Institution) -> Core:
    return cast(Core, _core_class(path)(institution))


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

    def fee(self, act: str) -> Money:
        return self._institution.fee(act, self._channel)

    def loan_product(self, name: str) -> LoanProduct | None:
        return self._facts.loan_product(name)

    def plan_loan(self, product: LoanProduct, principal: Money, installments: int) -> Sequence[Installment]:
        """The schedule of a loan paid out today; raises `TermsNotOffered`."""
        return self._facts.plan_loan(product, principal, installments, self.business_date)

    def zero(self) -> Money:
        return Money.zero(self._institution.currency)


class LiveFacts:
    """Facts read when they are asked for, under the viewer's role."""

    def __init__(self, core: Core, tx: Tx, scope: Scope) -> None:
        self._core, self._tx, self._scope = core, tx, scope

    def savings(self, savings_id: SavingsId) -> Savings | None:
        return self._core.savings_account(self._tx, self._scope, savings_id)

    def loan(self, loan_id: LoanId) -> Loan | None:
        return self._core.loan(self._tx, self._scope, loan_id)

    def loan_product(self, name: str) -> LoanProduct | None:
        return self._core.loan_product(self._tx, name)

    def plan_loan(self, product: LoanProduct, principal: Money, installments: int, on: date) -> Sequence[Installment]:
        return self._core.plan_loan(product, principal, installments, on)


class QuestionView(CoreView):
    """What a question sees besides: lists, histories, receipts, all of them within the scope."""

    def __init__(
        self, core: Core, tx: Tx, scope: Scope, *, institution: Institution, channel: Channel, at: datetime
    ) -> None:
        super().__init__(
            LiveFacts(core, tx, scope),
            institution=institution,
            channel=channel,
            business_date=core.business_date(at),
            at=at,
        )
        self._core, self._tx, self._scope = core, tx, scope

    def overview(self, *, latest: int) -> Overview:
        """Clients, savings, loans with schedules, and the `latest` newest lines over all savings accounts."""
        return self._core.overview(self._tx, self._scope, latest=latest)

    def clients(self) -> list[Client]:
        return self._core.clients(self._tx, self._scope)

    def offices(self) -> list[Office]:
        return self._core.offices(self._tx)

    def savings_lines(self, savings_id: SavingsId, *, before: int | None, limit: int) -> list[SavingsLine]:
        return self._core.savings_lines(self._tx, self._scope, savings_id, before=before, limit=limit)

    def savings_turnover(self, savings_id: SavingsId) -> SavingsTurnover:
        return self._core.savings_turnover(self._tx, self._scope, savings_id)

    def loan_transactions(self, loan_id: LoanId) -> list[LoanTransaction]:
        return self._core.loan_transactions(self._tx, self._scope, loan_id)

    def receipt(self, reference: str) -> Receipt:
        receipt = self._core.receipt(self._tx, self._scope, reference)
        if receipt is None:
            raise NotFound(kind="receipt")
        return receipt


@dataclass(frozen=True, slots=True)
class Books:
    """A core as an act writes to it: inside its transaction, under its one posting."""

    core: Core
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
