"""How long, and how many at once, people at the doors may wait for a far core.

A door opens one budget a request: whatever it asks within, all of it together ends with the budget. Only so many of a
process's threads may wait at once; who comes then is told at once, so that a core that sleeps leaves threads for all
who need nothing of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from dirisha.core.port import CoreAway

MOST_WAITING = 16

_ends_at_s: ContextVar[float | None] = ContextVar("ends_at_s", default=None)
_places = threading.BoundedSemaphore(MOST_WAITING)


@contextmanager
def budget(seconds_s: float) -> Iterator[None]:
    """For all waiting within the block; one that is open already is not made longer."""
    token = _ends_at_s.set(time.monotonic() + within_s(seconds_s))
    try:
        yield
    finally:
        _ends_at_s.reset(token)


def within_s(patience_s: float) -> float:
    """The patience, or what is left of the budget that is open."""
    ends_at_s = _ends_at_s.get()
    return patience_s if ends_at_s is None else max(0, min(patience_s, ends_at_s - time.monotonic()))


@contextmanager
def place_to_wait() -> Iterator[None]:
    """Raises `CoreAway` where as many wait already as may."""
    if not _places.acquire(blocking=False):
        raise CoreAway("as many wait for a far core as may")
    try:
        yield
    finally:
        _places.release()
