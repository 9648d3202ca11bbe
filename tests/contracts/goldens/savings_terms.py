"""Terms of savings accounts and deposits as a recording tells them: by its product and its first picture."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from dirisha.core.native.savings.charge_terms import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.savings.charts import Chart, Slab
from dirisha.core.native.savings.deposit_terms import (
    AtMaturity,
    DepositTerms,
    PenaltyBasis,
    PrematurePenalty,
    Recurring,
)
from dirisha.core.native.savings.interest_terms import BalanceMethod, DaysInYear, Every, InterestTerms
from dirisha.core.native.savings.span import Span, Unit
from dirisha.core.native.savings.terms import Dormancy, SavingsTerms
from dirisha.kit.money import Currency
from tests.contracts.goldens.reading import Recording, day, minor

Picture = dict[str, Any]

# Settings of the server and the rate of a tax group stand in no picture: a recording says them in words.
_FINANCIAL_YEAR = re.compile(r"financial-year-beginning-month=(\d+)")
_PERIOD_END = re.compile(r"posting-current-period-end on")
_TAX = re.compile(r"tax of ([\d.]+(?: and [\d.]+)*) %")


# Members of a product that are read here, stand in the account's picture, or change no figure; another one may.
_KNOWN_MEMBERS = frozenset({
    "accountingRule", "adjustAdvanceTowardsFuturePayments", "allowOverdraft", "allowWithdrawal", "charts",
    "currencyCode", "daysToDormancy", "daysToEscheat", "daysToInactive", "depositAmount", "description",
    "digitsAfterDecimal", "enforceMinRequiredBalance", "incomeFromInterestId", "inMultiplesOf",
    "interestCalculationDaysInYearType", "interestCalculationType", "interestCompoundingPeriodType",
    "interestPostingPeriodType", "isDormancyTrackingActive", "isMandatoryDeposit", "lienAllowed", "locale",
    "lockinPeriodFrequency", "lockinPeriodFrequencyType", "maxAllowedLienLimit", "maxDepositAmount", "maxDepositTerm",
    "maxDepositTermTypeId", "minBalanceForInterestCalculation", "minDepositAmount", "minDepositTerm",
    "minDepositTermTypeId", "minOverdraftForInterestCalculation", "minRequiredBalance", "minRequiredOpeningBalance",
    "name", "nominalAnnualInterestRate", "nominalAnnualInterestRateOverdraft", "overdraftLimit",
    "overdraftPortfolioControlId", "preClosurePenalApplicable", "preClosurePenalInterest",
    "preClosurePenalInterestOnTypeId", "recurringFrequency", "recurringFrequencyType", "shortName", "taxGroupId",
    "withHoldTax", "withdrawalFeeForTransfers", "charges", "minDepositTermType", "maxDepositTermType", "externalId",
})  # fmt: skip


def _check_members(product: dict[str, Any]) -> None:
    for member, value in product.items():
        if value and member not in _KNOWN_MEMBERS and not member.endswith("AccountId"):
            raise NotTold(f"a product with {member}, whose effect is not known here")


class NotTold(Exception):
    """What the arithmetic does not have, or a recording does not say."""


def currency_of(picture: Picture) -> Currency:
    if picture["currency"].get("inMultiplesOf"):
        raise NotTold("a currency in multiples")
    return Currency(picture["currency"]["code"], picture["currency"]["decimalPlaces"])


def terms_of(recording: Recording, picture: Picture, body: dict[str, Any]) -> SavingsTerms:
    """`picture` of the application, complete; `body` what was applied for."""
    product = recording["product"]["request"]
    _check_members(product)
    currency = currency_of(picture)
    return SavingsTerms(
        currency=currency,
        interest=_interest(recording, picture, currency),
        overdraft_limit_minor=minor(picture.get("overdraftLimit"), currency) if picture.get("allowOverdraft") else None,
        minimum_balance_minor=(
            minor(picture.get("minRequiredBalance"), currency) if picture.get("enforceMinRequiredBalance") else 0
        ),
        opening_minor=minor(picture.get("minRequiredOpeningBalance"), currency),
        lock_in=_span(picture, "lockinPeriodFrequency", "lockinPeriodFrequencyType"),
        lien_limit_minor=minor(picture.get("maxAllowedLienLimit"), currency) if picture.get("lienAllowed") else None,
        dormancy=_dormancy(product),
        tax_percentages=_tax(recording) if picture.get("withHoldTax") else (),
        charges=tuple(charge_of(charge, currency) for charge in picture.get("charges") or ()),
        withdrawal_fee_for_transfers=bool(picture.get("withdrawalFeeForTransfers")),
        deposit=_deposit(picture, body, currency) if "depositPeriod" in picture else None,
    )


def _interest(recording: Recording, picture: Picture, currency: Currency) -> InterestTerms:
    product = recording["product"]["request"]
    financial_year = _FINANCIAL_YEAR.search(recording["what"])
    least = picture.get("minBalanceForInterestCalculation", product.get("minBalanceForInterestCalculation"))
    return InterestTerms(
        annual_rate=Decimal(picture["nominalAnnualInterestRate"]),
        compounding=Every(picture["interestCompoundingPeriodType"]["id"]),
        posting=Every(picture["interestPostingPeriodType"]["id"]),
        method=BalanceMethod(picture["interestCalculationType"]["id"]),
        days_in_year=DaysInYear(picture["interestCalculationDaysInYearType"]["id"]),
        financial_year_start=int(financial_year[1]) if financial_year else 1,
        posted_on_period_end=bool(_PERIOD_END.search(recording["what"])),
        minimum_balance_minor=minor(least, currency) if "depositPeriod" not in picture else 0,
        overdraft_rate=Decimal(picture.get("nominalAnnualInterestRateOverdraft") or 0),
        overdraft_minimum_minor=minor(picture.get("minOverdraftForInterestCalculation"), currency),
    )


def _dormancy(product: dict[str, Any]) -> Dormancy | None:
    if not product.get("isDormancyTrackingActive"):
        return None
    return Dormancy(product["daysToInactive"], product["daysToDormancy"], product["daysToEscheat"])


def _tax(recording: Recording) -> tuple[Decimal, ...]:
    said = _TAX.search(recording["what"])
    if said is None:
        raise NotTold("tax is withheld, and the recording does not say how much")
    return tuple(Decimal(part) for part in said[1].split(" and "))


def charge_of(charge: dict[str, Any], currency: Currency) -> ChargeTerms:
    try:
        time = ChargeTime(charge["chargeTimeType"]["id"])
        calculation = ChargeCalculation(charge["chargeCalculationType"]["id"])
    except ValueError as unknown:
        raise NotTold(f"a charge of another kind: {unknown}") from unknown
    if charge.get("isFreeWithdrawal"):
        raise NotTold("withdrawals free of charge")
    given = charge["amountOrPercentage"]
    month_day = charge.get("feeOnMonthDay")
    return ChargeTerms(
        time=time,
        amount=Decimal(minor(given, currency)) if calculation is ChargeCalculation.FLAT else Decimal(given),
        calculation=calculation,
        penalty=bool(charge.get("penalty")),
        due_on=day(charge["dueDate"]) if charge.get("dueDate") else None,
        fee_on=(month_day[0], month_day[1]) if month_day else None,
        every=charge.get("feeInterval") or 1,
    )


def _span(picture: Picture, number: str, unit: str) -> Span | None:
    if not picture.get(number):
        return None
    return Span(picture[number], Unit(picture[unit]["id"]))


def _deposit(picture: Picture, body: dict[str, Any], currency: Currency) -> DepositTerms:
    term = _span(picture, "depositPeriod", "depositPeriodFrequency")
    chart = picture.get("accountChart")
    if term is None or chart is None:
        raise NotTold("a deposit without a term or without a chart")
    return DepositTerms(
        term=term,
        chart=Chart(tuple(_slab(slab, currency) for slab in chart["chartSlabs"])),
        amount_minor=minor(picture["depositAmount"], currency),
        penalty=_penalty(picture),
        interest_paid_out=bool(picture.get("transferInterestToSavings")),
        shortest=_span(picture, "minDepositTerm", "minDepositTermType"),
        longest=_span(picture, "maxDepositTerm", "maxDepositTermType"),
        recurring=_recurring(picture, currency),
        at_maturity=AtMaturity(body.get("maturityInstructionId") or AtMaturity.WITHDRAW),
    )


def _penalty(picture: Picture) -> PrematurePenalty | None:
    if not picture.get("preClosurePenalApplicable"):
        return None
    basis = PenaltyBasis(picture["preClosurePenalInterestOnType"]["id"])
    return PrematurePenalty(Decimal(picture["preClosurePenalInterest"]), basis)


def _slab(slab: dict[str, Any], currency: Currency) -> Slab:
    if slab.get("incentives"):
        raise NotTold("incentives on a chart")
    start, end = slab.get("amountRangeFrom"), slab.get("amountRangeTo")
    return Slab(
        annual_rate=Decimal(slab["annualInterestRate"]),
        unit=Unit(slab["periodType"]["id"]),
        from_period=slab["fromPeriod"],
        to_period=slab.get("toPeriod"),
        from_minor=None if start is None else minor(start, currency),
        to_minor=None if end is None else minor(end, currency),
    )


def _recurring(picture: Picture, currency: Currency) -> Recurring | None:
    every = _span(picture, "recurringFrequency", "recurringFrequencyType")
    if every is None:
        return None
    if picture.get("isCalendarInherited"):
        raise NotTold("installments on a group's calendar")
    first_on = picture.get("expectedFirstDepositOnDate")
    return Recurring(
        installment_minor=minor(picture["mandatoryRecommendedDepositAmount"], currency),
        every=every,
        first_on=day(first_on) if first_on else None,
        advance_pays_future=bool(picture.get("adjustAdvanceTowardsFuturePayments")),
        withdrawals=bool(picture.get("allowWithdrawal")),
    )
