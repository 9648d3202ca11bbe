"""Loans: how one stands, what to pay on it, its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dirisha.access.permissions import SEE_OWN
from dirisha.core.port import Client, Loan, LoanTransaction
from dirisha.core.view import QuestionView
from dirisha.core.what_to_pay import Progress, WhatToPay, progress, what_to_pay
from dirisha.kit.ids import LoanId
from dirisha.queries.ask import question


@dataclass(frozen=True, slots=True)
class LoanStanding:
    """A loan with what to pay as of the business date, and how far it is."""

    loan: Loan
    to_pay: WhatToPay
    progress: Progress

    def urgency(self) -> tuple[bool, date, int]:
        """For sorting: active before closed, the oldest arrears and the nearest due dates first."""
        when = self.to_pay.late_since or self.to_pay.next_due_on or date.max
        return (not self.loan.is_active, when, self.loan.id)


@dataclass(frozen=True, slots=True)
class LoanDetail:
    standing: LoanStanding
    transactions: tuple[LoanTransaction, ...]


def standing(loan: Loan, on: date) -> LoanStanding:
    return LoanStanding(
        loan,
        what_to_pay(loan.installments, loan.currency, on=on),
        progress(loan.installments, loan.currency),
    )


@question("loans.detail", permission=SEE_OWN)
def detail(view: QuestionView, *, loan_id: LoanId) -> LoanDetail:
    """The loan with its schedule and its transactions, oldest first."""
    loan = view.loan(loan_id)
    return LoanDetail(standing(loan, view.business_date), tuple(view.loan_transactions(loan_id)))


@dataclass(frozen=True, slots=True)
class LoanFile:
    """All about a loan, as of the business date `on`, with the client whose loan it is."""

    on: date
    detail: LoanDetail
    borrower: Client


@question("loans.file", permission=SEE_OWN)
def file(view: QuestionView, *, loan_id: LoanId) -> LoanFile:
    of_loan = detail.answer(view, loan_id=loan_id)
    borrower = next(client for client in view.clients() if client.id == of_loan.standing.loan.client)
    return LoanFile(view.business_date, of_loan, borrower)


@question("loans.to_pay", permission=SEE_OWN)
def to_pay(view: QuestionView) -> tuple[LoanStanding, ...]:
    """Active loans, the oldest arrears first, then by what falls due next."""
    loans = view.overview(latest=0).loans
    return tuple(
        sorted((standing(loan, view.business_date) for loan in loans if loan.is_active), key=LoanStanding.urgency)
    )
