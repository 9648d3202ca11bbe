"""Recorded lives of loans: our fold gives every figure that they show, after each step.

The recordings are trimmed to the members that are read (`tests.contracts.goldens.lives.trimmed`), figures untouched.
"""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dirisha.core.native.loans.life.stored import dump, load
from tests.contracts.goldens import lives
from tests.contracts.goldens.reading import RECORDINGS, Recording, read
from tests.contracts.goldens.verdict import Different, Equal, KeptDifferent

LIVES = sorted((RECORDINGS / "loan-lives").glob("*.json"))

# Where the reference core is wrong and we do what is right (the reason is the verdict's).
KEPT_DIFFERENT = {"b-missed-creocore", "b-missed-ip", "b-missed-mifos", "d-accrual-charge", "d-refund-cash"}
CUMULATIVE = [
    path
    for path in LIVES
    if not any(word in path.stem for word in ("advanced", "recalc", "resched", "tranches", "down-payment", "refunds"))
]


def _stem(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", CUMULATIVE, ids=_stem)
def test_a_recorded_life_is_ours_after_each_step(path: Path) -> None:
    verdict = lives.judge(read(path))
    assert isinstance(verdict, KeptDifferent if path.stem in KEPT_DIFFERENT else Equal), verdict


def test_all_lives_are_here() -> None:
    assert len(LIVES) == 58
    assert len(CUMULATIVE) == 39


@pytest.mark.parametrize("member", ["principalPaid", "interestWaived", "totalPaidLateForPeriod", "amountOutstanding"])
def test_a_figure_that_is_off_by_one_is_told(member: str) -> None:
    recording = read(RECORDINGS / "loan-lives" / "b-missed-rbi.json")
    changed = copy.deepcopy(recording)
    assert _add_one(changed, member)
    assert isinstance(lives.judge(recording), Equal)
    assert isinstance(lives.judge(changed), Different)


def _add_one(value: Any, member: str) -> bool:
    """In the last place where it is found."""
    if isinstance(value, list):
        return any(_add_one(part, member) for part in reversed(value))
    if not isinstance(value, dict):
        return False
    if value.get(member):
        value[member] = Decimal(value[member]) + 1
        return True
    return any(_add_one(part, member) for part in value.values())


def test_a_step_never_seen_is_out_of_scope_not_ignored() -> None:
    recording: Recording = read(RECORDINGS / "loan-lives" / "d-adjust.json")
    recording["steps"][4]["do"] = "re-age"
    assert "re-age" in str(lives.judge(recording))


@pytest.mark.parametrize("path", CUMULATIVE[::4], ids=_stem)
def test_a_stored_state_goes_on_as_the_fold_does(path: Path) -> None:
    """Dumped to JSON and loaded before each event."""
    recording = read(path)
    kept = lives.judge(recording, stored=lambda state: load(state.terms, json.loads(json.dumps(dump(state)))))
    assert kept == lives.judge(recording)
