"""Recorded lives of savings, deposits and shares: our fold gives every figure that they show.

The recordings are trimmed to the members that are read (`tests.contracts.goldens.savings.trimmed`), figures untouched.
"""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.goldens import savings
from tests.contracts.goldens.reading import RECORDINGS, Recording, read
from tests.contracts.goldens.verdict import Different, Equal, KeptDifferent

LIVES = sorted((RECORDINGS / "savings").glob("*.json"))

# Where the reference core is wrong and we do what is right (the reason is the verdict's).
KEPT_DIFFERENT = {"fd-renew", "fd-renew-job", "rd-maturity", "rd-missed", "sh-prices"}


def _stem(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", LIVES, ids=_stem)
def test_a_recorded_life_is_ours_after_each_step(path: Path) -> None:
    verdict = savings.judge(read(path))
    assert isinstance(verdict, KeptDifferent if path.stem in KEPT_DIFFERENT else Equal), verdict


def test_all_lives_are_here() -> None:
    assert len(LIVES) == 55


@pytest.mark.parametrize("path", LIVES, ids=_stem)
def test_trimming_a_trimmed_recording_changes_nothing(path: Path) -> None:
    recording = read(path)
    assert savings.trimmed(recording) == recording


def _first(recording: Recording, member: str, step: int) -> dict[str, Any]:
    changed: dict[str, Any] = recording["steps"][step]["picture"][member]
    return changed


@pytest.mark.parametrize(
    ("life", "step", "member", "figure"),
    [
        ("int-daily-monthly-daily-365", 7, "summary", "totalInterestPosted"),
        ("int-daily-monthly-daily-365", 6, "summary", "totalInterestEarned"),
        ("int-daily-monthly-daily-365", 4, "summary", "accountBalance"),
        ("holds", 4, "summary", "availableBalance"),
    ],
)
def test_one_cent_off_in_the_recording_is_a_difference(life: str, step: int, member: str, figure: str) -> None:
    recording = copy.deepcopy(read(RECORDINGS / "savings" / f"{life}.json"))
    _first(recording, member, step)[figure] += Decimal("0.01")
    assert isinstance(savings.judge(recording), Different)


@pytest.mark.parametrize("member", ["amount", "runningBalance"])
def test_one_cent_off_in_a_transaction_is_a_difference(member: str) -> None:
    recording = copy.deepcopy(read(RECORDINGS / "savings" / "undo.json"))
    recording["steps"][7]["picture"]["transactionsNewOrChanged"][0][member] += Decimal("0.01")
    assert isinstance(savings.judge(recording), Different)


def test_a_transaction_that_is_not_reversed_in_the_recording_is_a_difference() -> None:
    recording = copy.deepcopy(read(RECORDINGS / "savings" / "undo.json"))
    listed = recording["steps"][7]["picture"]["transactionsNewOrChanged"]
    next(line for line in listed if line["reversed"])["reversed"] = False
    assert isinstance(savings.judge(recording), Different)


def test_a_step_of_an_unknown_kind_is_out_of_scope_and_says_so() -> None:
    recording = copy.deepcopy(read(RECORDINGS / "savings" / "undo.json"))
    recording["steps"][4]["do"] = "assign-officer"
    assert "assign-officer" in repr(savings.judge(recording))
