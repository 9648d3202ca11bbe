"""Passwords that were right a short while ago, so that an app's next call need not pay for the slow hash again.

The key is a keyed hash over institution, login name, password and the stored hash: nothing is kept in clear, and a new
password, or a name of another institution, finds nothing. Calls that come at once share one check.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

from dirisha.access.keys import keyed_hash
from dirisha.access.people import Person
from dirisha.engine.outcome import Done, Outcome

MOST = 20_000
LIFE_S = 300
WAIT_S = 20


def key_of(login_name: str, password: str, stored_hash: str) -> bytes:
    return keyed_hash("basic", f"{login_name}\0{password}\0{stored_hash}")


class Remembered:
    """At most `most` keys for `life_s` seconds each, the oldest forgotten first; one check at a time a key."""

    def __init__(self, most: int = MOST, life_s: int = LIFE_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._life_s, self._clock = most, life_s, clock
        self._lock = threading.Lock()
        self._until: OrderedDict[bytes, float] = OrderedDict()
        self._under_way: dict[bytes, Future[Outcome[Person]]] = {}

    def has(self, key: bytes) -> bool:
        with self._lock:
            until = self._until.get(key)
            return until is not None and until > self._clock()

    def check(self, key: bytes, login: Callable[[], Outcome[Person]]) -> Outcome[Person]:
        """The outcome of `login`, or of another thread's that is under way; a right one is remembered.

        Raises what `login` raises, and `TimeoutError` when the other thread does not come to an end.
        """
        with self._lock:
            other = self._under_way.get(key)
            mine: Future[Outcome[Person]] = Future()
            if other is None:
                self._under_way[key] = mine
        return self._lead(key, mine, login) if other is None else other.result(WAIT_S)

    def _lead(self, key: bytes, mine: Future[Outcome[Person]], login: Callable[[], Outcome[Person]]) -> Outcome[Person]:
        try:
            outcome = login()
        except BaseException as error:
            self._end(key)
            mine.set_exception(error)
            raise
        if isinstance(outcome, Done):
            self._keep(key)
        self._end(key)
        mine.set_result(outcome)
        return outcome

    def _keep(self, key: bytes) -> None:
        with self._lock:
            self._until[key] = self._clock() + self._life_s
            self._until.move_to_end(key)
            while len(self._until) > self._most:
                self._until.popitem(last=False)

    def _end(self, key: bytes) -> None:
        with self._lock:
            del self._under_way[key]


remembered = Remembered()
