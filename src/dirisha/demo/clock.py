"""A simulated clock: lives are lived on it side by side, in the order of time, as fast as the acts allow.

A life is a generator. It yields the moment until which it sleeps, and is woken with it:

    at = yield morning(day)
    branch.deposit(account, amount, at=at)
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator, Iterable
from datetime import UTC, date, datetime, time, timedelta

from dirisha.tenants.current import current

Life = Generator[datetime, datetime, None]


class BackInTime(RuntimeError):
    """A life wished to wake before the moment at which it fell asleep: its story is wrong."""


def live(lives: Iterable[Life], *, after_each: Callable[[datetime], None] = lambda at: None) -> None:
    """Live all lives to their end. `after_each` is called with the moment once whoever woke then sleeps again.

    Of two that wake at one moment the earlier in `lives` goes first, so that the same lives give the same history.
    """
    agenda: list[tuple[datetime, int, Life]] = []
    for number, life in enumerate(lives):
        _sleep(agenda, number, life, next(life, None))
    while agenda:
        at, number, life = heapq.heappop(agenda)
        _sleep(agenda, number, life, _wake(life, at))
        after_each(at)


def _wake(life: Life, at: datetime) -> datetime | None:
    try:
        until = life.send(at)
    except StopIteration:
        return None
    if until < at:
        raise BackInTime(f"{life!r} at {at} wishes to wake at {until}")
    return until


def _sleep(agenda: list[tuple[datetime, int, Life]], number: int, life: Life, until: datetime | None) -> None:
    if until is not None:
        heapq.heappush(agenda, (until, number, life))


def moment(day: date, clock: time) -> datetime:
    """That time of that day where the institution is, as an instant."""
    return datetime.combine(day, clock, tzinfo=current().zone).astimezone(UTC)


def morning(day: date, *, minutes: int = 0) -> datetime:
    """Nine o'clock, or so many minutes after."""
    return moment(day, time(9)) + timedelta(minutes=minutes)
