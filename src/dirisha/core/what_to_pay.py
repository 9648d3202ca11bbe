"""What a borrower has to pay on a day (due now, late since when, next, in all), and how far the loan is repaid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dirisha.core.installments import Installment
from dirisha.kit.money import Currency, Money


@dataclass(frozen=True, slots=True)
class Parts:
    """An amount of a loan by what it is for."""

    principal: Money
    interest: Money

    @property
    def total(self) -> Money:
        return self.principal + self.interest


@dataclass(frozen=True, slots=True)
class WhatToPay:
    """As of the day `on`; an installment that falls due on that day is due, and not yet overdue.

    `due_now` includes `overdue`. `late_since` is the due date of the oldest overdue installment. `next_due` is what is
    left of the first unpaid installment that falls due after the day, on `next_due_on`; nothing, and None, after the
    last. `outstanding` repays the loan in full: all principal and all scheduled interest, since on these terms paying
    early saves no interest.
    """

    on: date
    due_now: Parts
    overdue: Parts
    late_since: date | None
    next_due_on: date | None
    next_due: Parts
    outstanding: Parts

    @property
    def days_late(self) -> int:
        return 0 if self.late_since is None else (self.on - self.late_since).days


@dataclass(frozen=True, slots=True)
class Progress:
    """`met` of the loan's `installments` are paid in full; `repaid_on` is the day on which the last of them was."""

    expected: Parts
    paid: Parts
    installments: int
    met: int
    repaid_on: date | None


def what_to_pay(installments: Sequence[Installment], currency: Currency, *, on: date) -> WhatToPay:
    """From installments in due-date order; met ones may be left out."""
    unpaid = [installment for installment in installments if not installment.is_met]
    due = [installment for installment in unpaid if installment.due_date <= on]
    overdue = [installment for installment in due if installment.due_date < on]
    coming = unpaid[len(due) :]
    return WhatToPay(
        on=on,
        due_now=_outstanding(due, currency),
        overdue=_outstanding(overdue, currency),
        late_since=overdue[0].due_date if overdue else None,
        next_due_on=coming[0].due_date if coming else None,
        next_due=_outstanding(coming[:1], currency),
        outstanding=_outstanding(unpaid, currency),
    )


def progress(installments: Sequence[Installment], currency: Currency) -> Progress:
    """From all installments of a loan, met ones included."""
    met_dates = [installment.met_on for installment in installments if installment.met_on is not None]
    met = sum(installment.is_met for installment in installments)
    return Progress(
        expected=Parts(
            Money(sum(i.principal_minor for i in installments), currency),
            Money(sum(i.interest_minor for i in installments), currency),
        ),
        paid=Parts(
            Money(sum(i.principal_paid_minor for i in installments), currency),
            Money(sum(i.interest_paid_minor for i in installments), currency),
        ),
        installments=len(installments),
        met=met,
        repaid_on=max(met_dates, default=None) if met == len(installments) else None,
    )


def _outstanding(installments: Iterable[Installment], currency: Currency) -> Parts:
    principal_minor = interest_minor = 0
    for installment in installments:
        principal_minor += installment.principal_outstanding_minor
        interest_minor += installment.interest_outstanding_minor
    return Parts(Money(principal_minor, currency), Money(interest_minor, currency))
