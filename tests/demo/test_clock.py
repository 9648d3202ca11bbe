"""The simulated clock wakes whoever is due, in the order of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dirisha.demo.clock import BackInTime, Life, live

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def _life(seen: list[tuple[str, int]], name: str, *days: int) -> Life:
    for day in days:
        at = yield BEGAN + timedelta(days=day)
        seen.append((name, (at - BEGAN).days))


def test_lives_are_lived_side_by_side_in_the_order_of_time() -> None:
    seen: list[tuple[str, int]] = []
    after: list[int] = []

    live(
        [_life(seen, "a", 1, 5, 9), _life(seen, "b", 2, 5), _life(seen, "c")],
        after_each=lambda at: after.append((at - BEGAN).days),
    )

    assert seen == [("a", 1), ("b", 2), ("a", 5), ("b", 5), ("a", 9)]
    assert after == [1, 2, 5, 5, 9]


def test_nobody_goes_back_in_time() -> None:
    with pytest.raises(BackInTime):
        live([_life([], "a", 3, 2)])
