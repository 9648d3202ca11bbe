"""What a loan comes to in all: charged, paid, waived, written off, outstanding, overdue (loan-math §9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dirisha.core.installments import Installment, InstallmentKind
from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.charges_due import AT_DISBURSEMENT
from dirisha.core.native.loans.life.state import State
from dirisha.core.native.loans.life.transactions import REPAYMENT_LIKE, REPAYMENTS, Transaction, TransactionKind
from dirisha.core.parts import NOTHING, Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Fees include those that were kept back at disbursement. `overdue` is as of the last look at the arrears.

    `credited_minor` of the principal charged went back to the borrower and is owed for the second time.
    """

    disbursed_minor: int
    charged: Parts
    paid: Parts
    waived: Parts
    written_off: Parts
    overdue: Parts
    overdue_since: date | None
    at_disbursement_minor: int
    recovered_minor: int
    credited_minor: int

    @property
    def outstanding(self) -> Parts:
        return self.charged - self.paid - self.waived - self.written_off


def summary(state: State) -> Summary:
    """Before the money goes out, nothing is owed; nor are tranches that are still to come."""
    rows = state.installments if state.dates.disbursed_on else ()
    at_disbursement = [charge for charge in state.charges if charge.terms.time in AT_DISBURSEMENT and rows]
    kept = Parts(fees=sum(charge.amount_minor for charge in at_disbursement))
    paid = Parts(fees=sum(charge.paid_minor for charge in at_disbursement))
    return Summary(
        disbursed_minor=state.principal_minor,
        charged=total(row.due for row in rows) + kept - (_to_come(state) if rows else NOTHING),
        paid=total(row.paid for row in rows) + paid,
        waived=total(row.waived for row in rows),
        written_off=total(row.written_off for row in rows),
        overdue=state.arrears.overdue if state.arrears else NOTHING,
        overdue_since=state.arrears.since if state.arrears else None,
        at_disbursement_minor=kept.fees,
        recovered_minor=received_minor(state, TransactionKind.RECOVERY),
        credited_minor=sum(row.credited_minor for row in rows),
    )


def _to_come(state: State) -> Parts:
    return Parts(sum(tranche.principal.minor for tranche in state.terms.loan.tranches if not tranche.is_out))


def total(amounts: Iterable[Parts]) -> Parts:
    principal = interest = fees = penalties = 0
    for parts in amounts:
        principal += parts.principal
        interest += parts.interest
        fees += parts.fees
        penalties += parts.penalties
    return Parts(principal, interest, fees, penalties)


def received_minor(state: State, *kinds: TransactionKind, reversed_ones: bool = False) -> int:
    """What standing (or reversed) transactions of these kinds come to."""
    return sum(
        transaction.amount_minor
        for transaction in state.transactions
        if transaction.kind in kinds and transaction.stands is not reversed_ones
    )


def last_payment(state: State, *, repayments_only: bool = False) -> Transaction | None:
    """The latest money that came in, by value date; of one day, the last one entered."""
    kinds = REPAYMENTS if repayments_only else REPAYMENT_LIKE
    received = [transaction for transaction in state.transactions if transaction.stands and transaction.kind in kinds]
    return max(received, key=lambda transaction: (transaction.on, transaction.number), default=None)


def interest_due_minor(state: State) -> int:
    """Unpaid interest of installments that have fallen due."""
    return sum(
        row.outstanding.interest
        for row in state.installments
        if row.kind is not InstallmentKind.DOWN_PAYMENT and row.due_date <= state.on
    )


def interest_not_due_minor(state: State) -> int:
    """Unpaid interest that the days of the current period have earned so far."""
    current = next((row for row in state.installments if row.from_date < state.on < row.due_date), None)
    return 0 if current is None else max(0, earned_until(current, state.on, Amounts(state.terms.loan)))


def earned_until(row: Installment, on: date, amounts: Amounts) -> int:
    """Each day earns its share of what the days before it have left; less what is paid or waived."""
    days = (row.due_date - row.from_date).days
    interest, earned = Decimal(row.due.interest), Decimal(0)
    for left in range(days, days - (on - row.from_date).days, -1):
        earned = amounts.digits.add(earned, amounts.digits.divide(interest - earned, left))
    return amounts.rounded(earned - row.paid.interest - row.waived.interest)
