"""Bulkheads: so many calls of a kind at a time, so many waiting, and no more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from dirisha.core.fineract.calls import Kind

P = ParamSpec("P")
T = TypeVar("T")

# For each call under way so many may wait for its place; whoever comes then is told at once.
WAITING_FOR_EACH = 4
CHECKS_AT_ONCE = 2


class Full(Exception):
    """All places of this kind are taken, those to wait in, too."""


class Lane:
    """Threads for one kind of call."""

    def __init__(self, kind: Kind, at_once: int) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix=f"fineract-{kind}")
        self._places = threading.Semaphore(at_once * (1 + WAITING_FOR_EACH))

    def begin(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Raises `Full` at once, and `RuntimeError` when the lane is closed."""
        if not self._places.acquire(blocking=False):
            raise Full
        try:
            future = self._threads.submit(work, *args, **kwargs)
        except RuntimeError:
            self._places.release()
            raise
        future.add_done_callback(lambda _: self._places.release())
        return future

    def close(self) -> None:
        """What is under way or waits ends; nothing new begins."""
        self._threads.shutdown(wait=False)

    def join(self) -> None:
        self._threads.shutdown(wait=True)


def lanes(connections: int) -> dict[Kind, Lane]:
    """The pool's connections shared out, so that each call under way has one."""
    pages, histories = connections * 2 // 5, connections // 5
    at_once = {
        Kind.PAGES: pages,
        Kind.HISTORIES: histories,
        Kind.MONEY: connections - pages - histories - CHECKS_AT_ONCE,
        Kind.CHECKS: CHECKS_AT_ONCE,
    }
    return {kind: Lane(kind, most) for kind, most in at_once.items()}
