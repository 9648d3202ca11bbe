"""What is read of the institution itself: offices, products, code values, settings, its day, how it fares."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dirisha.core.native.branch import BRANCH
from dirisha.kit.money import Money
from dirisha.simulators.fineract.calls import Answer, Call
from dirisha.simulators.fineract.desk import Desk
from dirisha.simulators.fineract.errors import Item, missing, no_such
from dirisha.wire import enumerations as enums
from dirisha.wire.written import Json, day, short_name

OPENED = date(2009, 1, 1)
HEAD_OFFICE = 1
ACTUATOR_JSON = "application/vnd.spring-boot.actuator.v3+json"
COMMIT = "4198b0bcf9a94e1c7aa0f386317ba71f40ceb1d9"  # of the Fineract that was recorded
BUILT = "2024-10-24T13:51+0000"
BUSINESS_DATE, COB_DATE = "BUSINESS_DATE", "COB_DATE"
DESCRIPTIONS = {BUSINESS_DATE: "Business Date", COB_DATE: "Close of Business Date"}
VARIATIONS = ("principalVariations", "interestRateVariations", "numberOfRepaymentVariations")
OVERRIDDEN = (
    "amortizationType", "interestType", "transactionProcessingStrategyCode", "interestCalculationPeriodType",
    "inArrearsTolerance", "repaymentEvery", "graceOnPrincipalAndInterestPayment", "graceOnArrearsAgeing", "isNew",
)  # fmt: skip


def offices(desk: Desk, call: Call) -> Answer:
    """The first one is the head office, which the others belong to."""
    with desk.reading(call.at) as reading:
        found = reading.reader().offices()
    return Answer.of([_office(office.id, office.name, found[0].id, found[0].name) for office in found])


def office(desk: Desk, call: Call, office_id: int) -> Answer:
    with desk.reading(call.at) as reading:
        found = reading.reader().offices()
    one = next((each for each in found if each.id == office_id), None)
    if one is None:
        raise no_such("Office", office_id, "error.msg.office.id.invalid")
    return Answer.of(_office(one.id, one.name, found[0].id, found[0].name))


def _office(office_id: int, name: str, head: int, head_name: str) -> Json:
    is_head = office_id == head
    body: Json = {
        "id": office_id,
        "name": name,
        "nameDecorated": name if is_head else f"....{name}",
        "openingDate": day(OPENED),
        "hierarchy": "." if is_head else f".{office_id}.",
    }
    return body if is_head else body | {"parentId": head, "parentName": head_name}


# --- products ---------------------------------------------------------------------------------------------------------


def loan_products(desk: Desk, call: Call) -> Answer:
    return Answer.of([_loan_product(desk, row) for row in _rows(desk, call, "loan_products", None)])


def loan_product(desk: Desk, call: Call, product_id: int) -> Answer:
    rows = _rows(desk, call, "loan_products", product_id)
    if not rows:
        raise no_such("Loan product", product_id, "error.msg.loanproduct.id.invalid")
    return Answer.of(_loan_product(desk, rows[0]))


def savings_products(desk: Desk, call: Call) -> Answer:
    return Answer.of([_savings_product(desk, row) for row in _rows(desk, call, "savings_products", None)])


def savings_product(desk: Desk, call: Call, product_id: int) -> Answer:
    rows = _rows(desk, call, "savings_products", product_id)
    if not rows:
        raise no_such("Savings product", product_id, "error.msg.savingsproduct.id.invalid")
    return Answer.of(_savings_product(desk, rows[0]) | {"charges": [], "isDormancyTrackingActive": False})


def _rows(desk: Desk, call: Call, statement: str, product_id: int | None) -> list[Any]:
    with desk.reading(call.at) as reading:
        return reading.tx.run(BRANCH[statement], {"id": product_id}).all()


def _loan_product(desk: Desk, row: Any) -> Json:
    figures, currency = desk.figures, desk.institution.currency
    rate = figures.rate(row.rate_percent)
    return {
        "id": row.id,
        "name": row.name,
        "shortName": short_name(row.name),
        "includeInBorrowerCycle": False,
        "useBorrowerCycle": False,
        "status": "loanProduct.active",
        "currency": figures.currency,
        "principal": figures.kept(Money(row.smallest_minor, currency)),
        "minPrincipal": figures.kept(Money(row.smallest_minor, currency)),
        "maxPrincipal": figures.kept(Money(row.largest_minor, currency)),
        "numberOfRepayments": row.fewest_installments,
        "minNumberOfRepayments": row.fewest_installments,
        "maxNumberOfRepayments": row.most_installments,
        "repaymentEvery": 1,
        "repaymentFrequencyType": enums.REPAID_MONTHLY,
        "interestRatePerPeriod": rate,
        "minInterestRatePerPeriod": rate,
        "maxInterestRatePerPeriod": rate,
        "interestRateFrequencyType": enums.RATE_PER_YEAR,
        "annualInterestRate": rate,
        "isLinkedToFloatingInterestRates": False,
        "isFloatingInterestRateCalculationAllowed": False,
        "allowVariableInstallments": False,
        "minimumGap": 0,
        "maximumGap": 0,
        "amortizationType": enums.EQUAL_INSTALLMENTS,
        "interestType": enums.DECLINING_BALANCE,
        "interestCalculationPeriodType": enums.SAME_AS_REPAYMENT_PERIOD,
        "allowPartialPeriodInterestCalculation": False,
        "transactionProcessingStrategyCode": enums.STRATEGY_CODE,
        "transactionProcessingStrategyName": enums.STRATEGY_NAME,
        "paymentAllocation": [],
        "creditAllocation": [],
        "daysInMonthType": enums.ACTUAL_MONTH,
        "daysInYearType": enums.ACTUAL_YEAR,
        "isInterestRecalculationEnabled": False,
        "canDefineInstallmentAmount": False,
        "repaymentStartDateType": enums.FROM_DISBURSEMENT,
        "supportedInterestRefundTypes": [],
        "charges": [],
        **{f"{what}ForBorrowerCycle": [] for what in VARIATIONS},
        "accountingRule": enums.NO_ACCOUNTING,
        "canUseForTopup": False,
        "enableAccrualActivityPosting": False,
        "isRatesEnabled": False,
        "rates": [],
        "multiDisburseLoan": False,
        "maxTrancheCount": 0,
        "disallowExpectedDisbursements": False,
        "allowApprovedDisbursedAmountsOverApplied": False,
        "overAppliedNumber": 0,
        "principalThresholdForLastInstallment": figures.summed_minor(0),
        "holdGuaranteeFunds": False,
        "accountMovesOutOfNPAOnlyOnArrearsCompletion": False,
        "allowAttributeOverrides": dict.fromkeys(OVERRIDDEN, True),
        "syncExpectedWithDisbursementDate": False,
        "isEqualAmortization": False,
        "delinquencyBucketOptions": [],
        "delinquencyBucket": {"ranges": []},
        "enableDownPayment": False,
        "enableAutoRepaymentForDownPayment": False,
        "enableInstallmentLevelDelinquency": False,
        "loanScheduleType": enums.CUMULATIVE,
        "loanScheduleProcessingType": enums.HORIZONTAL,
    }


def _savings_product(desk: Desk, row: Any) -> Json:
    figures = desk.figures
    return {
        "id": row.id,
        "name": row.name,
        "shortName": short_name(row.name),
        "currency": figures.currency,
        "nominalAnnualInterestRate": figures.zero,
        "interestCompoundingPeriodType": enums.COMPOUNDED_DAILY,
        "interestPostingPeriodType": enums.POSTED_MONTHLY,
        "interestCalculationType": enums.DAILY_BALANCE,
        "interestCalculationDaysInYearType": enums.YEAR_OF_365_DAYS,
        "withdrawalFeeForTransfers": desk.transfer_fee().is_positive,
        "allowOverdraft": False,
        "overdraftLimit": figures.zero,
        "minRequiredBalance": figures.zero,
        "enforceMinRequiredBalance": False,
        "maxAllowedLienLimit": figures.zero,
        "lienAllowed": False,
        "nominalAnnualInterestRateOverdraft": figures.zero,
        "minOverdraftForInterestCalculation": figures.zero,
        "withHoldTax": False,
        "accountingRule": enums.NO_ACCOUNTING,
    }


# --- settings and days ------------------------------------------------------------------------------------------------


def code_values(desk: Desk, call: Call, code_id: int) -> Answer:
    """No list of choices is used here."""
    return Answer.of([])


def business_dates(desk: Desk, call: Call) -> Answer:
    return Answer.of([_date(desk, call, which) for which in (BUSINESS_DATE, COB_DATE)])


def business_date(desk: Desk, call: Call, which: str) -> Answer:
    if which not in DESCRIPTIONS:
        message = f"Business date with type `{which}` does not exist."
        raise missing(Item("error.msg.business.date.not.found", message, args=(which,)))
    return Answer.of(_date(desk, call, which))


def _date(desk: Desk, call: Call, which: str) -> Json:
    on = desk.business_date(call.at)
    shown = on if which == BUSINESS_DATE else on - timedelta(days=1)
    return {"description": DESCRIPTIONS[which], "type": which, "date": day(shown)}


def configuration(desk: Desk, call: Call, name: str) -> Answer:
    if name == "maker-checker":
        return Answer.of({"name": name, "enabled": bool(desk.branch.checked), "value": 0, "id": 1, "trapDoor": False})
    if name != "enable-business-date":
        message = f"Configuration with name {name} does not exist"
        raise missing(Item("error.msg.configuration.name.invalid", message, args=(name,)))
    return Answer.of(
        {
            "name": name,
            "enabled": True,
            "value": 0,
            "id": 44,
            "description": "Whether the logical business date functionality is enabled in the system",
            "trapDoor": False,
        }
    )


# --- how it fares -----------------------------------------------------------------------------------------------------


def health(desk: Desk, call: Call) -> Answer:
    body = Answer.of({"status": "UP", "groups": ["liveness", "readiness"]}).body
    return Answer(200, body, content_type=ACTUATOR_JSON)


def info(desk: Desk, call: Call) -> Answer:
    """Of which Fineract this is a stand-in."""
    nobody = {"email": "", "name": ""}
    commit = {"time": BUILT, "message": {"full": "", "short": ""}, "user": nobody}
    git = {
        "branch": "develop",
        "build": {"time": BUILT, "version": "1.11.0-SNAPSHOT", "user": nobody, "host": "localhost"},
        "commit": commit | {"id": {"abbrev": COMMIT[:7], "full": COMMIT}},
        "dirty": "false",
        "tags": "",
        "total": {"commit": {"count": ""}},
        "closest": {"tag": {"commit": {"count": ""}, "name": ""}},
        "remote": {"origin": {"url": ""}},
    }
    return Answer(200, Answer.of({"git": git}).body, content_type=ACTUATOR_JSON)
