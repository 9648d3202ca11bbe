"""Recorded lives of progressive loans: rule lists, chargebacks and down payments fold to every figure that is shown."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from dirisha.core.native.loans.life.stored import dump, load
from tests.contracts.goldens import lives
from tests.contracts.goldens.reading import RECORDINGS, Recording, read
from tests.contracts.goldens.verdict import Different, Equal, KeptDifferent


def _is_progressive(recording: Recording) -> bool:
    return bool(recording["product"]["request"].get("loanScheduleType") == "PROGRESSIVE")


PATHS = [path for path in sorted((RECORDINGS / "loan-lives").glob("*.json")) if _is_progressive(read(path))]

# Its ledger refuses to undo a repayment; the life goes on without that, and all the rest is equal.
MELTS_DOWN = {"d-mix-advanced-cash"}


def test_the_recordings_are_there() -> None:
    assert len(PATHS) >= 7


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_recorded_life_is_ours_after_each_step(path: Path) -> None:
    verdict = lives.judge(read(path))
    assert isinstance(verdict, KeptDifferent if path.stem in MELTS_DOWN else Equal), verdict


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_stored_state_goes_on_as_the_fold_does(path: Path) -> None:
    recording = read(path)
    kept = lives.judge(recording, stored=lambda state: load(state.terms, json.loads(json.dumps(dump(state)))))
    assert kept == lives.judge(recording)


def test_what_was_charged_back_is_compared() -> None:
    recording = read(RECORDINGS / "loan-lives" / "d-refunds.json")
    row = recording["steps"][-1]["picture"]["repaymentSchedule"]["periods"][2]
    row["totalCredits"] = Decimal("99.99")
    assert isinstance(lives.judge(recording), Different)


def test_the_life_after_a_refusal_by_defect_is_compared() -> None:
    recording = read(RECORDINGS / "loan-lives" / "d-mix-advanced-cash.json")
    recording["steps"][-1]["picture"]["summary"]["interestPaid"] += 1
    assert isinstance(lives.judge(recording), Different)
