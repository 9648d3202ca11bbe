"""A loan with its schedule and its transactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dirisha.core.installments import Installment
from dirisha.core.port import Client, Loan, LoanTransaction
from dirisha.core.what_to_pay import Progress, WhatToPay, progress, what_to_pay
from dirisha.wire import enumerations as enums
from dirisha.wire import timelines
from dirisha.wire.timelines import Hand
from dirisha.wire.written import Figures, Json, day, present

ASSOCIATIONS = (
    "repaymentSchedule", "futureSchedule", "originalSchedule", "transactions", "charges", "guarantors", "collateral",
    "linkedAccount", "multiDisburseDetails",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A loan as it stands on a day, its transactions oldest first."""

    loan: Loan
    borrower: Client
    on: date
    to_pay: WhatToPay
    progress: Progress
    transactions: tuple[LoanTransaction, ...]

    @classmethod
    def of(cls, loan: Loan, borrower: Client, transactions: Sequence[LoanTransaction], on: date) -> Picture:
        to_pay = what_to_pay(loan.installments, loan.currency, on=on)
        return cls(loan, borrower, on, to_pay, progress(loan.installments, loan.currency), tuple(transactions))


def loan(found: Picture, figures: Figures, by: Hand | None = None) -> Json:
    """The loan without its associations."""
    loan, borrower, months = found.loan, found.borrower, len(found.loan.installments)
    principal = figures.kept(loan.principal)
    paid_ahead = sum(i.paid.total for i in loan.installments if i.due_date > found.on) if loan.is_active else 0
    return {
        "id": loan.id,
        "accountNo": loan.number,
        "status": enums.LOAN_STATUS[loan.status],
        "clientId": loan.client,
        "clientAccountNo": borrower.number,
        "clientName": loan.client_name,
        "clientOfficeId": borrower.office,
        "loanProductId": loan.product_id,
        "loanProductName": loan.name,
        "isLoanProductLinkedToFloatingRate": False,
        "loanType": enums.INDIVIDUAL,
        "currency": figures.currency,
        "principal": principal,
        "approvedPrincipal": principal,
        "proposedPrincipal": principal,
        "netDisbursalAmount": principal,
        "termFrequency": months,
        "termPeriodFrequencyType": enums.TERM_IN_MONTHS,
        "numberOfRepayments": months,
        "repaymentEvery": 1,
        "repaymentFrequencyType": enums.REPAID_MONTHLY,
        "interestRatePerPeriod": figures.rate(loan.rate_percent),
        "interestRateFrequencyType": enums.RATE_PER_YEAR,
        "annualInterestRate": figures.rate(loan.rate_percent),
        "isFloatingInterestRate": False,
        "amortizationType": enums.EQUAL_INSTALLMENTS,
        "interestType": enums.DECLINING_BALANCE,
        "interestCalculationPeriodType": enums.SAME_AS_REPAYMENT_PERIOD,
        "allowPartialPeriodInterestCalculation": False,
        "transactionProcessingStrategyCode": enums.STRATEGY_CODE,
        "transactionProcessingStrategyName": enums.STRATEGY_NAME,
        "syncDisbursementWithMeeting": False,
        "disallowExpectedDisbursements": False,
        "timeline": timelines.of_loan(loan, by),
        "summary": _summary(found, figures),
        "collateral": [],
        "loanScheduleTypeOptions": enums.SCHEDULE_TYPES,
        "loanScheduleProcessingTypeOptions": enums.SCHEDULE_PROCESSING_TYPES,
        "feeChargesAtDisbursementCharged": figures.zero,
        "loanProductCounter": 1,
        "multiDisburseLoan": False,
        "canDefineInstallmentAmount": False,
        "canUseForTopup": False,
        "isTopup": False,
        "fraud": False,
        "closureLoanId": 0,
        "inArrears": found.to_pay.late_since is not None,
        "isNPA": False,
        "overdueCharges": [],
        "daysInMonthType": enums.ACTUAL_MONTH,
        "daysInYearType": enums.ACTUAL_YEAR,
        "isInterestRecalculationEnabled": False,
        "createStandingInstructionAtDisbursement": False,
        "paidInAdvance": {"paidInAdvance": figures.summed_minor(paid_ahead)},
        "isVariableInstallmentsAllowed": False,
        "minimumGap": 0,
        "maximumGap": 0,
        "isEqualAmortization": False,
        "isRatesEnabled": False,
        "delinquent": _delinquent(found, figures),
        "enableInstallmentLevelDelinquency": False,
        "chargedOff": False,
        "enableDownPayment": False,
        "enableAutoRepaymentForDownPayment": False,
        "loanScheduleType": enums.CUMULATIVE,
        "loanScheduleProcessingType": enums.HORIZONTAL,
    }


def _summary(found: Picture, figures: Figures) -> Json:
    expected, paid = found.progress.expected, found.progress.paid
    left, late = found.to_pay.outstanding, found.to_pay.overdue
    kept, zero, none = figures.kept, figures.zero, figures.none
    return present(
        currency=figures.currency,
        principalDisbursed=kept(found.loan.principal),
        principalAdjustments=zero,
        principalPaid=kept(paid.principal),
        principalWrittenOff=zero,
        principalOutstanding=kept(left.principal),
        principalOverdue=kept(late.principal),
        interestCharged=kept(expected.interest),
        interestPaid=kept(paid.interest),
        interestWaived=zero,
        interestWrittenOff=zero,
        interestOutstanding=kept(left.interest),
        interestOverdue=kept(late.interest),
        **_no_charges("fee", zero),
        feeChargesDueAtDisbursementCharged=zero,
        **_no_charges("penalty", zero),
        totalExpectedRepayment=kept(expected.total),
        totalRepayment=kept(paid.total),
        totalExpectedCostOfLoan=kept(expected.interest),
        totalCostOfLoan=kept(paid.interest),
        totalWaived=zero,
        totalWrittenOff=zero,
        totalOutstanding=kept(left.total),
        totalOverdue=kept(late.total),
        totalRecovered=none,
        overdueSinceDate=day(found.to_pay.late_since) if found.to_pay.late_since else None,
        **dict.fromkeys(_NEVER, none),
        totalRepaymentTransaction=kept(paid.total),
        totalUnpaidPayableDueInterest=kept(found.to_pay.due_now.interest),
        # Interest is income when it is paid: none accrues in the books between due dates.
        totalUnpaidPayableNotDueInterest=none,
    )


_NEVER = (
    "totalMerchantRefund", "totalMerchantRefundReversed", "totalPayoutRefund", "totalPayoutRefundReversed",
    "totalGoodwillCredit", "totalGoodwillCreditReversed", "totalChargeAdjustment", "totalChargeAdjustmentReversed",
    "totalChargeback", "totalCreditBalanceRefund", "totalCreditBalanceRefundReversed",
    "totalRepaymentTransactionReversed", "totalInterestPaymentWaiver", "totalInterestRefund",
)  # fmt: skip


def _no_charges(kind: str, zero: object) -> Json:
    names = ("Charged", "Paid", "Waived", "WrittenOff", "Outstanding", "Overdue")
    return {f"{kind}Charges{name}": zero for name in names} | {f"{kind}Adjustments": zero}


def _delinquent(found: Picture, figures: Figures) -> Json:
    late = found.to_pay.overdue
    unmet = [i.due_date for i in found.loan.installments if not i.is_met]
    payments = [t for t in found.transactions if t.kind == "repayment"]
    last = payments[-1] if payments else None
    last_on, last_amount = (day(last.business_date), figures.kept(last.amount)) if last else (None, None)
    return present(
        availableDisbursementAmount=figures.zero,
        pastDueDays=found.to_pay.days_late,
        nextPaymentDueDate=day(unmet[0]) if unmet else None,
        delinquentDays=found.to_pay.days_late,
        delinquentDate=day(found.to_pay.late_since) if found.to_pay.late_since else None,
        delinquentAmount=figures.summed(late.total),
        lastPaymentDate=last_on,
        lastPaymentAmount=last_amount,
        lastRepaymentDate=last_on,
        lastRepaymentAmount=last_amount,
        delinquencyPausePeriods=[],
        delinquentPrincipal=figures.summed(late.principal),
        delinquentInterest=figures.summed(late.interest),
        delinquentFee=figures.none,
        delinquentPenalty=figures.none,
    )


# --- schedule ---------------------------------------------------------------------------------------------------------


def schedule(found: Picture, figures: Figures) -> Json:
    loan, expected, paid = found.loan, found.progress.expected, found.progress.paid
    summed, nothing = figures.summed, figures.summed_minor(0)
    return {
        "currency": figures.currency,
        "loanTermInDays": (loan.installments[-1].due_date - loan.disbursed_on).days,
        "totalPrincipalDisbursed": summed(loan.principal),
        "totalPrincipalExpected": summed(expected.principal),
        "totalPrincipalPaid": summed(paid.principal),
        "totalInterestCharged": summed(expected.interest),
        "totalFeeChargesCharged": nothing,
        "totalPenaltyChargesCharged": nothing,
        "totalWaived": nothing,
        "totalWrittenOff": nothing,
        "totalRepaymentExpected": summed(expected.total),
        "totalRepayment": summed(paid.total),
        "totalPaidInAdvance": figures.summed_minor(sum(i.paid_in_advance_minor for i in loan.installments)),
        "totalPaidLate": figures.summed_minor(sum(i.paid_late_minor for i in loan.installments)),
        "totalOutstanding": summed(found.to_pay.outstanding.total),
        "totalCredits": nothing,
        "periods": [_disbursement(loan, figures), *_periods(found, figures)],
    }


def _disbursement(loan: Loan, figures: Figures) -> Json:
    principal, zero, none = figures.kept(loan.principal), figures.zero, figures.none
    return {
        "dueDate": day(loan.disbursed_on),
        "principalDisbursed": principal,
        "principalLoanBalanceOutstanding": principal,
        "feeChargesDue": zero,
        "feeChargesPaid": zero,
        "totalOriginalDueForPeriod": zero,
        "totalDueForPeriod": zero,
        "totalPaidForPeriod": zero,
        "totalActualCostOfLoanForPeriod": zero,
        "totalCredits": none,
        "totalAccruedInterest": none,
        "downPaymentPeriod": False,
    }


def _periods(found: Picture, figures: Figures) -> Sequence[Json]:
    left_minor, periods = found.loan.principal.minor, []
    for installment in found.loan.installments:
        left_minor -= installment.due.principal
        periods.append(_period(installment, figures, left_minor, is_past=installment.due_date < found.on))
    return periods


def _period(installment: Installment, figures: Figures, left_minor: int, *, is_past: bool) -> Json:
    kept, none = figures.kept_minor, figures.none
    due, paid, left = installment.due, installment.paid, installment.outstanding
    return present(
        period=installment.number,
        fromDate=day(installment.from_date),
        dueDate=day(installment.due_date),
        obligationsMetOnDate=day(installment.met_on) if installment.met_on else None,
        complete=installment.is_met,
        daysInPeriod=(installment.due_date - installment.from_date).days,
        principalOriginalDue=kept(due.principal),
        principalDue=kept(due.principal),
        principalPaid=kept(paid.principal),
        principalWrittenOff=none,
        principalOutstanding=kept(left.principal),
        principalLoanBalanceOutstanding=kept(left_minor),
        interestOriginalDue=kept(due.interest),
        interestDue=kept(due.interest),
        interestPaid=kept(paid.interest),
        interestWaived=none,
        interestWrittenOff=none,
        interestOutstanding=kept(left.interest),
        **{
            f"{kind}Charges{name}": none
            for kind in ("fee", "penalty")
            for name in ("Due", "Paid", "Waived", "WrittenOff", "Outstanding")
        },
        totalOriginalDueForPeriod=kept(due.total),
        totalDueForPeriod=kept(due.total),
        totalPaidForPeriod=kept(paid.total),
        totalPaidInAdvanceForPeriod=kept(installment.paid_in_advance_minor),
        totalPaidLateForPeriod=kept(installment.paid_late_minor),
        totalWaivedForPeriod=none,
        totalWrittenOffForPeriod=none,
        totalOutstandingForPeriod=kept(left.total),
        totalOverdue=kept(left.total) if is_past else None,
        totalActualCostOfLoanForPeriod=kept(due.cost),
        totalInstallmentAmountForPeriod=figures.summed_minor(due.total),
        totalCredits=none,
        totalAccruedInterest=none,
        downPaymentPeriod=False,
    )


@dataclass(frozen=True, slots=True)
class Labels:
    """What a server puts on a loan's transaction besides the money: its id, and where it has them the others."""

    id: int
    transfer: Json | None = None
    payment: Json | None = None
    external_id: str | None = None


def transaction(paid: LoanTransaction, labels: Labels, found: Picture, figures: Figures) -> Json:
    is_repayment = paid.kind == "repayment"
    none = figures.none
    return present(
        id=labels.id,
        loanId=found.loan.id,
        officeId=found.borrower.office,
        officeName=found.borrower.office_name,
        type=enums.LOAN_TRANSACTION_TYPES[paid.kind],
        date=day(paid.business_date),
        currency=figures.currency,
        paymentDetailData=labels.payment,
        amount=figures.kept(paid.amount),
        netDisbursalAmount=figures.kept(found.loan.principal),
        principalPortion=figures.kept(paid.principal) if is_repayment else none,
        interestPortion=figures.kept(paid.interest) if is_repayment else none,
        feeChargesPortion=none,
        penaltyChargesPortion=none,
        overpaymentPortion=none,
        unrecognizedIncomePortion=none,
        transfer=labels.transfer,
        externalId=labels.external_id,
        outstandingLoanBalance=figures.kept(paid.outstanding_principal),
        submittedOnDate=day(paid.business_date),
        manuallyReversed=False,
        loanChargePaidByList=[],
        numberOfRepayments=0,
        transactionRelations=[],
    )
