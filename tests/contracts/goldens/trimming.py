"""Copying a group of recordings into the project's own, as `python -m tests.contracts.goldens.schedules FOLDER` does.

Cut to the members that are read, figures as recorded; one element of a long list a line.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.contracts.goldens.reading import RECORDINGS, Recording, read

LONG = 1500


def copy_trimmed(folder: Path, group: str, pattern: str, trimmed: Callable[[Recording], Recording]) -> int:
    """How many were copied from `folder/group` to the project's recordings of that group."""
    paths = sorted((folder / group).glob(pattern))
    for path in paths:
        target = RECORDINGS / group / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(written(trimmed(read(path))) + "\n", "utf-8")
    return len(paths)


def written(value: Any) -> str:
    """Compact JSON in which what is long has a line for each of its parts."""
    whole = _compact(value)
    if len(whole) <= LONG or not isinstance(value, dict | list):
        return whole
    if isinstance(value, dict):
        return "{" + ",\n".join(f"{json.dumps(name)}:{written(part)}" for name, part in value.items()) + "}"
    return "[" + ",\n".join(written(part) for part in value) + "]"


def _compact(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_compact(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
