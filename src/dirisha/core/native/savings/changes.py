"""What a ledger has to post after an event: transactions taken back, each with the one that stands in for it, and new
ones."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Changes:
    """`corrected`: (to reverse, to post in its place or None). `posted`: new, and in nobody's place."""

    corrected: tuple[tuple[Transaction, Transaction | None], ...]
    posted: tuple[Transaction, ...]


def changes(before: State, after: State) -> Changes:
    """A transaction that came and went within the event is in neither: the books never saw it."""
    old = {line.number: line for line in before.transactions}
    new = [line for line in after.transactions if line.number not in old and not line.reversed]
    taken_back = [
        line for line in after.transactions if line.reversed and line.number in old and not old[line.number].reversed
    ]
    stand_ins = {_original(line, after): line for line in new if line.replaces is not None}
    corrected = tuple((old[line.number], stand_ins.get(line.number)) for line in taken_back)
    in_place = {stand_in.number for _, stand_in in corrected if stand_in is not None}
    return Changes(corrected, tuple(line for line in new if line.number not in in_place and line.reverses is None))


def _original(line: Transaction, state: State) -> int:
    """The first of a chain of stand-ins: a deposit booked twice within one event replaces what the first replaced."""
    number = line.replaces or 0
    while (replaced := state.transaction(number)) is not None and replaced.replaces is not None:
        number = replaced.replaces
    return number
