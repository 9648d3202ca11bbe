"""Income that is earned day by day, for the ledger: what a job accrues until a day, and what is left at the end.

For each installment that is due: its interest and its charges, on its due date; for the current one: the share of
its interest that the days so far have earned, and the charges due by then. What was accrued before is taken off.
Source: Fineract's `LoanAccrualsProcessingServiceImpl` and the recordings `d-accrual*`, `d-cob*`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dirisha.core.installments import Installment
from dirisha.core.native.doubles import times_share
from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.events import Accrual, Accrue, ChargeAccrual
from dirisha.core.native.loans.life.fold import handles
from dirisha.core.native.loans.life.rows import Portion
from dirisha.core.native.loans.life.state import LoanCharge, State, Status
from dirisha.core.native.loans.life.transactions import ChargeShare, Transaction, TransactionKind
from dirisha.core.parts import Parts


def accruals_until(state: State, on: date) -> tuple[Accrual, ...]:
    """What the job accrues on the day `on`; nothing where income counts as a whole at disbursement."""
    if not state.terms.accrues_by_period or state.status is not Status.ACTIVE or state.dates.charged_off_on is not None:
        return ()
    accrued = _Accrued.of(state.transactions)
    return tuple(_accruals(state, on, accrued))


def _accruals(state: State, on: date, accrued: _Accrued) -> Iterator[Accrual]:
    earned_minor = 0
    for row in state.installments:
        if row.from_date >= on and row.number > 1:
            return
        day = min(row.due_date, on)
        earned_minor += _interest_until(row, day, state)
        interest = max(0, earned_minor - accrued.interest_minor)
        accrued.interest_minor += interest
        charges = tuple(_charges_until(state.charges, row, day, accrued))
        income = Parts(interest=interest) + _income(state.charges, charges)
        if income:
            yield Accrual(day, income, charges)


def _interest_until(row: Installment, day: date, state: State) -> int:
    """What the days of the installment have earned of its interest; waived interest is not earned."""
    interest = row.due.interest - row.waived.interest
    days, of = (day - row.from_date).days, (row.due_date - row.from_date).days
    if days >= of:
        return interest
    return times_share(interest, of, days, state.terms.currency.scale)


def _charges_until(
    charges: Sequence[LoanCharge], row: Installment, day: date, accrued: _Accrued
) -> Iterator[ChargeAccrual]:
    """Of the charges that the installment carries, what is due by the day and not accrued yet."""
    for charge in charges:
        if charge.fees:
            fee = next((fee for fee in charge.fees if fee.installment == row.number), None)
            if fee is None or day < row.due_date:
                continue
            amount = fee.amount_minor - fee.waived_minor
        elif charge.due_on is not None and _carries(row, charge.due_on) and charge.due_on <= day:
            amount = charge.amount_minor - charge.waived_minor
        else:
            continue
        left = amount - accrued.of_charge(charge.number, row.number)
        if left > 0:
            yield ChargeAccrual(charge.number, left, row.number)


def _carries(row: Installment, on: date) -> bool:
    return row.from_date < on <= row.due_date or (row.number == 1 and on == row.from_date)


def _income(charges: Sequence[LoanCharge], accrued: Sequence[ChargeAccrual]) -> Parts:
    fees = sum(one.amount_minor for one in accrued if not charges[one.charge - 1].terms.is_penalty)
    return Parts(fees=fees, penalties=sum(one.amount_minor for one in accrued) - fees)


@dataclass(slots=True)
class _Accrued:
    """What earlier accruals have brought: of interest in all, of charges each."""

    interest_minor: int
    by_charge: dict[tuple[int, int | None], int]

    @classmethod
    def of(cls, transactions: Sequence[Transaction]) -> _Accrued:
        accrued = cls(0, {})
        for transaction in transactions:
            if transaction.kind is TransactionKind.ACCRUAL and transaction.stands:
                accrued.interest_minor += transaction.split.interest
                for share in transaction.charges:
                    key = share.charge, share.installment
                    accrued.by_charge[key] = accrued.by_charge.get(key, 0) + share.amount_minor
        return accrued

    def of_charge(self, charge: int, installment: int) -> int:
        return self.by_charge.get((charge, installment), 0) + self.by_charge.get((charge, None), 0)


@handles(Accrue)
def accrue(book: Book, event: Accrue) -> None:
    for accrual in event.accruals:
        _enter(book, accrual)


def _enter(book: Book, accrual: Accrual) -> None:
    entered = book.enter(TransactionKind.ACCRUAL, accrual.on, accrual.income.total, split=accrual.income)
    shares = tuple(ChargeShare(one.charge, one.amount_minor, one.installment) for one in accrual.charges)
    book.put(replace(entered, charges=shares))


def take_back_unfinished_accruals(book: Book) -> None:
    """A lost loan's income of a period that is not over does not stand (as the reference does at a write-off)."""
    accruals = [one for one in book.standing() if one.kind is TransactionKind.ACCRUAL]
    if book.terms.accrues_by_period and accruals:
        last_on = accruals[-1].on
        if all(row.due_date != last_on for row in book.rows):
            for accrual in accruals:
                if accrual.on == last_on:
                    book.reverse(accrual)


def accrue_the_rest(book: Book, on: date) -> None:
    """When a loan is repaid, whatever is not accrued yet is: charges kept back at disbursement as well."""
    if not book.terms.accrues_by_period or book.non_performing or book.dates.charged_off_on is not None:
        return
    accrued = _Accrued.of(book.transactions)
    charges = [charge.charge() for charge in book.charges]
    interest = (
        sum(row.due[Portion.INTEREST] - row.waived[Portion.INTEREST] for row in book.rows) - accrued.interest_minor
    )
    left = tuple(_rest_of_charges(charges, accrued))
    income = Parts(interest=max(0, interest)) + _income(charges, left)
    if income:
        _enter(book, Accrual(on, income, left))


def _rest_of_charges(charges: Sequence[LoanCharge], accrued: _Accrued) -> Iterator[ChargeAccrual]:
    for charge in charges:
        parts = (
            [(fee.installment, fee.amount_minor - fee.waived_minor) for fee in charge.fees]
            if charge.fees
            else [(None, charge.amount_minor - charge.waived_minor)]
        )
        for installment, amount in parts:
            before = (
                accrued.by_charge.get((charge.number, installment), 0)
                if installment is not None
                else sum(minor for (number, _), minor in accrued.by_charge.items() if number == charge.number)
            )
            if amount > before:
                yield ChargeAccrual(charge.number, amount - before, installment)
