"""A circuit breaker: a core that does not answer is left in peace for a while, and nobody waits for it meanwhile."""

from __future__ import annotations

import threading
import time

from dirisha.core.fineract.deadline import Deadline

# So many calls in a row without an answer open it; after the rest one call goes through, and its outcome decides.
FAILURES_IN_A_ROW = 5
REST_S = 5.0


class Breaker:
    """Closed: all calls pass. Open: none. After the rest one goes, and others wait for what it finds."""

    def __init__(self, failures: int = FAILURES_IN_A_ROW, rest_s: float = REST_S) -> None:
        self._most, self._rest_s = failures, rest_s
        self._changed = threading.Condition()
        self._failures = 0
        self._rests_until_s: float | None = None
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        """Whether a call would be turned away now; takes no call's place."""
        with self._changed:
            return self._rests()

    def enter(self, until: Deadline) -> bool:
        """Whether this call may go; who enters says afterwards how it `ended`."""
        with self._changed:
            while self._is_probing and not until.is_over:
                self._changed.wait(until.left_s)
            if self._is_probing or self._rests():
                return False
            self._is_probing = self._rests_until_s is not None
            return True

    def ended(self, *, answered: bool | None) -> bool:
        """True when this call has just opened it. None: it had no time to find out how the core is."""
        with self._changed:
            was_open = self._rests_until_s is not None
            self._is_probing = False
            self._changed.notify_all()
            if answered:
                self._failures, self._rests_until_s = 0, None
            if answered is not False:
                return False
            self._failures += 1
            if self._failures < self._most and not was_open:
                return False
            self._rests_until_s = time.monotonic() + self._rest_s
            return not was_open

    def _rests(self) -> bool:
        return self._rests_until_s is not None and not self._is_probing and time.monotonic() < self._rests_until_s
