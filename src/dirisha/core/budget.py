"""How long, and how many at once, people at the doors may wait for a far core.

A door opens one budget a request: whatever it asks within, all of it together ends with the budget. Only so many of a
process's threads may wait at once; who comes then is told at once. Who waits leaves its place at work to another, so
that a core that sleeps takes nothing from those who need nothing of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from dirisha.core.port import CoreAway

_ends_at_s: ContextVar[float | None] = ContextVar("ends_at_s", default=None)
_is_at_work: ContextVar[bool] = ContextVar("is_at_work", default=False)
_is_waiting: ContextVar[bool] = ContextVar("is_waiting", default=False)


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


# --- places -----------------------------------------------------------------------------------------------------------


class Places:
    """Of one process: `at_work` on requests, since one interpreter carries little at once, and `waiting` besides."""

    def __init__(self, *, at_work: int, waiting: int) -> None:
        self.at_work, self.waiting = at_work, waiting
        self.to_work = threading.BoundedSemaphore(at_work)
        self.to_wait = threading.BoundedSemaphore(waiting)


_places = Places(at_work=8, waiting=16)


def share_out(*, at_work: int, waiting: int) -> None:
    """At the start of a process whose threads answer requests: it needs as many as both together."""
    global _places
    _places = Places(at_work=at_work, waiting=waiting)


def places() -> Places:
    return _places


@contextmanager
def at_work() -> Iterator[None]:
    """Around a request: it waits for its turn, and gives its place away while it waits for a far core."""
    with _places.to_work:
        token = _is_at_work.set(True)
        try:
            yield
        finally:
            _is_at_work.reset(token)


@contextmanager
def place_to_wait() -> Iterator[None]:
    """Raises `CoreAway` where as many wait already as may. Who waits already needs no second place."""
    if _is_waiting.get():
        yield
        return
    if not _places.to_wait.acquire(blocking=False):
        raise CoreAway("as many wait for a far core as may")
    token = _is_waiting.set(True)
    try:
        with _work_left():
            yield
    finally:
        _is_waiting.reset(token)
        _places.to_wait.release()


@contextmanager
def _work_left() -> Iterator[None]:
    """The place to wait is kept until there is one at work again: threads enough for both are there."""
    if not _is_at_work.get():
        yield
        return
    _places.to_work.release()
    try:
        yield
    finally:
        _places.to_work.acquire()
