"""Repay a loan from an own savings account."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.access import permissions
from dirisha.core.allocation import Allocation, allocate
from dirisha.core.port import (
    AccountNotActive,
    AccountStatus,
    Loan,
    LoanNotActive,
    MoreThanOutstanding,
    NotEnoughMoney,
    Ordered,
    Posted,
    Receipt,
    Savings,
)
from dirisha.core.view import Books, CoreView
from dirisha.engine.act import MoneyAct
from dirisha.engine.plan import Plan, Quoted
from dirisha.kit.actor import Actor
from dirisha.kit.ids import LoanId, SavingsId
from dirisha.kit.money import Money
from dirisha.messaging.events import Event, Repaid


@dataclass(frozen=True, slots=True)
class Repayment(Plan):
    source: Savings
    loan: Loan
    allocation: Allocation

    @property
    def parts(self) -> tuple[Money, Money] | None:
        currency = self.loan.currency
        return Money(self.allocation.paid.principal, currency), Money(self.allocation.paid.cost, currency)


repay: MoneyAct[Repayment] = MoneyAct(
    "loans.repay",
    permission=permissions.REPAY,
    touches=("source_id", "loan_id"),
    refusals=[LoanNotActive, MoreThanOutstanding, AccountNotActive, NotEnoughMoney],
    emits=[Repaid],
)


@repay.plan
def plan(actor: Actor, view: CoreView, *, loan_id: LoanId, source_id: SavingsId, amount: Money) -> Repayment:
    loan, source = view.loan(loan_id), view.savings(source_id)
    if not loan.is_active:
        raise LoanNotActive(loan=loan.ref.masked)
    if amount > loan.outstanding:
        raise MoreThanOutstanding(outstanding=loan.outstanding)
    if source.status is not AccountStatus.ACTIVE:
        raise AccountNotActive(account=source.ref.masked)
    fee = view.fee(repay.name, source, amount)
    if amount + fee > source.available:
        raise NotEnoughMoney(available=source.available)
    return Repayment(
        quoted=Quoted(source.ref, loan.ref, loan.client_name, amount, fee),
        payer=source.client,
        balance_after=source.balance - amount - fee,
        source=source,
        loan=loan,
        allocation=allocate(loan.installments, amount.minor),
    )


@repay.carry_out
def carry_out(plan: Repayment, books: Books) -> Posted | Ordered:
    return books.repay(plan.source, plan.loan, plan.quoted.amount, plan.quoted.fee, plan.allocation)


@repay.tell
def tell(plan: Repayment, receipt: Receipt) -> list[Event]:
    return [
        Repaid(
            client=plan.source.client,
            amount=receipt.amount,
            loan=receipt.target.masked,
            account=plan.source.ref.masked,
            balance=plan.balance_after,
            left=plan.loan.outstanding - receipt.amount,
            reference=receipt.reference,
        )
    ]
