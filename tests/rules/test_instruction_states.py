"""An instruction ends in the truth of the far books, whatever the network does with requests and answers.

The far core is modelled as Fineract behaves: it carries a key out once, tells "in progress" while it does, replays what
it decided. Requests may be lost, doubled, or carried out long after the sender gave up; answers may be lost or come when
another has taken the lease. Accounts change meanwhile, so that a look says no where an earlier sending still may succeed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dirisha.core.port import (
    Answer,
    Awaiting,
    Booked,
    LoanNotActive,
    NoAnswer,
    NotEnoughMoney,
    NotTaken,
    Rejected,
)
from dirisha.payments.states import Lease, State, contradicts, heard

BEGAN = datetime(2026, 11, 24, 9, tzinfo=UTC)
LEASE = timedelta(seconds=75)
CORE_TAKES_AT_MOST = timedelta(minutes=30)


@dataclass
class FarCore:
    """One key: what was decided under it, and requests that are still on their way."""

    chance: random.Random
    has_money: bool = True
    loan_is_open: bool = True
    needs_approval: bool = False
    decided: Answer | None = None
    bookings: int = 0
    is_waiting: bool = False
    arriving: list[datetime] = field(default_factory=list)  # moments at which a delayed request is carried out

    def carry_out(self) -> Answer:
        if self.decided is not None:
            return self.decided
        if self.needs_approval:
            self.is_waiting = True
            return Awaiting("331")
        if self.has_money:
            self.bookings += 1
            self.decided = Booked("42")
        else:
            self.decided = Rejected(NotEnoughMoney(), "insufficient.account.balance")
        return self.decided

    def pass_time(self, now: datetime) -> None:
        for moment in [each for each in self.arriving if each <= now]:
            self.arriving.remove(moment)
            self.carry_out()
        if self.is_waiting and self.chance.random() < 0.3:
            self.needs_approval, self.is_waiting = False, False
            self.carry_out()

    # --- what an adapter makes of it

    def post(self, now: datetime) -> Answer:
        match self.chance.choice(["well", "well", "refused", "lost", "answer lost", "late", "twice"]):
            case "refused":
                return NotTaken("connection refused")
            case "lost":
                return NoAnswer("time-out")
            case "answer lost":
                self.carry_out()
                return NoAnswer("cut")
            case "late":
                self.arriving.append(now + self.chance.random() * CORE_TAKES_AT_MOST)
                return NoAnswer("time-out")
            case "twice":
                self.carry_out()
        return self.carry_out()

    def send(self, now: datetime) -> Answer:
        if not self.loan_is_open:
            return Rejected(LoanNotActive(), "look: loan closed", by_look=True)
        return self.post(now)

    def trace(self, now: datetime) -> Answer:
        if self.chance.random() < 0.2:
            return NotTaken("breaker open")
        if isinstance(self.decided, Booked):  # found in the account's transactions
            return self.decided
        if self.loan_is_open or self.decided is not None:
            return self.post(now)
        return self.use_up_the_key()

    def use_up_the_key(self) -> Answer:
        """The same key with a body that is refused in any case: a verdict, unless it is at work under that key."""
        if self.is_waiting:
            return NoAnswer("425: in progress")
        if self.chance.random() < 0.3:
            return NoAnswer("time-out")
        self.decided = Rejected(LoanNotActive(), "look: loan closed, key used up")
        return NoAnswer("cut") if self.chance.random() < 0.3 else self.decided


@dataclass
class Row:
    state: State = State.ACCEPTED
    tries: int = 0
    leased_until: datetime = BEGAN
    ends: list[State] = field(default_factory=list)


def live(seed: int, hostility: int) -> tuple[Row, FarCore]:
    chance = random.Random(seed)
    core = FarCore(chance, has_money=chance.random() < 0.7, needs_approval=chance.random() < 0.2)
    row, now = Row(), BEGAN
    late: list[tuple[datetime, Lease, Answer]] = []  # answers that reach us when somebody else may have the lease
    for turn in range(400):
        now += timedelta(seconds=chance.choice([1, 10, 40, 80, 200]))
        core.pass_time(now)
        if turn < hostility and chance.random() < 0.15:
            core.loan_is_open = not core.loan_is_open
        if turn < hostility and chance.random() < 0.15 and core.decided is None:
            core.has_money = not core.has_money
        for each in [each for each in late if each[0] <= now]:
            late.remove(each)
            hear(row, each[1], each[2], now)
        if row.state.is_final and not late and not core.arriving:
            break
        if row.state.is_final or row.leased_until > now:
            continue
        lease = Lease(row.state, row.tries + 1)
        row.state = State.SENT if row.state is State.ACCEPTED else row.state
        row.tries, row.leased_until = lease.tries, now + LEASE
        if turn < hostility and chance.random() < 0.1:
            continue  # killed between the lease and the sending
        answer = core.send(now) if lease.was is State.ACCEPTED else core.trace(now)
        fate = chance.random() if turn < hostility else 1.0
        if fate < 0.1:
            continue  # killed before the answer is written
        if fate < 0.25:
            late.append((now + timedelta(seconds=chance.randrange(300)), lease, answer))
            continue
        hear(row, lease, answer, now)
        if fate < 0.35:
            hear(row, lease, answer, now)  # heard twice
    return row, core


def hear(row: Row, lease: Lease, answer: Answer, now: datetime) -> None:
    assert not contradicts(row.state, answer)
    step = heard(row.state, row.tries, lease, answer)
    if step is None:
        return
    assert not row.state.is_final
    if step.state.is_final:
        row.ends.append(step.state)
    row.state = step.state
    if lease.tries == row.tries:
        row.leased_until = now


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(min_value=0), hostility=st.integers(min_value=0, max_value=120))
def test_any_order_of_answers_ends_in_the_truth_of_the_far_books(seed: int, hostility: int) -> None:
    row, core = live(seed, hostility)

    assert row.state.is_final, (row, core)
    assert row.ends == [row.state]
    assert core.bookings == (1 if row.state is State.POSTED else 0)


def test_who_has_lost_the_lease_is_heard_on_verdicts_alone() -> None:
    lost = Lease(State.ACCEPTED, 1)

    assert heard(State.SENT, 2, lost, NotTaken("refused")) is None
    assert heard(State.SENT, 2, lost, NoAnswer("cut")) is None
    assert heard(State.SENT, 2, lost, Rejected(LoanNotActive(), "look", by_look=True)) is None
    booked = heard(State.SENT, 2, lost, Booked("7"))
    assert booked is not None and booked.state is State.POSTED
