"""What can go wrong at a gateway, chosen by a seed: the same seed gives the same days."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    NONE = "none"
    DELAY = "delay"  # answers late
    CUT_BEFORE = "cut_before"  # the connection breaks, nothing was taken
    CUT_AFTER = "cut_after"  # the connection breaks, the message was taken
    REFUSE = "refuse"  # this recipient is refused, by `refusal`
    BUSY = "busy"  # HTTP 503
    BROKEN = "broken"  # HTTP 500


@dataclass(slots=True)
class Faults:
    """`weights` of 100 requests that suffer each fault; the rest go well. `refusal` is the statusCode of `REFUSE`."""

    weights: Mapping[Fault, int] = field(default_factory=dict)
    seed: int = 0
    delay_ms: int = 200
    refusal: int = 403
    _random: random.Random = field(init=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if sum(self.weights.values()) > 100:
            raise ValueError("more than all requests")
        self._random = random.Random(self.seed)

    def next(self) -> Fault:
        with self._lock:
            left = self._random.randrange(100)
        for fault, weight in self.weights.items():
            if left < weight:
                return fault
            left -= weight
        return Fault.NONE
