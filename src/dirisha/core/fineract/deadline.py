"""The moment by which an answer must be there, for all calls of one question together."""

from __future__ import annotations

import time


class Deadline:
    def __init__(self, patience_s: float) -> None:
        self._until = time.monotonic() + patience_s

    @property
    def left_s(self) -> float:
        return max(0.0, self._until - time.monotonic())

    @property
    def is_over(self) -> bool:
        return self.left_s <= 0
