"""What a borrower has to pay on a day (due now, late since when, next, in all), and how far the loan is repaid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dirisha.core.installments import Installment
from dirisha.core.parts import NOTHING, Parts
from dirisha.kit.money import Currency, Money


@dataclass(frozen=True, slots=True)
class Amounts:
    """An amount of a loan by what it is for, as it is shown."""

    principal: Money
    interest: Money
    fees: Money
    penalties: Money

    @property
    def total(self) -> Money:
        return self.principal + self.interest + self.fees + self.penalties

    @classmethod
    def of(cls, parts: Parts, currency: Currency) -> Amounts:
        return cls(
            Money(parts.principal, currency),
            Money(parts.interest, currency),
            Money(parts.fees, currency),
            Money(parts.penalties, currency),
        )


@dataclass(frozen=True, slots=True)
class WhatToPay:
    """As of the day `on`; an installment that falls due on that day is due, and not yet overdue.

    `due_now` includes `overdue`, and brings the loan up to date. `late_since` is the due date of the oldest overdue
    installment. `next_due` is what is left of the first unpaid installment that falls due after the day, on
    `next_due_on`; nothing, and None, after the last. `outstanding` repays the loan in full: all principal, and all
    interest and charges of the schedule, since paying early saves nothing where interest is not recalculated. `ahead`
    is what is paid already of installments that fall due after the day; what is behind the plan is `overdue`.
    """

    on: date
    due_now: Amounts
    overdue: Amounts
    late_since: date | None
    next_due_on: date | None
    next_due: Amounts
    outstanding: Amounts
    ahead: Amounts

    @property
    def days_late(self) -> int:
        return 0 if self.late_since is None else (self.on - self.late_since).days


@dataclass(frozen=True, slots=True)
class Progress:
    """`met` of the loan's `installments` are paid in full; `repaid_on` is the day on which the last of them was."""

    expected: Amounts
    paid: Amounts
    installments: int
    met: int
    repaid_on: date | None


def what_to_pay(installments: Sequence[Installment], currency: Currency, *, on: date) -> WhatToPay:
    """From installments in due-date order; met ones may be left out, and then count for nothing in `ahead`."""
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
        ahead=Amounts.of(sum((i.paid for i in installments if i.due_date > on), NOTHING), currency),
    )


def progress(installments: Sequence[Installment], currency: Currency) -> Progress:
    """From all installments of a loan, met ones included."""
    met_dates = [installment.met_on for installment in installments if installment.met_on is not None]
    met = sum(installment.is_met for installment in installments)
    return Progress(
        expected=Amounts.of(sum((i.due for i in installments), NOTHING), currency),
        paid=Amounts.of(sum((i.paid for i in installments), NOTHING), currency),
        installments=len(installments),
        met=met,
        repaid_on=max(met_dates, default=None) if met == len(installments) else None,
    )


def _outstanding(installments: Iterable[Installment], currency: Currency) -> Amounts:
    return Amounts.of(sum((installment.outstanding for installment in installments), NOTHING), currency)
