"""The terms of a loan as a recording gives them: a product, an application, and definitions of charges."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.charges import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.loans.terms import (
    Amortization,
    DaysInMonth,
    DaysInYear,
    DownPayment,
    DueDateRule,
    Grace,
    InterestMethod,
    InterestPeriod,
    LoanTerms,
    NthWeekday,
    PeriodUnit,
    RatePer,
    ScheduleType,
    Tranche,
)
from dirisha.kit.money import Currency, Money
from tests.contracts.goldens.reading import Recording, day

FROM_SUBMISSION = 2

# Members of an application that say nothing about dates and amounts, or are read from the product as well.
WITHOUT_EFFECT = {
    "clientId", "productId", "loanType", "locale", "dateFormat", "inArrearsTolerance", "graceOnArrearsAgeing",
    "transactionProcessingStrategyCode", "loanTermFrequency", "loanTermFrequencyType",
    "isTopup", "loanIdToClose", "linkAccountId", "isEqualAmortization", "createStandingInstructionAtDisbursement",
    "externalId", "loanPurposeId", "loanOfficerId", "fundId", "calendarId", "syncDisbursementWithMeeting",
}  # fmt: skip
# What an application may choose where the product's `allowAttributeOverrides` does not forbid it.
TO_CHOOSE = {
    "amortizationType": ("amortizationType",),
    "interestType": ("interestType",),
    "interestCalculationPeriodType": ("interestCalculationPeriodType",),
    "repaymentEvery": ("repaymentEvery",),
    "graceOnPrincipalAndInterestPayment": ("graceOnPrincipalPayment", "graceOnInterestPayment"),
}
ALWAYS_TO_CHOOSE = ("allowPartialPeriodInterestCalcualtion", "interestRateFrequencyType", "daysInYearType")
DOWN_PAYMENT = ("enableDownPayment", "disbursedAmountPercentageForDownPayment", "enableAutoRepaymentForDownPayment")
READ = {
    *DOWN_PAYMENT,
    *ALWAYS_TO_CHOOSE,
    "principal", "numberOfRepayments", "repaymentEvery", "repaymentFrequencyType", "interestRatePerPeriod",
    "amortizationType", "interestType", "interestCalculationPeriodType",
    "submittedOnDate", "expectedDisbursementDate", "repaymentsStartingFromDate", "graceOnPrincipalPayment",
    "graceOnInterestPayment", "graceOnInterestCharged", "interestChargedFromDate", "repaymentFrequencyNthDayType",
    "repaymentFrequencyDayOfWeekType", "fixedEmiAmount", "fixedPrincipalPercentagePerInstallment", "disbursementData",
    "charges", "recurringMoratoriumOnPrincipalPeriods", "fixedLength", "maxOutstandingLoanBalance",
}  # fmt: skip


class Unknown(ValueError):
    """The recording has terms that are not read here."""


def disbursed_on(application: Recording) -> date:
    return day(application["expectedDisbursementDate"])


def currency_of(product: Recording) -> Currency:
    return Currency(product["currencyCode"], product["digitsAfterDecimal"])


def loan_terms(product: Recording, application: Recording, charges: list[Recording]) -> LoanTerms:
    """Raises `Unknown`; `TermsRefused` as the terms themselves do.

    A member that the application leaves out is the product's. What was applied for is rounded to the currency and its
    multiple, as the reference core rounds it before it works anything out.
    """
    if unknown := sorted(application.keys() - WITHOUT_EFFECT - READ):
        raise Unknown(f"application: {unknown[0]}")
    currency, multiple = currency_of(product), product.get("inMultiplesOf") or None
    chosen = _chosen(product, application)
    return LoanTerms(
        principal=_rounded(application["principal"], currency, multiple),
        number_of_repayments=application["numberOfRepayments"],
        interest_rate=Decimal(application["interestRatePerPeriod"]),
        rate_per=RatePer(chosen["interestRateFrequencyType"]),
        repayment_every=chosen["repaymentEvery"],
        repayment_unit=PeriodUnit(application["repaymentFrequencyType"]),
        interest_method=InterestMethod(chosen["interestType"]),
        amortization=Amortization(chosen["amortizationType"]),
        interest_period=InterestPeriod(chosen["interestCalculationPeriodType"]),
        partial_periods=bool(chosen.get("allowPartialPeriodInterestCalcualtion")),
        days_in_year=DaysInYear(chosen["daysInYearType"]),
        days_in_month=DaysInMonth(product["daysInMonthType"]),
        schedule_type=ScheduleType[product.get("loanScheduleType", "CUMULATIVE")],
        dates=_dates(product, application),
        interest_from=_day(application.get("interestChargedFromDate")),
        grace=_grace(chosen, application),
        installment_multiple=product.get("installmentAmountInMultiplesOf") or None,
        currency_multiple=multiple,
        fixed_installment=_fixed_installment(application, currency),
        fixed_principal_percentage=_decimal(application.get("fixedPrincipalPercentagePerInstallment")),
        last_installment_threshold=_decimal(product.get("principalThresholdForLastInstallment")),
        equal_amortization=bool(application.get("isEqualAmortization")),
        tranches=_tranches(application, currency, multiple),
        most_outstanding=_most_outstanding(application, currency),
        down_payment=_down_payment(product, application),
        charges=_charges(application, charges, currency),
    )


def _chosen(product: Recording, application: Recording) -> Recording:
    """What an application may choose, it chooses (leaving it out as well); the rest is the product's.

    Of the members that no product can forbid to choose, those that an application leaves out are the product's too.
    """
    chosen = product | {member: application[member] for member in ALWAYS_TO_CHOOSE if member in application}
    allowed = product.get("allowAttributeOverrides") or {}
    for attribute, members in TO_CHOOSE.items():
        if allowed.get(attribute, True):
            chosen |= {member: application.get(member) for member in members}
    return chosen


def _rounded(amount: Decimal | int, currency: Currency, multiple: int | None) -> Money:
    any_terms = LoanTerms(
        principal=Money(multiple or 1, currency),
        number_of_repayments=1,
        interest_rate=Decimal(0),
        currency_multiple=multiple,
    )
    return Money(Amounts(any_terms).from_major(Decimal(amount)), currency)


def _dates(product: Recording, application: Recording) -> DueDateRule:
    nth, weekday = application.get("repaymentFrequencyNthDayType"), application.get("repaymentFrequencyDayOfWeekType")
    return DueDateRule(
        counted_from=day(application["submittedOnDate"])
        if product.get("repaymentStartDateType") == FROM_SUBMISSION
        else None,
        first_repayment_on=_day(application.get("repaymentsStartingFromDate")),
        days_to_first_repayment=product.get("minimumDaysBetweenDisbursalAndFirstRepayment") or 0,
        nth_weekday=NthWeekday(nth, weekday) if nth else None,
        fixed_length=application.get("fixedLength") or product.get("fixedLength"),
    )


def _grace(chosen: Recording, application: Recording) -> Grace:
    return Grace(
        on_principal=chosen.get("graceOnPrincipalPayment") or 0,
        between_principal=application.get("recurringMoratoriumOnPrincipalPeriods") or 0,
        on_interest_payment=chosen.get("graceOnInterestPayment") or 0,
        interest_free=application.get("graceOnInterestCharged") or 0,
    )


def _fixed_installment(application: Recording, currency: Currency) -> Money | None:
    fixed = application.get("fixedEmiAmount")
    return None if fixed is None else Money.of(Decimal(fixed), currency)


def _tranches(application: Recording, currency: Currency, multiple: int | None) -> tuple[Tranche, ...]:
    return tuple(
        Tranche(day(tranche["expectedDisbursementDate"]), _rounded(tranche["principal"], currency, multiple))
        for tranche in application.get("disbursementData") or []
    )


def _most_outstanding(application: Recording, currency: Currency) -> Money | None:
    most = application.get("maxOutstandingLoanBalance")
    return None if most is None else Money.of(Decimal(most), currency)


def _down_payment(product: Recording, application: Recording) -> DownPayment | None:
    chosen = product | {member: application[member] for member in DOWN_PAYMENT if member in application}
    if not chosen.get("enableDownPayment"):
        return None
    return DownPayment(
        percentage=Decimal(chosen["disbursedAmountPercentageForDownPayment"]),
        automatic=bool(chosen.get("enableAutoRepaymentForDownPayment")),
    )


def _charges(application: Recording, definitions: list[Recording], currency: Currency) -> tuple[ChargeTerms, ...]:
    by_id = {definition["id"]: definition for definition in definitions}
    return tuple(_charge(asked, by_id[asked["chargeId"]], currency) for asked in application.get("charges") or [])


def _charge(asked: Recording, definition: Recording, currency: Currency) -> ChargeTerms:
    return ChargeTerms(
        time=ChargeTime(definition["chargeTimeType"]),
        calculation=ChargeCalculation(definition["chargeCalculationType"]),
        amount=Decimal(asked["amount"] if "amount" in asked else definition["amount"]),
        is_penalty=bool(definition.get("penalty")),
        due_on=_day(asked.get("dueDate")),
        least=_cap(definition.get("minCap"), currency),
        most=_cap(definition.get("maxCap"), currency),
    )


def _cap(amount: Decimal | int | None, currency: Currency) -> Money | None:
    return None if amount is None else Money.of(Decimal(amount), currency)


def _day(written: Any) -> date | None:
    return day(written) if written else None


def _decimal(figure: Decimal | int | None) -> Decimal | None:
    return None if figure is None else Decimal(figure)
