"""A loan as a recording pictures it, and ours by the same names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from dirisha.core.installments import Installment, InstallmentKind
from dirisha.core.native.loans.charges_due import AT_DISBURSEMENT
from dirisha.core.native.loans.life.delinquency import delinquency
from dirisha.core.native.loans.life.state import LoanCharge, State, Status
from dirisha.core.native.loans.life.summary import (
    interest_due_minor,
    interest_not_due_minor,
    last_payment,
    received_minor,
    summary,
    total,
)
from dirisha.core.native.loans.life.transactions import REPAYMENT_LIKE, REPAYMENTS, Transaction, TransactionKind
from dirisha.core.native.loans.schedule import balances_after
from dirisha.core.parts import Parts
from dirisha.kit.money import Currency
from tests.contracts.goldens.reading import Recording, day, minor

PORTIONS = {
    "principal": "principal",
    "interest": "interest",
    "feeCharges": "fees",
    "penaltyCharges": "penalties",
}
DISBURSED = (Status.ACTIVE, Status.CLOSED, Status.OVERPAID, Status.WRITTEN_OFF, Status.RESCHEDULED)


def value(shown: Any, ours: Any, currency: Currency) -> Any:
    """What is shown, of the kind of our figure: amounts in minor units, dates, truths."""
    if shown is None:
        return None
    if isinstance(shown, list):
        return day(shown)
    if isinstance(shown, bool) or isinstance(ours, date | bool):
        return shown
    return minor(shown, currency)


def compared(where: str, theirs: Recording, ours: dict[str, Any], currency: Currency) -> Iterator[str]:
    """The members of ours that differ from theirs; one left out there is nothing here."""
    for member, mine in ours.items():
        shown = value(theirs.get(member), mine, currency)
        if (shown or None) != (mine or None):
            yield f"{where} {member}: theirs {shown}, ours {mine}"


def loan(state: State) -> dict[str, Any]:
    ours: dict[str, Any] = {
        "inArrears": state.arrears is not None,
        "isNPA": state.non_performing,
        "chargedOff": state.dates.charged_off_on is not None,
    }
    if state.status is Status.OVERPAID:
        ours["totalOverpaid"] = state.overpaid_minor
    return ours


def timeline(state: State) -> dict[str, Any]:
    dates = state.dates
    return {
        "submittedOnDate": dates.submitted_on,
        "approvedOnDate": dates.approved_on,
        "expectedDisbursementDate": dates.expected_on,
        "actualDisbursementDate": dates.disbursed_on,
        "rejectedOnDate": dates.rejected_on,
        "withdrawnOnDate": dates.withdrawn_on,
        "closedOnDate": dates.closed_on,
        "writeOffOnDate": dates.written_off_on,
        "chargedOffOnDate": dates.charged_off_on,
    }


def of_summary(state: State) -> dict[str, Any]:
    """The members of `summary`; none before the money goes out."""
    sums = summary(state)
    ours: dict[str, Any] = {"principalDisbursed": sums.disbursed_minor, "principalAdjustments": sums.credited_minor}
    for theirs, part in PORTIONS.items():
        ours |= {
            f"{theirs}Paid": getattr(sums.paid, part),
            f"{theirs}WrittenOff": getattr(sums.written_off, part),
            f"{theirs}Outstanding": getattr(sums.outstanding, part),
            f"{theirs}Overdue": getattr(sums.overdue, part),
        }
        if part != "principal":
            ours |= {f"{theirs}Charged": getattr(sums.charged, part), f"{theirs}Waived": getattr(sums.waived, part)}
    ours |= {
        "feeChargesDueAtDisbursementCharged": sums.at_disbursement_minor,
        "totalExpectedRepayment": sums.charged.total - sums.credited_minor,
        "totalRepayment": sums.paid.total,
        "totalExpectedCostOfLoan": sums.charged.cost,
        "totalCostOfLoan": sums.paid.cost,
        "totalWaived": sums.waived.total,
        "totalWrittenOff": sums.written_off.total,
        "totalOutstanding": sums.outstanding.total,
        "totalOverdue": sums.overdue.total,
        "overdueSinceDate": sums.overdue_since,
        "totalRecovered": sums.recovered_minor,
        "totalUnpaidPayableDueInterest": interest_due_minor(state),
        "totalUnpaidPayableNotDueInterest": interest_not_due_minor(state),
    }
    return ours | dict(_received(state))


RECEIVED = {
    "totalMerchantRefund": TransactionKind.MERCHANT_REFUND,
    "totalPayoutRefund": TransactionKind.PAYOUT_REFUND,
    "totalGoodwillCredit": TransactionKind.GOODWILL_CREDIT,
    "totalChargeAdjustment": TransactionKind.CHARGE_ADJUSTMENT,
    "totalChargeback": TransactionKind.CHARGEBACK,
    "totalCreditBalanceRefund": TransactionKind.CREDIT_BALANCE_REFUND,
    "totalInterestPaymentWaiver": TransactionKind.INTEREST_PAYMENT_WAIVER,
    "totalInterestRefund": TransactionKind.INTEREST_REFUND,
}


def _received(state: State) -> Iterator[tuple[str, int]]:
    yield "totalRepaymentTransaction", received_minor(state, *REPAYMENTS)
    for member, kind in RECEIVED.items():
        yield member, received_minor(state, kind)


def delinquent(state: State) -> dict[str, Any]:
    behind = delinquency(state)
    payment, repayment = last_payment(state), last_payment(state, repayments_only=True)
    return {
        "delinquentDate": behind.since,
        "delinquentAmount": behind.amount.total,
        "delinquentPrincipal": behind.amount.principal,
        "delinquentInterest": behind.amount.interest,
        "delinquentFee": behind.amount.fees,
        "delinquentPenalty": behind.amount.penalties,
        # Where nothing is unpaid, the reference shows today, or the day of the last payment.
        "nextPaymentDueDate": behind.next_due_on or max(state.on, payment.on if payment else state.on),
        "lastPaymentDate": payment and payment.on,
        "lastPaymentAmount": payment and payment.amount_minor,
        "lastRepaymentDate": repayment and repayment.on,
        "lastRepaymentAmount": repayment and repayment.amount_minor,
    }


def days_behind(state: State) -> dict[str, int]:
    behind = delinquency(state)
    return {"pastDueDays": behind.past_due_days, "delinquentDays": behind.delinquent_days}


# --- the schedule -----------------------------------------------------------------------------------------------------


def schedule_totals(state: State) -> dict[str, Any]:
    rows = state.installments
    at_disbursement = [charge for charge in state.charges if charge.terms.time in AT_DISBURSEMENT]
    kept = sum(charge.amount_minor for charge in at_disbursement)
    kept_paid = sum(charge.paid_minor for charge in at_disbursement)
    due, paid = total(row.due for row in rows), total(row.paid for row in rows)
    written_off, waived = total(row.written_off for row in rows), total(row.waived for row in rows)
    return {
        "totalPrincipalExpected": due.principal,
        "totalPrincipalPaid": paid.principal,
        "totalInterestCharged": due.interest,
        "totalFeeChargesCharged": due.fees + kept,
        "totalPenaltyChargesCharged": due.penalties,
        "totalWaived": waived.total,
        "totalWrittenOff": written_off.total,
        "totalRepaymentExpected": due.total + kept,
        "totalRepayment": paid.total + kept_paid,
        "totalPaidInAdvance": sum(row.paid_in_advance_minor for row in rows),
        "totalPaidLate": sum(row.paid_late_minor for row in rows),
        "totalOutstanding": (due - paid - waived - written_off).total + kept - kept_paid,
    }


def days(state: State) -> int:
    return sum((row.due_date - row.from_date).days for row in state.installments)


def at_disbursement(state: State) -> dict[str, int]:
    """What goes out, and what is kept back of it; as expected, until it is out."""
    kept = [charge for charge in state.charges if charge.terms.time in AT_DISBURSEMENT]
    tranches = sum(tranche.principal.minor for tranche in state.terms.loan.tranches)
    return {
        "principalDisbursed": tranches or state.principal_minor or state.approved_minor,
        "feeChargesDue": sum(charge.amount_minor for charge in kept),
        "feeChargesPaid": sum(charge.paid_minor for charge in kept),
    }


def periods(state: State) -> list[tuple[dict[str, Any], dict[str, int]]]:
    """Figures and counts of each installment."""
    balances = balances_after(state.installments)
    tranches = state.terms.loan.tranches
    to_come = [
        sum(one.principal.minor for one in tranches if one.expected_on > row.due_date) for row in state.installments
    ]
    return [
        _period(row, balance - later, state)
        for row, balance, later in zip(state.installments, balances, to_come, strict=True)
    ]


def _period(row: Installment, balance: int, state: State) -> tuple[dict[str, Any], dict[str, int]]:
    outstanding = row.outstanding
    ours: dict[str, Any] = {
        "fromDate": row.from_date,
        "dueDate": row.due_date,
        "complete": row.met_on is not None,
        "obligationsMetOnDate": row.met_on,
        "totalCredits": row.credited_minor,
        "downPaymentPeriod": row.kind is InstallmentKind.DOWN_PAYMENT,
        "principalLoanBalanceOutstanding": balance,
        "totalDueForPeriod": row.due.total,
        "totalPaidForPeriod": row.paid.total,
        "totalPaidInAdvanceForPeriod": row.paid_in_advance_minor,
        "totalPaidLateForPeriod": row.paid_late_minor,
        "totalWaivedForPeriod": row.waived.total,
        "totalWrittenOffForPeriod": row.written_off.total,
        "totalOutstandingForPeriod": outstanding.total,
        "totalOverdue": outstanding.total if row.due_date < state.on else None,
        "totalActualCostOfLoanForPeriod": row.due.cost - row.waived.cost - row.written_off.cost,
        "totalInstallmentAmountForPeriod": row.due.principal + row.due.interest,
    }
    for theirs, part in PORTIONS.items():
        ours |= {
            f"{theirs}Due": getattr(row.due, part),
            f"{theirs}Paid": getattr(row.paid, part),
            f"{theirs}WrittenOff": getattr(row.written_off, part),
            f"{theirs}Outstanding": getattr(outstanding, part),
        }
        if part != "principal":
            ours[f"{theirs}Waived"] = getattr(row.waived, part)
    return ours, {"period": row.number, "daysInPeriod": (row.due_date - row.from_date).days}


# --- transactions and charges -----------------------------------------------------------------------------------------


def transaction(ours: Transaction) -> dict[str, Any]:
    return {
        "date": ours.on,
        "amount": ours.amount_minor,
        "principalPortion": ours.split.principal,
        "interestPortion": ours.split.interest,
        "feeChargesPortion": ours.split.fees,
        "penaltyChargesPortion": ours.split.penalties,
        "overpaymentPortion": ours.overpaid_minor,
        "unrecognizedIncomePortion": ours.unrecognized_minor,
        "outstandingLoanBalance": ours.balance_minor,
    }


def charge(ours: LoanCharge) -> dict[str, Any]:
    return {
        "dueDate": ours.due_on,
        "submittedOnDate": ours.submitted_on,
        "amountPercentageAppliedTo": ours.base_minor,
        "amount": ours.amount_minor,
        "amountPaid": ours.paid_minor,
        "amountWaived": ours.waived_minor,
        "amountOutstanding": ours.outstanding_minor,
        "penalty": ours.terms.is_penalty,
        "paid": ours.is_paid,
        "waived": ours.is_waived,
    }


def is_money(kind: TransactionKind) -> bool:
    return kind in REPAYMENT_LIKE


def parts(shown: Recording, currency: Currency) -> Parts:
    """The split of a transaction as it is shown."""
    return Parts(*(minor(shown.get(f"{member}Portion"), currency) for member in PORTIONS))


def amount(shown: Decimal | int, currency: Currency) -> int:
    return minor(shown, currency)
