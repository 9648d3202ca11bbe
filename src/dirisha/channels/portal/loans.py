"""A loan: what to pay, the schedule, what was paid; and the first step of paying."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.http import HttpResponse

from dirisha.acts.access.send_code import send_code
from dirisha.acts.loans.repay import repay
from dirisha.channels.portal.forms import Form
from dirisha.channels.portal.pages import page
from dirisha.channels.portal.pay import propose
from dirisha.channels.portal.refusals import Explained
from dirisha.channels.portal.visit import Visit
from dirisha.core.port import AccountStatus, Loan
from dirisha.kit.ids import LoanId, SavingsId
from dirisha.kit.money import Money
from dirisha.kit.refusal import NotFound
from dirisha.queries import loans, summary
from dirisha.queries.ask import ask
from dirisha.queries.loans import LoanStanding


@dataclass(frozen=True, slots=True)
class Row:
    """One installment as the schedule shows it; `amount` is what it was to bring, `left` what it still has to."""

    number: int
    due_date: date
    amount: Money
    principal: Money
    interest: Money
    left: Money
    state: Literal["paid", "late", "due", "coming"]


@page(loans.detail)
def loan(visit: Visit, loan_id: int) -> HttpResponse:
    detail = ask(loans.detail, visit.actor, at=visit.at, loan_id=LoanId(loan_id))
    standing = detail.standing
    return visit.page(
        "loan",
        standing=standing,
        rows=rows_of(standing.loan, standing.to_pay.on),
        transactions=tuple(reversed(detail.transactions)),
    )


def rows_of(loan: Loan, on: date) -> list[Row]:
    return [
        Row(
            number=each.number,
            due_date=each.due_date,
            amount=Money(each.due.total, loan.currency),
            principal=Money(each.due.principal, loan.currency),
            interest=Money(each.due.cost, loan.currency),
            left=Money(each.outstanding_minor, loan.currency),
            state="paid"
            if each.is_met
            else "late"
            if each.due_date < on
            else "due"
            if each.due_date == on
            else "coming",
        )
        for each in loan.installments
    ]


@page(summary.mine, repay, send_code, methods=("GET", "POST"))
def pay(visit: Visit, loan_id: int) -> HttpResponse:
    mine = ask(summary.mine, visit.actor, at=visit.at)
    standing = next((each for each in mine.loans if each.loan.id == loan_id), None)
    if standing is None:
        raise NotFound(kind="loan")
    form = Form(visit.request.POST.dict() if visit.request.method == "POST" else visit.request.GET.dict(), visit.speech)

    def ask_amount(refused: Explained | None = None, status: int = 200) -> HttpResponse:
        return visit.page(
            "repay",
            status=status,
            form=form,
            refused=refused,
            standing=standing,
            offered=offered(standing),
            sources=[each for each in mine.savings if each.status is AccountStatus.ACTIVE],
        )

    if visit.request.method != "POST":
        return ask_amount()
    amount, source = form.amount(visit.institution), form.id("source_id")
    if amount is None or source is None:
        return ask_amount(status=422)
    inputs = {"loan_id": LoanId(loan_id), "source_id": SavingsId(source), "amount": amount}
    return propose(visit, repay, inputs, form, ask_amount)


def offered(standing: LoanStanding) -> Money:
    """The amount that stands in the field already: what is due, else what comes next."""
    to_pay = standing.to_pay
    return next(
        (part.total for part in (to_pay.due_now, to_pay.next_due) if part.total.is_positive), to_pay.outstanding.total
    )
