"""Move money between two savings accounts of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.access import permissions
from dirisha.core.port import AccountNotActive, AccountStatus, NotEnoughMoney, Ordered, Posted, Receipt, Savings
from dirisha.core.view import Books, CoreView
from dirisha.engine.act import MoneyAct
from dirisha.engine.plan import Plan, Quoted
from dirisha.kit.actor import Actor
from dirisha.kit.ids import SavingsId
from dirisha.kit.money import Money
from dirisha.kit.refusal import Final
from dirisha.messaging.events import Event, Transferred


class SameAccount(Final):
    """Source and target are one account."""

    code = "transfer.same_account"


@dataclass(frozen=True, slots=True)
class Transfer(Plan):
    source: Savings
    target: Savings


own: MoneyAct[Transfer] = MoneyAct(
    "transfers.own",
    permission=permissions.TRANSFER_OWN,
    touches=("source_id", "target_id"),
    refusals=[SameAccount, AccountNotActive, NotEnoughMoney],
    emits=[Transferred],
)


@own.plan
def plan(actor: Actor, view: CoreView, *, source_id: SavingsId, target_id: SavingsId, amount: Money) -> Transfer:
    source, target = view.savings(source_id), view.savings(target_id)
    if source.id == target.id:
        raise SameAccount()
    for account in (source, target):
        if account.status is not AccountStatus.ACTIVE:
            raise AccountNotActive(account=account.ref.masked)
    fee = view.fee(own.name, source, amount)
    if amount + fee > source.available:
        raise NotEnoughMoney(available=source.available)
    return Transfer(
        quoted=Quoted(source.ref, target.ref, target.client_name, amount, fee),
        payer=source.client,
        balance_after=source.balance - amount - fee,
        source=source,
        target=target,
    )


@own.carry_out
def carry_out(plan: Transfer, books: Books) -> Posted | Ordered:
    return books.transfer(plan.source, plan.target, plan.quoted.amount, plan.quoted.fee)


@own.tell
def tell(plan: Transfer, receipt: Receipt) -> list[Event]:
    return [
        Transferred(
            client=plan.source.client,
            amount=receipt.amount,
            source=plan.source.ref.masked,
            target=receipt.target.masked,
            balance=plan.balance_after,
            reference=receipt.reference,
        )
    ]
