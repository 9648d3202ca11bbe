"""The worker: named loops, each run for each institution again and again, from threads that nothing can stop but us.

A loop that fails for one institution waits longer there and nowhere else. Which worker does a loop's work for an
institution, where several run, is the loop's own business (an advisory lock, SKIP LOCKED).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from prometheus_client import Counter, Gauge

from dirisha.db.transactions import release
from dirisha.kit.ids import time_ordered_id
from dirisha.tenants.current import use
from dirisha.tenants.institution import Institution

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
LOOK_FOR_INSTITUTIONS_S = 5.0

log = structlog.get_logger()
rounds = Counter("dirisha_loop_rounds", "Rounds of a worker's loop", ["loop", "institution", "outcome"])
last_good_round = Gauge(
    "dirisha_loop_last_good_round_seconds", "When a round last ended well", ["loop", "institution"],
    multiprocess_mode="max",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loop:
    """`run(at)` does one round for the current institution and says whether there was anything to do.

    The next round comes `busy_s` after one that had work, and for `lingers_s` after the last such one; else `idle_s`
    later. `threads` is how many institutions can have their round at once: more than one for loops that wait for the
    network.
    """

    name: str
    run: Callable[[datetime], bool]
    busy_s: float
    idle_s: float
    lingers_s: float = 0
    threads: int = 1


@dataclass(slots=True)
class _Turn:
    """Where one institution stands in a loop. `due` and `busy_until` are on the monotonic clock."""

    due: float
    busy_until: float = float("-inf")
    pause_s: float = FIRST_PAUSE_S
    is_running: bool = False


@dataclass(slots=True)
class Runner:
    """Runs one loop over all institutions until told to stop."""

    loop: Loop
    institutions: Callable[[], Iterable[Institution]]
    _turns: dict[str, _Turn] = field(default_factory=dict)
    _known: dict[str, Institution] = field(default_factory=dict)
    _looked_at: float = float("-inf")
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _stopping: bool = False

    def start(self) -> list[threading.Thread]:
        threads = [
            threading.Thread(target=self._work, name=f"{self.loop.name}-{number}")
            for number in range(self.loop.threads)
        ]
        for thread in threads:
            thread.start()
        return threads

    def stop(self) -> None:
        """No new round begins; those that run are finished."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def _work(self) -> None:
        while (institution := self._next()) is not None:
            pause_s = self._round(institution)
            with self._changed:
                turn = self._turns[institution.slug]
                turn.is_running, turn.due = False, time.monotonic() + pause_s
                self._changed.notify()

    def _next(self) -> Institution | None:
        """Wait for the institution whose turn it is; None when stopping."""
        with self._changed:
            while not self._stopping:
                self._look_for_institutions()
                now = time.monotonic()
                waiting = [(turn.due, slug) for slug, turn in self._turns.items() if not turn.is_running]
                due, slug = min(waiting, default=(now + LOOK_FOR_INSTITUTIONS_S, ""))
                if due <= now:
                    self._turns[slug].is_running = True
                    return self._known[slug]
                self._changed.wait(min(due - now, LOOK_FOR_INSTITUTIONS_S))
        return None

    def _look_for_institutions(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < LOOK_FOR_INSTITUTIONS_S:
            return
        self._looked_at = now
        try:
            self._known = {institution.slug: institution for institution in self.institutions()}
        except Exception:
            log.error("worker.institutions_unreadable", exc_info=True)
            return
        for slug in self._known.keys() - self._turns.keys():
            self._turns[slug] = _Turn(due=now)
        for slug in [slug for slug, turn in self._turns.items() if slug not in self._known and not turn.is_running]:
            del self._turns[slug]

    def _round(self, institution: Institution) -> float:
        """One round; how many seconds to pause after it."""
        at = datetime.now(UTC)
        turn = self._turns[institution.slug]
        names = {"loop": self.loop.name, "institution": institution.slug}
        with structlog.contextvars.bound_contextvars(correlation=str(time_ordered_id(at)), **names), use(institution):
            try:
                had_work = self.loop.run(at)
            except Exception:
                pause_s, turn.pause_s = turn.pause_s, min(turn.pause_s * 2, LONGEST_PAUSE_S)
                log.error("worker.round_failed", exc_info=True, again_in_s=pause_s)
                rounds.labels(**names, outcome="failed").inc()
                return pause_s
            finally:
                release()
        turn.pause_s = FIRST_PAUSE_S
        rounds.labels(**names, outcome="worked" if had_work else "idle").inc()
        last_good_round.labels(**names).set(at.timestamp())
        now = time.monotonic()
        if had_work:
            turn.busy_until = now + self.loop.lingers_s
        return self.loop.busy_s if had_work or now < turn.busy_until else self.loop.idle_s


def run(loops: list[Loop], institutions: Callable[[], Iterable[Institution]], stopping: threading.Event) -> None:
    """Run the loops until `stopping` is set, then let their rounds end."""
    runners = [Runner(loop, institutions) for loop in loops]
    threads = [thread for runner in runners for thread in runner.start()]
    log.info("worker.started", loops=[loop.name for loop in loops])
    stopping.wait()
    for runner in runners:
        runner.stop()
    for thread in threads:
        thread.join()
    log.info("worker.stopped")
