"""Take cash at the counter into a client's savings account."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.access import permissions
from dirisha.core.port import AccountNotActive, AccountStatus, Ordered, Posted, Receipt, Savings
from dirisha.core.view import Books, CoreView
from dirisha.engine.act import MoneyAct
from dirisha.engine.plan import Plan, Quoted
from dirisha.kit.actor import Actor
from dirisha.kit.ids import SavingsId
from dirisha.kit.money import Money
from dirisha.messaging.events import Deposited, Event


@dataclass(frozen=True, slots=True)
class CashIn(Plan):
    target: Savings


deposit: MoneyAct[CashIn] = MoneyAct(
    "savings.deposit",
    permission=permissions.DEPOSIT,
    touches=("target_id",),
    refusals=[AccountNotActive],
    emits=[Deposited],
    branch_work=True,
)


@deposit.plan
def plan(actor: Actor, view: CoreView, *, target_id: SavingsId, amount: Money) -> CashIn:
    target = view.savings(target_id)
    if target.status is not AccountStatus.ACTIVE:
        raise AccountNotActive(account=target.ref.masked)
    return CashIn(
        quoted=Quoted(None, target.ref, target.client_name, amount, view.zero()),
        payer=None,
        balance_after=target.balance + amount,
        target=target,
    )


@deposit.carry_out
def carry_out(plan: CashIn, books: Books) -> Posted | Ordered:
    return books.deposit(plan.target, plan.quoted.amount)


@deposit.tell
def tell(plan: CashIn, receipt: Receipt) -> list[Event]:
    return [
        Deposited(
            client=plan.target.client,
            amount=receipt.amount,
            account=receipt.target.masked,
            balance=plan.balance_after,
            reference=receipt.reference,
        )
    ]
