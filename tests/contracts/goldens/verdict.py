"""How one recording came out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Equal:
    """Every figure that the recording shows, after each of its steps, is ours too."""


@dataclass(frozen=True, slots=True)
class Different:
    """`differences` name what differs: step, row, figure, theirs, ours."""

    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptDifferent:
    """Different on purpose: a defect of the reference that we do not imitate, named in `why`."""

    why: str


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """Of a kind that the arithmetic does not have."""

    why: str


Verdict = Equal | Different | KeptDifferent | OutOfScope
