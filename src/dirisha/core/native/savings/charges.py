"""The life of a charge: due, paid, waived, due again. Source: Fineract's `SavingsAccountCharge`."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from dirisha.core.native.savings.charge_terms import RECURRING, ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.savings.span import months_later


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """`amount_minor` is what one due costs; paid and waived add up over all dues, `outstanding_minor` is this one's."""

    number: int
    terms: ChargeTerms
    amount_minor: int
    outstanding_minor: int
    due_on: date | None
    paid_minor: int = 0
    waived_minor: int = 0
    inactivated_on: date | None = None

    @classmethod
    def agreed(cls, number: int, terms: ChargeTerms) -> Charge:
        amount = terms.flat_minor
        return cls(
            number=number,
            terms=terms,
            amount_minor=amount,
            outstanding_minor=0 if terms.time is ChargeTime.WITHDRAWAL else amount,
            due_on=terms.due_on,
        )

    @property
    def active(self) -> bool:
        return self.inactivated_on is None

    @property
    def recurring(self) -> bool:
        return self.terms.time in RECURRING


def dated_from(charge: Charge, start: date) -> Charge:
    """A recurring charge falls due for the first time on or after `start` (the activation)."""
    if not charge.recurring:
        return charge
    due = charge.due_on
    if charge.terms.fee_on is not None:
        month, day = charge.terms.fee_on
        due = _with_day(start.replace(day=1, month=month), day)
    while due is not None and due < start:
        due = _next_due(charge, due)
    return replace(charge, due_on=due)


def paid(charge: Charge, amount_minor: int) -> Charge:
    """Paid in full, a recurring charge stands due again at its next date."""
    after = replace(
        charge, paid_minor=charge.paid_minor + amount_minor, outstanding_minor=charge.outstanding_minor - amount_minor
    )
    return after if after.outstanding_minor else _due_again(after)


def waived(charge: Charge) -> Charge:
    waived_minor = charge.waived_minor + charge.outstanding_minor
    return _due_again(replace(charge, waived_minor=waived_minor, outstanding_minor=0))


def payment_undone(charge: Charge, amount_minor: int) -> Charge:
    """A recurring charge is due at its date before, in full; a withdrawal fee is due with the next withdrawal only."""
    paid_minor = charge.paid_minor - amount_minor
    if charge.recurring:
        due = _due_before(charge, charge.due_on) if charge.due_on is not None else None
        return replace(charge, paid_minor=paid_minor, outstanding_minor=charge.amount_minor, due_on=due)
    open_minor = 0 if charge.terms.time is ChargeTime.WITHDRAWAL else _open_minor(charge, paid_minor)
    return replace(charge, paid_minor=paid_minor, outstanding_minor=open_minor)


def waiver_undone(charge: Charge, amount_minor: int) -> Charge:
    waived_minor = charge.waived_minor - amount_minor
    if charge.recurring and charge.due_on is not None:
        due = _due_before(charge, charge.due_on)
        return replace(charge, waived_minor=waived_minor, outstanding_minor=charge.amount_minor, due_on=due)
    return replace(charge, waived_minor=waived_minor, outstanding_minor=charge.outstanding_minor + amount_minor)


def changed(charge: Charge, amount: Decimal) -> Charge:
    """Another amount: what was paid and waived counts towards it."""
    terms = replace(charge.terms, amount=amount)
    after = replace(charge, terms=terms, amount_minor=terms.flat_minor)
    if terms.calculation is ChargeCalculation.PERCENT or terms.time is ChargeTime.WITHDRAWAL:
        return after
    return replace(after, outstanding_minor=_open_minor(after, after.paid_minor))


def inactivated(charge: Charge, on: date) -> Charge:
    return replace(charge, outstanding_minor=0, inactivated_on=on)


def _open_minor(charge: Charge, paid_minor: int) -> int:
    return charge.amount_minor - paid_minor - charge.waived_minor


def _due_again(charge: Charge) -> Charge:
    if not charge.recurring or charge.due_on is None:
        return charge
    return replace(charge, outstanding_minor=charge.amount_minor, due_on=_next_due(charge, charge.due_on))


def _next_due(charge: Charge, due: date) -> date:
    return _steps(charge, due, 1)


def _due_before(charge: Charge, due: date) -> date:
    return _steps(charge, due, -1)


def _steps(charge: Charge, due: date, turns: int) -> date:
    if charge.terms.time is ChargeTime.WEEKLY:
        return due + timedelta(weeks=charge.terms.every * turns)
    months = 12 if charge.terms.time is ChargeTime.ANNUAL else charge.terms.every
    _, day = charge.terms.fee_on or (0, due.day)
    return _with_day(months_later(due.replace(day=1), months * turns), day)


def _with_day(month: date, day: int) -> date:
    """The day of that month, or its last."""
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))
