"""A loan with its schedule and its transactions, as the apps read it."""

from __future__ import annotations

from collections.abc import Sequence

from dirisha.channels.mifos import enumerations as enums
from dirisha.channels.mifos.clients import loan_timeline
from dirisha.channels.mifos.errors import missing
from dirisha.channels.mifos.savings import associations
from dirisha.channels.mifos.visit import Answer, Visit
from dirisha.channels.mifos.written import Json, currency_of, day, minor, number, present, rate
from dirisha.core.installments import Installment
from dirisha.core.port import Client, Loan, LoanTransaction
from dirisha.kit.ids import LoanId
from dirisha.kit.money import Money
from dirisha.kit.refusal import NotFound
from dirisha.queries import loans as loan_questions
from dirisha.queries.ask import ask
from dirisha.queries.loans import LoanFile

ASSOCIATIONS = (
    "repaymentSchedule", "futureSchedule", "originalSchedule", "transactions", "charges", "guarantors", "collateral",
    "linkedAccount", "multiDisburseDetails",
)  # fmt: skip
OPTIONAL = (*ASSOCIATIONS, "externalId", "group", "fundId", "loanPurposeId", "loanPurposeName", "loanOfficerId",
            "loanOfficerName", "disbursementDetails", "emiAmountVariations", "totalOverpaid")  # fmt: skip


def one(visit: Visit, loan_id: str) -> Answer:
    visit.refuse("exclude", "template")
    wanted = associations(visit, ASSOCIATIONS)
    try:
        found = ask(loan_questions.file, visit.actor, at=visit.at, loan_id=LoanId(int(loan_id)))
    except NotFound:
        raise missing("loan", int(loan_id)) from None
    currency = currency_of(visit.institution)
    return Answer(visit.only(_loan(found, currency) | _associated(found, wanted, currency), optional=OPTIONAL))


def _associated(found: LoanFile, wanted: tuple[str, ...], currency: Json) -> Json:
    loan = found.detail.standing.loan
    parts: Json = {}
    if "repaymentSchedule" in wanted:
        parts["repaymentSchedule"] = _schedule(found, currency)
    if "transactions" in wanted:
        parts["transactions"] = [_transaction(t, loan, found.borrower, currency) for t in found.detail.transactions]
    # What a loan here never has comes as an empty list; the other associations add no member, as in the reference.
    parts |= {name: [] for name in ("charges", "guarantors") if name in wanted}
    if "repaymentSchedule" in wanted:
        parts["emiAmountVariations"] = []
    if "repaymentSchedule" in wanted or "multiDisburseDetails" in wanted:
        parts["disbursementDetails"] = []
    return parts


def _loan(found: LoanFile, currency: Json) -> Json:
    standing = found.detail.standing
    loan, borrower, months = standing.loan, found.borrower, len(standing.loan.installments)
    principal = number(loan.principal)
    paid_ahead = sum(_paid(i) for i in loan.installments if i.due_date > found.on) if loan.is_active else 0
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
        "currency": currency,
        "principal": principal,
        "approvedPrincipal": principal,
        "proposedPrincipal": principal,
        "netDisbursalAmount": principal,
        "termFrequency": months,
        "termPeriodFrequencyType": enums.TERM_IN_MONTHS,
        "numberOfRepayments": months,
        "repaymentEvery": 1,
        "repaymentFrequencyType": enums.REPAID_MONTHLY,
        "interestRatePerPeriod": rate(loan.rate_percent),
        "interestRateFrequencyType": enums.RATE_PER_YEAR,
        "annualInterestRate": rate(loan.rate_percent),
        "isFloatingInterestRate": False,
        "amortizationType": enums.EQUAL_INSTALLMENTS,
        "interestType": enums.DECLINING_BALANCE,
        "interestCalculationPeriodType": enums.SAME_AS_REPAYMENT_PERIOD,
        # Older apps read the name as it was once misspelt.
        "allowPartialPeriodInterestCalcualtion": False,
        "allowPartialPeriodInterestCalculation": False,
        "transactionProcessingStrategyId": enums.STRATEGY_ID,
        "transactionProcessingStrategyCode": enums.STRATEGY_CODE,
        "transactionProcessingStrategyName": enums.STRATEGY_NAME,
        "syncDisbursementWithMeeting": False,
        "disallowExpectedDisbursements": False,
        "timeline": loan_timeline(loan),
        "summary": _summary(found, currency),
        "collateral": [],
        "loanScheduleTypeOptions": enums.SCHEDULE_TYPES,
        "loanScheduleProcessingTypeOptions": enums.SCHEDULE_PROCESSING_TYPES,
        "feeChargesAtDisbursementCharged": _nothing(loan),
        "loanProductCounter": 1,
        "multiDisburseLoan": False,
        "canDefineInstallmentAmount": False,
        "canUseForTopup": False,
        "isTopup": False,
        "fraud": False,
        "closureLoanId": 0,
        "inArrears": standing.to_pay.late_since is not None,
        "isNPA": False,
        "overdueCharges": [],
        "daysInMonthType": enums.ACTUAL_MONTH,
        "daysInYearType": enums.ACTUAL_YEAR,
        "isInterestRecalculationEnabled": False,
        "createStandingInstructionAtDisbursement": False,
        "paidInAdvance": {"paidInAdvance": minor(paid_ahead, loan.currency)},
        "isVariableInstallmentsAllowed": False,
        "minimumGap": 0,
        "maximumGap": 0,
        "isEqualAmortization": False,
        "isRatesEnabled": False,
        "delinquent": _delinquent(found),
        "enableInstallmentLevelDelinquency": False,
        "chargedOff": False,
        "enableDownPayment": False,
        "enableAutoRepaymentForDownPayment": False,
        "loanScheduleType": enums.CUMULATIVE,
        "loanScheduleProcessingType": enums.HORIZONTAL,
    }


def _nothing(loan: Loan) -> object:
    return number(Money.zero(loan.currency))


def _paid(installment: Installment) -> int:
    return installment.principal_paid_minor + installment.interest_paid_minor


def _summary(found: LoanFile, currency: Json) -> Json:
    standing = found.detail.standing
    to_pay, progress, loan = standing.to_pay, standing.progress, standing.loan
    nothing = _nothing(loan)
    expected, paid, left, late = progress.expected, progress.paid, to_pay.outstanding, to_pay.overdue
    return present(
        currency=currency,
        principalDisbursed=number(loan.principal),
        principalAdjustments=nothing,
        principalPaid=number(paid.principal),
        principalWrittenOff=nothing,
        principalOutstanding=number(left.principal),
        principalOverdue=number(late.principal),
        interestCharged=number(expected.interest),
        interestPaid=number(paid.interest),
        interestWaived=nothing,
        interestWrittenOff=nothing,
        interestOutstanding=number(left.interest),
        interestOverdue=number(late.interest),
        **_no_charges("fee", nothing),
        feeChargesDueAtDisbursementCharged=nothing,
        **_no_charges("penalty", nothing),
        totalExpectedRepayment=number(expected.total),
        totalRepayment=number(paid.total),
        totalExpectedCostOfLoan=number(expected.interest),
        totalCostOfLoan=number(paid.interest),
        totalWaived=nothing,
        totalWrittenOff=nothing,
        totalOutstanding=number(left.total),
        totalOverdue=number(late.total),
        totalRecovered=nothing,
        overdueSinceDate=day(to_pay.late_since) if to_pay.late_since else None,
        **dict.fromkeys(_NEVER, nothing),
        totalRepaymentTransaction=number(paid.total),
        totalUnpaidPayableDueInterest=number(to_pay.due_now.interest),
        # Interest is income when it is paid: none accrues in the books between due dates.
        totalUnpaidPayableNotDueInterest=nothing,
    )


_NEVER = (
    "totalMerchantRefund", "totalMerchantRefundReversed", "totalPayoutRefund", "totalPayoutRefundReversed",
    "totalGoodwillCredit", "totalGoodwillCreditReversed", "totalChargeAdjustment", "totalChargeAdjustmentReversed",
    "totalChargeback", "totalCreditBalanceRefund", "totalCreditBalanceRefundReversed",
    "totalRepaymentTransactionReversed", "totalInterestPaymentWaiver", "totalInterestRefund",
)  # fmt: skip


def _no_charges(kind: str, nothing: object) -> Json:
    names = ("Charged", "Paid", "Waived", "WrittenOff", "Outstanding", "Overdue")
    return {f"{kind}Charges{name}": nothing for name in names} | {f"{kind}Adjustments": nothing}


def _delinquent(found: LoanFile) -> Json:
    standing = found.detail.standing
    loan, to_pay = standing.loan, standing.to_pay
    unmet = [i.due_date for i in loan.installments if not i.is_met]
    payments = [t for t in found.detail.transactions if t.kind == "repayment"]
    last = payments[-1] if payments else None
    return present(
        availableDisbursementAmount=_nothing(loan),
        pastDueDays=to_pay.days_late,
        nextPaymentDueDate=day(unmet[0]) if unmet else None,
        delinquentDays=to_pay.days_late,
        delinquentDate=day(to_pay.late_since) if to_pay.late_since else None,
        delinquentAmount=number(to_pay.overdue.total),
        lastPaymentDate=day(last.business_date) if last else None,
        lastPaymentAmount=number(last.amount) if last else None,
        lastRepaymentDate=day(last.business_date) if last else None,
        lastRepaymentAmount=number(last.amount) if last else None,
        delinquencyPausePeriods=[],
        delinquentPrincipal=number(to_pay.overdue.principal),
        delinquentInterest=number(to_pay.overdue.interest),
        delinquentFee=_nothing(loan),
        delinquentPenalty=_nothing(loan),
    )


# --- schedule ---------------------------------------------------------------------------------------------------------


def _schedule(found: LoanFile, currency: Json) -> Json:
    standing = found.detail.standing
    loan, expected, paid = standing.loan, standing.progress.expected, standing.progress.paid
    nothing = _nothing(loan)
    return {
        "currency": currency,
        "loanTermInDays": (loan.installments[-1].due_date - loan.disbursed_on).days,
        "totalPrincipalDisbursed": number(loan.principal),
        "totalPrincipalExpected": number(expected.principal),
        "totalPrincipalPaid": number(paid.principal),
        "totalInterestCharged": number(expected.interest),
        "totalFeeChargesCharged": nothing,
        "totalPenaltyChargesCharged": nothing,
        "totalWaived": nothing,
        "totalWrittenOff": nothing,
        "totalRepaymentExpected": number(expected.total),
        "totalRepayment": number(paid.total),
        "totalPaidInAdvance": minor(sum(i.paid_in_advance_minor for i in loan.installments), loan.currency),
        "totalPaidLate": minor(sum(i.paid_late_minor for i in loan.installments), loan.currency),
        "totalOutstanding": number(standing.to_pay.outstanding.total),
        "totalCredits": nothing,
        "periods": [_disbursement(loan), *_periods(found)],
    }


def _disbursement(loan: Loan) -> Json:
    nothing = _nothing(loan)
    return {
        "dueDate": day(loan.disbursed_on),
        "principalDisbursed": number(loan.principal),
        "principalLoanBalanceOutstanding": number(loan.principal),
        "feeChargesDue": nothing,
        "feeChargesPaid": nothing,
        "totalOriginalDueForPeriod": nothing,
        "totalDueForPeriod": nothing,
        "totalPaidForPeriod": nothing,
        "totalActualCostOfLoanForPeriod": nothing,
        "totalCredits": nothing,
        "totalAccruedInterest": nothing,
        "downPaymentPeriod": False,
    }


def _periods(found: LoanFile) -> Sequence[Json]:
    loan = found.detail.standing.loan
    left_minor, periods = loan.principal.minor, []
    for installment in loan.installments:
        left_minor -= installment.principal_minor
        periods.append(_period(installment, loan, left_minor, is_past=installment.due_date < found.on))
    return periods


def _period(installment: Installment, loan: Loan, left_minor: int, *, is_past: bool) -> Json:
    def money(amount_minor: int) -> object:
        return minor(amount_minor, loan.currency)

    nothing, due_minor = money(0), installment.principal_minor + installment.interest_minor
    return present(
        period=installment.number,
        fromDate=day(installment.from_date),
        dueDate=day(installment.due_date),
        obligationsMetOnDate=day(installment.met_on) if installment.met_on else None,
        complete=installment.is_met,
        daysInPeriod=(installment.due_date - installment.from_date).days,
        principalOriginalDue=money(installment.principal_minor),
        principalDue=money(installment.principal_minor),
        principalPaid=money(installment.principal_paid_minor),
        principalWrittenOff=nothing,
        principalOutstanding=money(installment.principal_outstanding_minor),
        principalLoanBalanceOutstanding=money(left_minor),
        interestOriginalDue=money(installment.interest_minor),
        interestDue=money(installment.interest_minor),
        interestPaid=money(installment.interest_paid_minor),
        interestWaived=nothing,
        interestWrittenOff=nothing,
        interestOutstanding=money(installment.interest_outstanding_minor),
        **{
            f"{kind}Charges{name}": nothing
            for kind in ("fee", "penalty")
            for name in ("Due", "Paid", "Waived", "WrittenOff", "Outstanding")
        },
        totalOriginalDueForPeriod=money(due_minor),
        totalDueForPeriod=money(due_minor),
        totalPaidForPeriod=money(_paid(installment)),
        totalPaidInAdvanceForPeriod=money(installment.paid_in_advance_minor),
        totalPaidLateForPeriod=money(installment.paid_late_minor),
        totalWaivedForPeriod=nothing,
        totalWrittenOffForPeriod=nothing,
        totalOutstandingForPeriod=money(installment.outstanding_minor),
        totalOverdue=money(installment.outstanding_minor) if is_past else None,
        totalActualCostOfLoanForPeriod=money(installment.interest_minor),
        totalInstallmentAmountForPeriod=money(due_minor),
        totalCredits=nothing,
        totalAccruedInterest=nothing,
        downPaymentPeriod=False,
    )


def _transaction(paid: LoanTransaction, loan: Loan, borrower: Client, currency: Json) -> Json:
    nothing = _nothing(loan)
    is_repayment = paid.kind == "repayment"
    return {
        "id": paid.number,
        "loanId": loan.id,
        "officeId": borrower.office,
        "officeName": borrower.office_name,
        "type": enums.LOAN_TRANSACTION_TYPES[paid.kind],
        "date": day(paid.business_date),
        "currency": currency,
        "amount": number(paid.amount),
        "netDisbursalAmount": number(loan.principal),
        "principalPortion": number(paid.principal) if is_repayment else nothing,
        "interestPortion": number(paid.interest) if is_repayment else nothing,
        "feeChargesPortion": nothing,
        "penaltyChargesPortion": nothing,
        "overpaymentPortion": nothing,
        "unrecognizedIncomePortion": nothing,
        "externalId": paid.reference,
        "outstandingLoanBalance": number(paid.outstanding_principal),
        "submittedOnDate": day(paid.business_date),
        "manuallyReversed": False,
        "loanChargePaidByList": [],
        "numberOfRepayments": 0,
        "transactionRelations": [],
    }
