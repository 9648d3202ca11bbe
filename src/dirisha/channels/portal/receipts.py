"""A receipt like a ticket, read by its reference; before it, that the money is on its way, or that it was not moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse

from dirisha.channels.portal.again import begin_again
from dirisha.channels.portal.pages import page
from dirisha.channels.portal.refusals import explain
from dirisha.channels.portal.visit import Visit
from dirisha.core.port import AccountKind, Receipt
from dirisha.engine.outcome import Refused
from dirisha.kit.ids import LoanId
from dirisha.kit.money import Money
from dirisha.kit.refusal import NotFound
from dirisha.payments.instructions import Instruction
from dirisha.payments.states import State
from dirisha.queries import loans, receipts
from dirisha.queries.ask import AWAY, ask

# Asked with this in the address, a page that has nothing new to say answers without a body: the script asks so.
STILL = "still"


@page(receipts.by_reference, loans.detail)
def receipt(visit: Visit, reference: str) -> HttpResponse:
    found = ask(receipts.by_reference, visit.actor, at=visit.at, reference=reference)
    if isinstance(found, Receipt):
        return visit.page("receipt", receipt=found, next=_next_payment(visit, found))
    return _on_its_way(visit, found) if found.refusal is None else _not_made(visit, found)


def _on_its_way(visit: Visit, found: Instruction) -> HttpResponse:
    if STILL in visit.request.GET:
        return HttpResponse(status=204)
    return visit.page(
        "on_its_way",
        order=found.order,
        since=found.accepted_at,
        stands=_stands(visit, found),
        balance_is_old=found.trace is not None or found.state is State.ACCEPTED,
    )


def _stands(visit: Visit, found: Instruction) -> str:
    """Where it is on its way: with us, in the core's hands, or before somebody's eyes there."""
    if found.trace is not None:
        return visit.speech.say("on_its_way.approval")
    if found.state is State.ACCEPTED:
        return visit.speech.say("on_its_way.waiting")
    return visit.speech.say("on_its_way.asked_for")


def _not_made(visit: Visit, found: Instruction) -> HttpResponse:
    """What became of it, as a page to be read and not an error of this request."""
    assert found.refusal is not None
    order = found.order
    return visit.page(
        "not_made",
        refused=explain(Refused(found.refusal, order.reference), visit.speech),
        order=order,
        since=found.accepted_at,
        ended=found.ended_at,
        again=begin_again(order.kind, order.amount, source=order.source.account.id, target=order.target.account.id),
    )


@dataclass(frozen=True, slots=True)
class NextPayment:
    """Neither amount nor day where nothing is left to pay."""

    amount: Money | None = None
    by: date | None = None


def _next_payment(visit: Visit, found: Receipt) -> NextPayment | None:
    """What the loan that was paid wants next, as of now; None where that can't be told, or there is no such loan."""
    if found.target.kind is not AccountKind.LOAN or found.kind != "loans.repay":
        return None
    try:
        detail = ask(loans.detail, visit.actor, at=visit.at, loan_id=LoanId(found.target.id))
    except (*AWAY, NotFound):  # the receipt stands, whatever else can be read now
        return None
    to_pay = detail.standing.to_pay
    if to_pay.due_now.total.is_positive:
        return NextPayment(to_pay.due_now.total, to_pay.on)
    return NextPayment(to_pay.next_due.total, to_pay.next_due_on) if to_pay.next_due_on else NextPayment()
