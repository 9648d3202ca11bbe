"""Recorded lives of loans that are agreed anew in their middle: our fold gives every figure that they show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contracts.goldens import lives
from tests.contracts.goldens.reading import RECORDINGS, read
from tests.contracts.goldens.verdict import Different, Equal

# Interest that is recalculated (d-resched-rate) is another kind of loan.
RESCHEDULED = [RECORDINGS / "loan-lives" / f"d-resched-{kind}.json" for kind in ("date", "extra", "emi", "grace")]


def _stem(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", RESCHEDULED, ids=_stem)
def test_a_rescheduled_life_is_ours_after_each_step(path: Path) -> None:
    assert lives.judge(read(path)) == Equal()


def test_a_reschedule_that_asks_for_something_else_is_a_difference() -> None:
    recording = read(RESCHEDULED[1])
    asked = next(step for step in recording["steps"] if step["do"] == "reschedule-request")
    asked["request"]["body"]["extraTerms"] = 3
    assert isinstance(lives.judge(recording), Different)
