"""`make goldens [GOLDENS=folder]`: recordings of the reference core against the arithmetic of the native core.

Prints what differs and a table of groups, and writes the table into docs/goldens.md where the project's own recordings
were run. A folder may hold recordings never seen before: what a file is, its members tell.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from tests.contracts.goldens import lives, progressive, savings, schedules
from tests.contracts.goldens.reading import RECORDINGS, Recording, read
from tests.contracts.goldens.verdict import Different, Equal, KeptDifferent, OutOfScope, Verdict

PAPER = Path(__file__).parents[3] / "docs" / "goldens.md"
SHOWN_OF_ONE = 12

Judge = Callable[[Recording], Verdict]


def _no_arithmetic(recording: Recording) -> Verdict:
    return OutOfScope("an exchange of an API: no arithmetic of its own")


def group_of(recording: Recording) -> tuple[str, Judge]:
    """By its members, since a folder of recordings may be laid out in any way."""
    if "product" in recording and "loanId" in recording:
        return "lives of loans", lives.judge
    if "product" in recording and "accountId" in recording:
        return "lives of savings, deposits and shares", savings.judge
    if "calculateLoanSchedule" in (recording.get("request") or {}).get("path", ""):
        if recording["product"]["request"].get("loanScheduleType") == "PROGRESSIVE":
            return "schedules, progressive", progressive.judge
        return "schedules, cumulative", schedules.judge
    return "exchanges of the APIs and errors", _no_arithmetic


def judged(path: Path) -> tuple[str, Verdict] | None:
    """The group and the verdict; None for a file that is no recording. What our code can't take is a difference."""
    recording = read(path)
    if not isinstance(recording, dict) or "what" not in recording:
        return None
    group, judge = group_of(recording)
    try:
        return group, judge(recording)
    except Exception as fault:
        return group, Different((f"{type(fault).__name__}: {fault}",))


def table(verdicts: dict[str, dict[str, Verdict]]) -> list[str]:
    lines = [
        "| group | recordings | equal | different | out of scope |",
        "|---|---:|---:|---:|---:|",
    ]
    for group, found in sorted(verdicts.items()):
        counted = Counter(_column(verdict) for verdict in found.values())
        row = (counted["equal"], counted["different"], counted["out of scope"])
        lines.append(f"| {group} | {len(found)} | {row[0]} | {row[1]} | {row[2]} |")
    return lines


def reasons(verdicts: dict[str, dict[str, Verdict]]) -> list[str]:
    """Why what is not equal is not, with the files that share a reason."""
    by_reason: dict[tuple[str, str], list[str]] = defaultdict(list)
    for found in verdicts.values():
        for name, verdict in found.items():
            if isinstance(verdict, OutOfScope | KeptDifferent):
                by_reason[_column(verdict) + _on_purpose(verdict), verdict.why].append(name)
    return [f"- {column}: {why} ({_few(names)})" for (column, why), names in sorted(by_reason.items())]


def _few(names: list[str]) -> str:
    shown = ", ".join(sorted(names)[:SHOWN_OF_ONE])
    return shown if len(names) <= SHOWN_OF_ONE else f"{shown} and {len(names) - SHOWN_OF_ONE} more"


def _on_purpose(verdict: Verdict) -> str:
    return ", on purpose" if isinstance(verdict, KeptDifferent) else ""


def _column(verdict: Verdict) -> str:
    if isinstance(verdict, Equal):
        return "equal"
    return "out of scope" if isinstance(verdict, OutOfScope) else "different"


def main(folder: Path) -> None:
    verdicts: dict[str, dict[str, Verdict]] = defaultdict(dict)
    for path in sorted(folder.rglob("*.json")):
        try:
            found = judged(path)
        except (json.JSONDecodeError, UnicodeDecodeError):
            print(f"{path.relative_to(folder)}: not JSON, left out", file=sys.stderr)
            continue
        if found is not None:
            # Some recordings are kept twice, cut for different readers.
            verdicts[found[0]][path.stem] = found[1]
    for group in verdicts.values():
        for name, verdict in group.items():
            if isinstance(verdict, Different):
                print(name, *verdict.differences[:SHOWN_OF_ONE], sep="\n    ")
    lines, why = table(verdicts), reasons(verdicts)
    print(*lines, "", *why, "", sep="\n")
    if folder == RECORDINGS:
        _write(lines, why)
    total = Counter(_column(verdict) for group in verdicts.values() for verdict in group.values())
    print(f"{total['equal']} equal, {total['different']} different, {total['out of scope']} out of scope")


def _write(lines: list[str], why: list[str]) -> None:
    PAPER.write_text(
        "\n".join(
            [
                "# Our arithmetic against recordings of the reference core",
                "",
                "Written by `make goldens`, which prints each difference. `GOLDENS=folder make goldens` runs other recordings.",
                "Equal means: every figure that a recording shows, after each of its steps.",
                "",
                *lines,
                "",
                *why,
            ]
        )
        + "\n",
        "utf-8",
    )


if __name__ == "__main__":
    main(Path(os.environ.get("GOLDENS") or RECORDINGS))
