"""What can go wrong with a core that is far away, by seed: the same seed and the same calls give the same days.

`chances` are of 100 calls of a kind; all are nought until somebody breaks something. Several may be set: each call
suffers one of them at most, but for `DELAY`, which comes on top, and a clock that is apart already.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    NONE = "none"
    DELAY = "delay"  # answers late, by `delay_ms`
    CUT_BEFORE = "cut_before"  # the connection breaks, nothing was done
    CUT_AFTER = "cut_after"  # the connection breaks, it was done
    DUPLICATE = "duplicate"  # a proxy sends it twice, and passes the second answer on
    ERROR_AFTER = "error_after"  # it was done, and the answer is HTTP 500, 502, 503 or 504
    TRUNCATED = "truncated"  # it was done, and the answer breaks off in the middle
    WRONG_TYPE = "wrong_type"  # it was done, and the answer is a page of HTML
    MAINTENANCE = "maintenance"  # HTTP 503, nothing was done
    CLOCK_APART = "clock_apart"  # its clock is a day before or behind, for this call and those that follow


class Kind(StrEnum):
    """Kinds of call that can be broken apart from each other."""

    READ = "read"
    MONEY = "money"


# So many calls of both kinds, the first among them, find the clock apart.
CALLS_APART = 12

INSTEAD = tuple(fault for fault in Fault if fault not in (Fault.NONE, Fault.DELAY))


@dataclass(frozen=True, slots=True)
class Chances:
    """Of 100 calls of one kind, how many suffer which fault."""

    of: Mapping[Fault, int] = field(default_factory=dict)
    delay_ms: int = 0

    def __post_init__(self) -> None:
        if sum(self.of.get(fault, 0) for fault in INSTEAD) > 100 or any(not 0 <= n <= 100 for n in self.of.values()):
            raise ValueError("more than all calls")
        if self.delay_ms < 0:
            raise ValueError("a delay before the call")


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one call; `days_apart`: how far the core's clock is before ours, or behind where negative."""

    fault: Fault = Fault.NONE
    delay_ms: int = 0
    status: int = 502
    days_apart: int = 0


@dataclass(slots=True)
class Faults:
    seed: int = 0
    reads: Chances = field(default_factory=Chances)
    money: Chances = field(default_factory=Chances)
    _random: random.Random = field(init=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)
    _days_apart: int = field(init=False, default=0)
    _calls_apart: int = field(init=False, default=0)  # that are left

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def next(self, kind: Kind) -> Fate:
        with self._lock:
            drawn, late = self._random.randrange(100), self._random.randrange(100)
            status = self._random.choice((500, 502, 503, 504))
            chances = self.reads if kind is Kind.READ else self.money
            fault = _drawn(chances, drawn)
            days_apart = self._clock(fault)
        delay_ms = chances.delay_ms if late < chances.of.get(Fault.DELAY, 0) else 0
        return Fate(fault, delay_ms, status, days_apart)

    def _clock(self, fault: Fault) -> int:
        """How far the clock is apart at this call; a spell that goes on is not made longer."""
        if fault is Fault.CLOCK_APART and self._calls_apart == 0:
            self._calls_apart, self._days_apart = CALLS_APART, self._random.choice((-1, 1))
        if self._calls_apart == 0:
            return 0
        self._calls_apart -= 1
        return self._days_apart

    def set(self, *, reads: Chances | None = None, money: Chances | None = None, seed: int | None = None) -> None:
        """What is not given stays as it is; a seed begins its days anew."""
        with self._lock:
            self.reads = self.reads if reads is None else reads
            self.money = self.money if money is None else money
            self._calls_apart = 0
            if seed is not None:
                self.seed, self._random = seed, random.Random(seed)

    def heal(self) -> None:
        self.set(reads=Chances(), money=Chances())


def _drawn(chances: Chances, number: int) -> Fault:
    """Which fault it is by a number below 100."""
    for fault in INSTEAD:
        number -= chances.of.get(fault, 0)
        if number < 0:
            return fault
    return Fault.NONE
