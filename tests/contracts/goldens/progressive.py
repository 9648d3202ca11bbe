"""Recordings of previewed progressive schedules: judged row by row as the cumulative ones are.

Defects of the reference are told from a recording's own figures: a total that its rows do not add up to, principal below
nothing, and interest that was multiplied by the length of the repayment period where an actual year ends within it.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

from tests.contracts.goldens import schedules
from tests.contracts.goldens.reading import Recording, day
from tests.contracts.goldens.trimming import copy_trimmed
from tests.contracts.goldens.verdict import Different, KeptDifferent, OutOfScope, Verdict

GROUP = "schedules/progressive"
ACTUAL_YEAR = 1
TOTAL_EXPECTED = "totalRepaymentExpected"


def judge(recording: Recording) -> Verdict:
    if recording["product"]["request"].get("loanScheduleType") != "PROGRESSIVE":
        return OutOfScope("a cumulative schedule among the progressive ones")
    verdict = schedules.judge(recording)
    if not isinstance(verdict, Different):
        return verdict
    if _only_the_total_differs(verdict) and not _adds_up(recording["response"]["body"]):
        return KeptDifferent(f"{TOTAL_EXPECTED} leaves out fees of the recording's own rows")
    if _repays_more_than_is_out(recording["response"]["body"]):
        return KeptDifferent("rounded-up installments repay more than is out, and a later one is below nothing")
    if _multiplies_across_years(recording):
        return KeptDifferent("interest of a period in which an actual year ends, multiplied by the period's length")
    return verdict


def _only_the_total_differs(verdict: Different) -> bool:
    return all(difference.startswith(TOTAL_EXPECTED) for difference in verdict.differences)


def _adds_up(body: Recording) -> bool:
    """Rows of disbursements show what is kept back then, the others what falls due."""
    shown = sum((Decimal(row["totalDueForPeriod"]) for row in body["periods"]), Decimal(0))
    return shown == Decimal(body[TOTAL_EXPECTED])


def _repays_more_than_is_out(body: Recording) -> bool:
    return any(row.get("principalDue", 0) < 0 for row in body.get("periods", []))


def _multiplies_across_years(recording: Recording) -> bool:
    product, rows = recording["product"]["request"], recording["response"]["body"].get("periods", [])
    return (
        product["daysInYearType"] == ACTUAL_YEAR
        and recording["request"]["body"]["repaymentEvery"] > 1
        and any("fromDate" in row and day(row["fromDate"]).year < day(row["dueDate"]).year for row in rows)
    )


def trimmed(recording: Recording) -> Recording:
    """The members that are read; figures as recorded."""
    return schedules.trimmed(recording)


if __name__ == "__main__":
    print(copy_trimmed(Path(sys.argv[1]), GROUP, "*.json", trimmed))
