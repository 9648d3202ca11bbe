"""Outcomes of an act as the audit trail names them. The act's own name (`loans.repay`) is the rest of the grammar."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    DONE = "done"
    ACCEPTED = "accepted"  # money is on its way to a far core; its end is an event of its own
    REFUSED = "refused"  # final: stored under the key
    ASKED = "asked"  # something was missing or wrong: the key stays open
