"""A year of an institution: its cast and its village, lived by the real acts on a simulated clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dirisha.audit.sealer import seal
from dirisha.demo import cast, village
from dirisha.demo.cast import Troupe
from dirisha.demo.clock import live, moment, morning
from dirisha.kit.calendar import day_at
from dirisha.ledger.fold import fold
from dirisha.tenants.current import current

SEED = 1963  # any other number is another village

Deliver = Callable[[datetime], int]


@dataclass(slots=True)
class _Worker:
    """What `dirisha worker` does all the time: messages go out after each act, books and trail are closed monthly."""

    deliver: Deliver
    messages: int = 0
    month: int = 0

    def after_each(self, at: datetime) -> None:
        self.messages += self.deliver(at)
        month = day_at(at, current().zone).month
        if month != self.month:
            self.month = month
            self.close(at)

    def close(self, at: datetime) -> None:
        seal(at)
        fold()


def write(today: date, troupe: Troupe, *, deliver: Deliver, people: int, seed: int = SEED) -> int:
    """Everything that happened at the current institution up to the evening before `today`; how many messages went out.

    The same day, troupe, seed and number of people make the same history. `deliver` hands over what stands in the
    outbox at a moment, and says how much that was.
    """
    began = today - timedelta(days=village.YEAR_DAYS + 30)
    branches = cast.start_with_staff(cast.prepare_institution(troupe), morning(began), troupe)
    lives = cast.lives(branches[0], today, troupe)
    lives += village.lives(branches, today, troupe, people=people, seed=seed)
    lives.append(cast.switches_sms_on(troupe.character(cast.TRADER.key), today))
    worker = _Worker(deliver)
    live(lives, after_each=worker.after_each)
    worker.close(moment(today - timedelta(days=1), time(23, 59)))
    return worker.messages
