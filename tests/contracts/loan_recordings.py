"""Reading recordings of the reference core: which fall under the terms that we lend on, and what they say.

They are those of `tests.contracts.goldens.lives`, in which an amount of nothing is left out.
"""

from __future__ import annotations

import json
from calendar import month_name
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from dirisha.core.native.loans.terms import LoanTerms
from tests.contracts.goldens import terms_as_recorded

Recording = dict[str, Any]

HERE = Path(__file__).parent / "recordings"

MONTH_NAMES = list(month_name)
EQUAL_INSTALLMENTS, DECLINING_BALANCE, MONTHS = 1, 0, 2

# The order penalties, fees, interest, principal; the two differ in name only (loan-math §10).
OUR_ALLOCATION = {"mifos-standard-strategy", "creocore-strategy"}

# Members of an application that we honour, or that say nothing about dates and amounts.
HONOURED = {
    "principal", "numberOfRepayments", "repaymentEvery", "loanTermFrequency", "interestRatePerPeriod",
    "interestCalculationPeriodType", "submittedOnDate", "expectedDisbursementDate", "repaymentsStartingFromDate",
}  # fmt: skip
CHOSEN_BY_VALUE = {
    "amortizationType", "interestType", "repaymentFrequencyType", "loanTermFrequencyType",
    "allowPartialPeriodInterestCalcualtion", "transactionProcessingStrategyCode",
}  # fmt: skip
WITHOUT_EFFECT = {
    "clientId", "productId", "loanType", "locale", "dateFormat", "inArrearsTolerance", "graceOnArrearsAgeing",
    "isTopup", "loanIdToClose", "linkAccountId",
}  # fmt: skip

# Members of a product that change the arithmetic in ways that we do not lend on.
NOT_LENT_ON = (
    "isInterestRecalculationEnabled", "multiDisburseLoan", "enableDownPayment", "isEqualAmortization",
    "fixedPrincipalPercentagePerInstallment", "charges",
)  # fmt: skip

# Steps of a life that leave schedule and payments as they are.
LOOKS = {"look", "final-look", "prepay-template", "run-accruals"}
STEPS = LOOKS | {
    "submit", "modify", "approve", "undoapproval", "disburse", "undodisbursal",
    "repayment", "undo-transaction", "adjust-transaction", "withdrawnByApplicant", "reject",
}  # fmt: skip


class Shown(dict[str, Any]):
    """A member that is left out is nothing."""

    def __missing__(self, member: str) -> int:
        return 0


def recordings(folder: Path, group: str) -> Iterator[tuple[str, Recording]]:
    for path in sorted((folder / group).rglob("*.json")):
        yield str(path.relative_to(folder)), json.loads(path.read_bytes(), parse_float=Decimal, object_hook=Shown)


def outside(product: Recording, application: Recording) -> str | None:
    """Why these terms are not among those we lend on; None when they are."""
    if product["loanScheduleType"] != "CUMULATIVE":
        return "progressive schedule"
    if application["repaymentFrequencyType"] != MONTHS:
        return "not monthly"
    if application["interestType"] != DECLINING_BALANCE:
        return "flat interest"
    if application["amortizationType"] != EQUAL_INSTALLMENTS:
        return "equal principal"
    if product["inMultiplesOf"] and product["digitsAfterDecimal"] == 0:
        return "currency in multiples"
    if refused := [member for member in NOT_LENT_ON if product.get(member)]:
        return f"product: {refused[0]}"
    if application.get("allowPartialPeriodInterestCalcualtion"):
        return "partial periods"
    unknown = application.keys() - HONOURED - CHOSEN_BY_VALUE - WITHOUT_EFFECT
    if asked := sorted(member for member in unknown if application[member] not in (0, [], False)):
        return f"application: {asked[0]}"
    return None


def life_outside(recording: Recording) -> str | None:
    return outside(recording["product"]["request"], recording["steps"][0]["request"]["body"])


def steps_within(recording: Recording) -> list[Recording]:
    """The steps before the first of a kind that we do not carry out, or that another loan's story has paid into."""
    strategy = recording["steps"][0]["request"]["body"]["transactionProcessingStrategyCode"]
    within: list[Recording] = []
    repayments = 0
    for step in recording["steps"]:
        if step["do"] not in STEPS or (step["do"] == "repayment" and strategy not in OUR_ALLOCATION):
            break
        seen = sum(is_repayment(transaction) for transaction in step.get("picture", {}).get("transactions", ()))
        if step["do"] in LOOKS and seen > repayments:
            break
        repayments = max(repayments, seen)
        within.append(step)
    return within


def is_repayment(transaction: Recording) -> bool:
    """One that stands: the reference reverses and re-creates one whose split has changed, under a new id."""
    return transaction["type"]["code"] == "loanTransactionType.repayment" and not transaction["manuallyReversed"]


def terms_of(product: Recording, application: Recording, principal: Decimal | int | None = None) -> LoanTerms:
    lent = application["principal"] if principal is None else principal
    return terms_as_recorded.loan_terms(product, application | {"principal": lent}, [])


def day(written: str | list[int]) -> date:
    """`05 March 2024` as clients write it, `[2024, 3, 5]` as the server does."""
    if isinstance(written, list):
        return date(*written)
    number, month, year = written.split()
    return date(int(year), MONTH_NAMES.index(month), int(number))
