"""A receipt like a ticket: read from the books by its reference."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse

from dirisha.channels.portal.pages import page
from dirisha.channels.portal.visit import Visit
from dirisha.core.port import AccountKind, Receipt
from dirisha.kit.ids import LoanId
from dirisha.kit.money import Money
from dirisha.queries import loans, receipts
from dirisha.queries.ask import ask


@page(receipts.by_reference, loans.detail)
def receipt(visit: Visit, reference: str) -> HttpResponse:
    found = ask(receipts.by_reference, visit.actor, at=visit.at, reference=reference)
    return visit.page("receipt", receipt=found, next=_next_payment(visit, found), kind_key=f"kind.{found.kind}")


def _next_payment(visit: Visit, found: Receipt) -> tuple[Money, date] | None:
    """What the loan that was paid wants next, as of now."""
    if found.target.kind is not AccountKind.LOAN or found.kind != "loans.repay":
        return None
    to_pay = ask(loans.detail, visit.actor, at=visit.at, loan_id=LoanId(found.target.id)).standing.to_pay
    if to_pay.due_now.total.is_positive:
        return to_pay.due_now.total, to_pay.on
    return (to_pay.next_due.total, to_pay.next_due_on) if to_pay.next_due_on else None
