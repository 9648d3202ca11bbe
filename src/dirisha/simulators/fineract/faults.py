"""What can go wrong with a core that is far away, by seed: the same seed and the same calls give the same days.

`chances` are of 100 calls of a kind; all are nought until somebody breaks something. Several may be set: each call
suffers one of them at most, but for `DELAY`, which comes on top.
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


class Kind(StrEnum):
    """Kinds of call that can be broken apart from each other."""

    READ = "read"
    MONEY = "money"


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
    """What happens to one call."""

    fault: Fault = Fault.NONE
    delay_ms: int = 0
    status: int = 502


@dataclass(slots=True)
class Faults:
    seed: int = 0
    reads: Chances = field(default_factory=Chances)
    money: Chances = field(default_factory=Chances)
    _random: random.Random = field(init=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def next(self, kind: Kind) -> Fate:
        with self._lock:
            drawn, late = self._random.randrange(100), self._random.randrange(100)
            status = self._random.choice((500, 502, 503, 504))
            chances = self.reads if kind is Kind.READ else self.money
        delay_ms = chances.delay_ms if late < chances.of.get(Fault.DELAY, 0) else 0
        for fault in INSTEAD:
            drawn -= chances.of.get(fault, 0)
            if drawn < 0:
                return Fate(fault, delay_ms, status)
        return Fate(delay_ms=delay_ms)

    def set(self, *, reads: Chances | None = None, money: Chances | None = None, seed: int | None = None) -> None:
        """What is not given stays as it is; a seed begins its days anew."""
        with self._lock:
            self.reads = self.reads if reads is None else reads
            self.money = self.money if money is None else money
            if seed is not None:
                self.seed, self._random = seed, random.Random(seed)

    def heal(self) -> None:
        self.set(reads=Chances(), money=Chances())
