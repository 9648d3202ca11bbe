"""Reading recordings of the reference core: which fall under the terms that we lend on, and what they say.

`python -m tests.contracts.loan_recordings FOLDER` copies those that do from a folder of recordings into
`tests/contracts/recordings`, cut to the members that the tests read.
"""

from __future__ import annotations

import json
import sys
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


def recordings(folder: Path, group: str) -> Iterator[tuple[str, Recording]]:
    for path in sorted((folder / group).rglob("*.json")):
        yield str(path.relative_to(folder)), json.loads(path.read_bytes(), parse_float=Decimal)


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


# --- copying ----------------------------------------------------------------------------------------------------------

PICTURE = ("status", "inArrears", "principal", "summary", "repaymentSchedule", "transactions", "delinquent")


def _cut_life(recording: Recording) -> Recording:
    kept = {member: recording[member] for member in ("what", "tags", "product")}
    return kept | {"steps": [_cut_step(step) for step in steps_within(recording)]}


def _cut_step(step: Recording) -> Recording:
    kept = {member: step[member] for member in ("n", "do", "businessDate")}
    if "request" in step:
        kept["request"] = {member: step["request"].get(member) for member in ("method", "path", "body")}
        kept["response"] = {member: step["response"].get(member) for member in ("status", "body")}
    if "picture" in step:
        kept["picture"] = {member: step["picture"][member] for member in PICTURE if member in step["picture"]}
    return kept


def copy(folder: Path) -> None:
    for name, recording in recordings(folder, "loan-lives"):
        if life_outside(recording) is None:
            target = HERE / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(json.dumps(_cut_life(recording), default=_as_number, separators=(",", ":")) + "\n")


def _as_number(figure: Decimal) -> float:
    """Exact by value: a recorded figure has fewer digits than a double holds."""
    assert Decimal(repr(float(figure))) == figure
    return float(figure)


if __name__ == "__main__":
    copy(Path(sys.argv[1]))
