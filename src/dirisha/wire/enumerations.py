"""Fineract's enumerations, as far as they are shown: `{id, code, value}`, some with a flag for each case."""

from __future__ import annotations

from dirisha.core.port import AccountKind, AccountStatus
from dirisha.wire.written import Json, flags


def _enum(number: int, code: str, value: str) -> Json:
    return {"id": number, "code": code, "value": value}


UNSET = {"active": False, "mandatory": False}  # a code value that nobody chose

CLIENT_ACTIVE = _enum(300, "clientStatusType.active", "Active")
CLIENT_CLOSED = _enum(600, "clientStatusType.closed", "Closed")
PERSON = _enum(1, "legalFormType.person", "Person")
INDIVIDUAL = _enum(1, "accountType.individual", "Individual")

ACCOUNT_TYPES = {
    AccountKind.LOAN: _enum(1, "accountType.loan", "Loan Account"),
    AccountKind.SAVINGS: _enum(2, "accountType.savings", "Savings Account"),
}

_LOAN_FLAGS = (
    "pendingApproval", "waitingForDisbursal", "active", "closedObligationsMet", "closedWrittenOff", "closedRescheduled",
    "closed", "overpaid",
)  # fmt: skip
LOAN_STATUS = {
    AccountStatus.ACTIVE: _enum(300, "loanStatusType.active", "Active") | flags(_LOAN_FLAGS, "active"),
    AccountStatus.CLOSED: _enum(600, "loanStatusType.closed.obligations.met", "Closed (obligations met)")
    | flags(_LOAN_FLAGS, "closedObligationsMet")
    | {"closed": True},
    AccountStatus.BLOCKED: _enum(303, "loanStatusType.transfer.in.progress", "Transfer in progress")
    | flags(_LOAN_FLAGS, ""),
}

_SAVINGS_FLAGS = (
    "submittedAndPendingApproval", "approved", "rejected", "withdrawnByApplicant", "active", "closed",
    "prematureClosed", "transferInProgress", "transferOnHold", "matured",
)  # fmt: skip
SAVINGS_STATUS = {
    AccountStatus.ACTIVE: _enum(300, "savingsAccountStatusType.active", "Active") | flags(_SAVINGS_FLAGS, "active"),
    AccountStatus.CLOSED: _enum(600, "savingsAccountStatusType.closed", "Closed") | flags(_SAVINGS_FLAGS, "closed"),
    AccountStatus.BLOCKED: _enum(300, "savingsAccountStatusType.active", "Active") | flags(_SAVINGS_FLAGS, "active"),
}
_SAVINGS_SUB_STATUS_FLAGS = ("none", "inactive", "dormant", "escheat", "block", "blockCredit", "blockDebit")
SAVINGS_SUB_STATUS = {
    name: _enum(number, f"SavingsAccountSubStatusEnum.{name}", value) | flags(_SAVINGS_SUB_STATUS_FLAGS, name)
    for number, name, value in (
        (0, "none", "None"),
        (400, "block", "Block"),
        (500, "blockCredit", "BlockCredit"),
        (600, "blockDebit", "BlockDebit"),
    )
}
SUB_STATUS_OF_SAVINGS = {
    status: SAVINGS_SUB_STATUS["block" if status is AccountStatus.BLOCKED else "none"] for status in AccountStatus
}
SAVINGS_DEPOSIT = _enum(100, "depositAccountType.savingsDeposit", "Savings")

COMPOUNDED_DAILY = _enum(1, "savings.interest.period.savingsCompoundingInterestPeriodType.daily", "Daily")
POSTED_MONTHLY = _enum(4, "savings.interest.posting.period.savingsPostingInterestPeriodType.monthly", "Monthly")
DAILY_BALANCE = _enum(1, "savingsInterestCalculationType.dailybalance", "Daily Balance")
YEAR_OF_365_DAYS = _enum(365, "savingsInterestCalculationDaysInYearType.days365", "365 Days")

_SAVINGS_TRANSACTION_FLAGS = (
    "deposit", "dividendPayout", "withdrawal", "interestPosting", "feeDeduction", "initiateTransfer", "approveTransfer",
    "withdrawTransfer", "rejectTransfer", "overdraftInterest", "writtenoff", "overdraftFee", "withholdTax", "escheat",
    "amountHold", "amountRelease", "accrual",
)  # fmt: skip
DEPOSIT = _enum(1, "savingsAccountTransactionType.deposit", "Deposit") | flags(_SAVINGS_TRANSACTION_FLAGS, "deposit")
WITHDRAWAL = _enum(2, "savingsAccountTransactionType.withdrawal", "Withdrawal") | flags(
    _SAVINGS_TRANSACTION_FLAGS, "withdrawal"
)
WITHDRAWAL_FEE = _enum(4, "savingsAccountTransactionType.withdrawalFee", "Withdrawal fee") | flags(
    _SAVINGS_TRANSACTION_FLAGS, "feeDeduction"
)

CHARGED_AT_WITHDRAWAL = _enum(5, "chargeTimeType.withdrawalFee", "Withdrawal Fee")
FLAT = _enum(1, "chargeCalculationType.flat", "Flat")

_LOAN_TRANSACTION_FLAGS = (
    "disbursement", "repaymentAtDisbursement", "repayment", "merchantIssuedRefund", "payoutRefund", "goodwillCredit",
    "interestPaymentWaiver", "chargeRefund", "contra", "waiveInterest", "waiveCharges", "accrual", "writeOff",
    "recoveryRepayment", "initiateTransfer", "approveTransfer", "withdrawTransfer", "rejectTransfer", "chargePayment",
    "refund", "refundForActiveLoans", "creditBalanceRefund", "chargeAdjustment", "chargeback", "chargeoff",
    "downPayment", "reAge", "reAmortize", "accrualActivity", "interestRefund",
)  # fmt: skip
LOAN_TRANSACTION_TYPES = {
    "disbursement": _enum(1, "loanTransactionType.disbursement", "Disbursement")
    | flags(_LOAN_TRANSACTION_FLAGS, "disbursement"),
    "repayment": _enum(2, "loanTransactionType.repayment", "Repayment") | flags(_LOAN_TRANSACTION_FLAGS, "repayment"),
}

TERM_IN_MONTHS = _enum(2, "termFrequency.periodFrequencyType.months", "Months")
REPAID_MONTHLY = _enum(2, "repaymentFrequency.periodFrequencyType.months", "Months")
RATE_PER_YEAR = _enum(3, "interestRateFrequency.periodFrequencyType.years", "Per year")
EQUAL_INSTALLMENTS = _enum(1, "amortizationType.equal.installments", "Equal installments")
DECLINING_BALANCE = _enum(0, "interestType.declining.balance", "Declining Balance")
SAME_AS_REPAYMENT_PERIOD = _enum(
    1, "interestCalculationPeriodType.same.as.repayment.period", "Same as repayment period"
)
ACTUAL_MONTH = _enum(1, "DaysInMonthType.actual", "Actual")
ACTUAL_YEAR = _enum(1, "DaysInYearType.actual", "Actual")
NO_ACCOUNTING = _enum(1, "accountingRuleType.none", "NONE")
FROM_DISBURSEMENT = _enum(1, "repaymentStartDateType.disbursementDate", "Disbursement Date")
CUMULATIVE = _enum(0, "CUMULATIVE", "Cumulative")
HORIZONTAL = _enum(0, "HORIZONTAL", "Horizontal")
SCHEDULE_TYPES = [_enum(1, "CUMULATIVE", "Cumulative"), _enum(2, "PROGRESSIVE", "Progressive")]
SCHEDULE_PROCESSING_TYPES = [_enum(1, "HORIZONTAL", "Horizontal"), _enum(2, "VERTICAL", "Vertical")]
# The order in which a repayment pays: interest, then principal of the oldest installment (`core.allocation`). The old
# number is what the published apps read and send; newer servers know the code alone.
STRATEGY_ID, STRATEGY_CODE = 1, "mifos-standard-strategy"
STRATEGY_NAME = "Penalties, Fees, Interest, Principal order"
