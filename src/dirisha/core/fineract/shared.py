"""What need not be asked twice: equal requests under way, and what may be some seconds old."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_KEPT = 1000


class UnderWay(Generic[T]):
    """Requests without an answer yet: who asks the same meanwhile gets the same answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[Hashable, Future[T]] = {}

    def join(self, key: Hashable, begin: Callable[[], Future[T]]) -> tuple[Future[T], bool]:
        """The request, and whether it is another's that was under way already."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                return flight, True
            flight = begin()
            self._flights[key] = flight
        flight.add_done_callback(lambda done: self._landed(key, done))
        return flight, False

    def forget(self) -> None:
        """From now on nobody joins what is under way: the books have changed."""
        with self._lock:
            self._flights.clear()

    def _landed(self, key: Hashable, flight: Future[T]) -> None:
        with self._lock:
            if self._flights.get(key) is flight:
                del self._flights[key]


@dataclass(frozen=True, slots=True)
class _Known(Generic[T]):
    value: T
    since_s: float


class Kept(Generic[T]):
    """Answers up to a stated age. For what the core changes seldom; never for a balance."""

    def __init__(self, age_s: float, most: int = MOST_KEPT) -> None:
        self._age_s, self._most = age_s, most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Known[T]] = OrderedDict()

    def get(self, key: Hashable) -> T | None:
        with self._lock:
            found = self._kept.get(key)
        return found.value if found is not None and time.monotonic() - found.since_s < self._age_s else None

    def keep(self, key: Hashable, value: T) -> T:
        with self._lock:
            self._kept[key] = _Known(value, time.monotonic())
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value
