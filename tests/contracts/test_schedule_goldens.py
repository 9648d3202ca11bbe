"""Our schedules equal those that the reference core previewed, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contracts.goldens.reading import RECORDINGS, read
from tests.contracts.goldens.schedules import judge, trimmed
from tests.contracts.goldens.verdict import Different, Equal, KeptDifferent

PATHS = sorted((RECORDINGS / "schedules").glob("*.json"))


def test_the_recordings_are_there() -> None:
    assert len(PATHS) >= 108


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_previewed_schedule_is_equal(path: Path) -> None:
    assert judge(read(path)) == Equal()


def test_a_figure_that_is_off_by_a_cent_is_a_difference() -> None:
    recording = read(PATHS[-1])
    row = recording["response"]["body"]["periods"][-1]
    row["interestDue"] += 1
    verdict = judge(recording)
    assert isinstance(verdict, Different)
    assert any("interest" in difference for difference in verdict.differences)


def test_a_refusal_is_equal_where_it_names_the_member_that_ours_is_about() -> None:
    recording = read(PATHS[0])
    recording["request"]["body"]["numberOfRepayments"] = 0
    error = {"userMessageGlobalisationCode": "validation.msg.any", "parameterName": "numberOfRepayments", "args": []}
    recording["response"] = {"status": 400, "body": {"errors": [error]}}
    assert judge(recording) == Equal()
    recording["response"]["body"]["errors"] = [error | {"parameterName": "clientId"}]
    assert isinstance(judge(recording), Different)


def test_a_fault_of_the_reference_is_no_model() -> None:
    recording = read(PATHS[0])
    recording["response"] = {"status": 500, "body": {}}
    assert isinstance(judge(recording), KeptDifferent)


def test_trimming_changes_no_verdict_and_nothing_twice() -> None:
    recording = read(PATHS[0])
    assert trimmed(trimmed(recording)) == trimmed(recording)
    assert judge(trimmed(recording)) == Equal()
