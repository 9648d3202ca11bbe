"""Recordings of previewed schedules: `POST /loans?command=calculateLoanSchedule` of the cumulative kind."""

from __future__ import annotations

import sys
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

from dirisha.core.installments import Installment, InstallmentKind
from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.schedule import Schedule, full_schedule
from dirisha.core.native.loans.terms import LoanTerms
from dirisha.kit.money import Currency, Money
from tests.contracts.goldens.reading import Recording, day, minor
from tests.contracts.goldens.terms_as_recorded import Unknown, currency_of, disbursed_on, loan_terms
from tests.contracts.goldens.trimming import copy_trimmed
from tests.contracts.goldens.verdict import Different, Equal, KeptDifferent, OutOfScope, Verdict

PARTS = {
    "principalDue": "principal", "interestDue": "interest", "feeChargesDue": "fees", "penaltyChargesDue": "penalties",
}  # fmt: skip
TOTAL = "totalDueForPeriod"


def judge(recording: Recording) -> Verdict:
    """Row by row and in all; a refusal is equal where it names the rule that ours names."""
    product, application, answer = recording["product"]["request"], recording["request"]["body"], recording["response"]
    if answer["status"] >= 500:
        return KeptDifferent(f"the reference fails: {answer['status']}")
    try:
        terms = loan_terms(product, application, recording.get("chargeDefinitions") or [])
        ours = full_schedule(terms, disbursed_on(application))
    except Unknown as unknown:
        return OutOfScope(str(unknown))
    except TermsRefused as refused:
        return _refused_alike(answer, refused, currency_of(product))
    if answer["status"] != 200:
        return Different((f"theirs: {_codes(answer)}; ours: a schedule",))
    differences = [*_rows(ours, answer["body"]["periods"], terms), *_totals(ours, answer["body"], terms)]
    return Different(tuple(differences)) if differences else Equal()


def _refused_alike(answer: Recording, refused: TermsRefused, currency: Currency) -> Verdict:
    """Theirs is known by its code and the figures that it names, or by the member of the application that it names."""
    if answer["status"] == 200:
        return Different((f"theirs: a schedule; ours: {refused}",))
    if refused.rule in CODES:
        theirs = [
            (error["userMessageGlobalisationCode"], *_figures(error, currency)) for error in answer["body"]["errors"]
        ]
        alike = theirs == [(CODES[refused.rule], refused.limit, refused.given)]
    else:
        alike = any(error["parameterName"] in MEMBERS.get(refused.rule, ()) for error in answer["body"]["errors"])
    return Equal() if alike else Different((f"theirs: {answer['body']['errors']}; ours: {refused}",))


def _figures(error: Recording, currency: Currency) -> list[Money]:
    return [Money.of(argument["value"], currency) for argument in error["args"]]


CODES = {Rule.INSTALLMENT_COVERS_INTEREST: "error.msg.loanschedule.emi.amount.must.be.greter.than.interest"}
MEMBERS = {
    Rule.PRINCIPAL_ABOVE_ZERO: {"principal"},
    Rule.NUMBER_OF_REPAYMENTS: {"numberOfRepayments"},
    Rule.REPAYMENT_EVERY: {"repaymentEvery"},
    Rule.INTEREST_RATE: {"interestRatePerPeriod"},
    Rule.FIRST_REPAYMENT_AFTER_DISBURSEMENT: {"repaymentsStartingFromDate", "expectedDisbursementDate"},
    Rule.GRACE: {"graceOnPrincipalPayment", "graceOnInterestPayment", "graceOnInterestCharged"},
    Rule.FIXED_INSTALLMENT_ABOVE_ZERO: {"fixedEmiAmount"},
    Rule.FIXED_PRINCIPAL_PERCENTAGE: {"fixedPrincipalPercentagePerInstallment"},
}


def _codes(answer: Recording) -> list[str]:
    return [error["userMessageGlobalisationCode"] for error in answer["body"]["errors"]]


def _rows(ours: Schedule, recorded: list[Recording], terms: LoanTerms) -> list[str]:
    currency = terms.principal.currency
    theirs = [_their_row(row, currency) for row in recorded]
    mine = _our_rows(ours)
    found = [f"rows: theirs {len(theirs)}, ours {len(mine)}"] if len(theirs) != len(mine) else []
    for their_row, our_row in zip(theirs, mine, strict=False):
        found += [
            f"row {our_row['number']} {member}: theirs {their_row[member]}, ours {our_row.get(member)}"
            for member in their_row
            if their_row[member] != our_row.get(member)
        ]
    return found


def _their_row(row: Recording, currency: Currency) -> dict[str, Any]:
    if "period" not in row:
        return {
            "number": None,
            "due_date": day(row["dueDate"]),
            "disbursed": minor(row["principalDisbursed"], currency),
            "fees": _collected_minor(row["feeChargesDue"], currency),
        }
    shown: dict[str, Any] = {
        "number": row["period"],
        "from_date": day(row["fromDate"]),
        "due_date": day(row["dueDate"]),
        "down_payment": row["downPaymentPeriod"],
        "balance": minor(row["principalLoanBalanceOutstanding"], currency),
        "total": minor(row[TOTAL], currency),
    }
    return shown | {part: minor(row.get(member), currency) for member, part in PARTS.items()}


def _collected_minor(shown: Decimal | int, currency: Currency) -> int:
    """A preview shows what is kept back at disbursement before it is rounded to the currency, as it will be."""
    return int(Decimal(shown).scaleb(currency.scale).to_integral_value(ROUND_HALF_EVEN))


def _our_rows(ours: Schedule) -> list[dict[str, Any]]:
    """Disbursements and installments in the order in which they are shown."""
    rows: list[dict[str, Any]] = []
    coming = list(ours.disbursements)
    balance_minor, fees_minor = 0, ours.fees_at_disbursement_minor
    for installment in ours.installments:
        while coming and _goes_out_before(coming[0].on, installment):
            tranche = coming.pop(0)
            balance_minor += tranche.principal_minor
            rows.append(
                {"number": None, "due_date": tranche.on, "disbursed": tranche.principal_minor, "fees": fees_minor}
            )
        balance_minor -= installment.due.principal
        rows.append(_our_row(installment, balance_minor))
    return rows


def _goes_out_before(on: date, installment: Installment) -> bool:
    return on <= installment.due_date


def _our_row(installment: Installment, balance_minor: int) -> dict[str, Any]:
    return {
        "number": installment.number,
        "from_date": installment.from_date,
        "due_date": installment.due_date,
        "down_payment": installment.kind is InstallmentKind.DOWN_PAYMENT,
        "balance": balance_minor,
        "total": installment.due.total,
        "principal": installment.due.principal,
        "interest": installment.due.interest,
        "fees": installment.due.fees,
        "penalties": installment.due.penalties,
    }


def _totals(ours: Schedule, body: Recording, terms: LoanTerms) -> list[str]:
    rows, fees_minor = ours.installments, ours.fees_at_disbursement_minor
    mine = {
        "loanTermInDays": (rows[-1].due_date - rows[0].from_date).days,
        "totalPrincipalDisbursed": sum(part.principal_minor for part in ours.disbursements),
        "totalPrincipalExpected": sum(row.due.principal for row in rows),
        "totalInterestCharged": sum(row.due.interest for row in rows),
        "totalFeeChargesCharged": sum(row.due.fees for row in rows) + fees_minor,
        "totalPenaltyChargesCharged": sum(row.due.penalties for row in rows),
        "totalRepaymentExpected": sum(row.due.total for row in rows) + fees_minor,
    }
    return [
        f"{member}: theirs {body[member]}, ours {figure}"
        for member, figure in mine.items()
        if figure != (body[member] if member == "loanTermInDays" else minor(body[member], terms.principal.currency))
    ]


# --- trimming ---------------------------------------------------------------------------------------------------------

ROW = (
    "period", "fromDate", "dueDate", "principalDisbursed", "principalLoanBalanceOutstanding", "downPaymentPeriod", TOTAL,
    *PARTS,
)  # fmt: skip
TOTALS = (
    "loanTermInDays", "totalPrincipalDisbursed", "totalPrincipalExpected", "totalInterestCharged",
    "totalFeeChargesCharged", "totalPenaltyChargesCharged", "totalRepaymentExpected",
)  # fmt: skip


def trimmed(recording: Recording) -> Recording:
    """The members that are read; figures as recorded."""
    kept = {member: recording[member] for member in ("what", "tags")}
    kept["product"] = {"request": recording["product"]["request"]}
    if recording.get("chargeDefinitions"):
        kept["chargeDefinitions"] = recording["chargeDefinitions"]
    kept["request"] = {member: recording["request"][member] for member in ("path", "body")}
    body = recording["response"]["body"]
    if "periods" in body:
        body = {member: body[member] for member in TOTALS} | {
            "periods": [{member: row[member] for member in ROW if member in row} for row in body["periods"]]
        }
    return kept | {"response": {"status": recording["response"]["status"], "body": body}}


if __name__ == "__main__":
    print(copy_trimmed(Path(sys.argv[1]), "schedules", "*.json", trimmed))
