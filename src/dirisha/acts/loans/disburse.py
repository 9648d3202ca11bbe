"""Pay out a loan on a named product: opens the loan and moves its principal into a savings account of the borrower."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.access import permissions
from dirisha.core.installments import Installment
from dirisha.core.port import (
    AccountKind,
    AccountNotActive,
    AccountRef,
    AccountStatus,
    LoanOffer,
    Ordered,
    Posted,
    ProductUnknown,
    Receipt,
    Savings,
    TermsNotOffered,
)
from dirisha.core.view import Books, CoreView
from dirisha.engine.act import MoneyAct
from dirisha.engine.plan import Plan, Quoted
from dirisha.kit.actor import Actor
from dirisha.kit.ids import SavingsId
from dirisha.kit.money import Money
from dirisha.messaging.events import Disbursed, Event


@dataclass(frozen=True, slots=True)
class Disbursement(Plan):
    target: Savings
    offer: LoanOffer
    installments: tuple[Installment, ...]


disburse: MoneyAct[Disbursement] = MoneyAct(
    "loans.disburse",
    permission=permissions.DISBURSE,
    touches=("target_id",),
    refusals=[ProductUnknown, TermsNotOffered, AccountNotActive],
    emits=[Disbursed],
    branch_work=True,
)


@disburse.plan
def plan(
    actor: Actor, view: CoreView, *, target_id: SavingsId, product: str, principal: Money, installments: int
) -> Disbursement:
    target = view.savings(target_id)
    if target.status is not AccountStatus.ACTIVE:
        raise AccountNotActive(account=target.ref.masked)
    offered = view.loan_product(product)
    if offered is None:
        raise ProductUnknown(product=product)
    loan = AccountRef(AccountKind.LOAN, 0, "", offered.name)
    return Disbursement(
        quoted=Quoted(None, loan, target.client_name, principal, view.zero()),
        payer=None,
        balance_after=target.balance + principal,
        target=target,
        offer=LoanOffer(offered, principal, installments),
        installments=tuple(view.plan_loan(offered, principal, installments)),
    )


@disburse.carry_out
def carry_out(plan: Disbursement, books: Books) -> Posted | Ordered:
    return books.disburse(plan.target, plan.offer, plan.installments)


@disburse.tell
def tell(plan: Disbursement, receipt: Receipt) -> list[Event]:
    first = plan.installments[0]
    return [
        Disbursed(
            client=plan.target.client,
            amount=receipt.amount,
            account=plan.target.ref.masked,
            installment=Money(first.due.total, receipt.amount.currency),
            first_due=first.due_date,
            reference=receipt.reference,
        )
    ]
