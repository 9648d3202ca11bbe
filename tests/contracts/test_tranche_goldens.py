"""The recorded life of a loan in tranches: the second goes out later than expected, and is undone."""

from __future__ import annotations

from tests.contracts.goldens import lives
from tests.contracts.goldens.reading import RECORDINGS, read
from tests.contracts.goldens.verdict import Different, KeptDifferent

TRANCHES = RECORDINGS / "loan-lives" / "d-tranches.json"


def test_tranches_are_ours_until_the_reference_keeps_arrears_that_are_none() -> None:
    verdict = lives.judge(read(TRANCHES))
    assert isinstance(verdict, KeptDifferent)
    assert verdict.why.startswith("step 6 (undolastdisbursal)")


def test_a_tranche_of_another_amount_is_a_difference() -> None:
    recording = read(TRANCHES)
    second = [step for step in recording["steps"] if step["do"] == "disburse"][1]
    second["request"]["body"]["transactionAmount"] = 3999
    assert isinstance(lives.judge(recording), Different)
