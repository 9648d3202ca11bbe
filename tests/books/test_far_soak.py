"""A thousand money acts in front of a core that cuts, doubles and forgets, while web, worker and core are killed.

Nothing is lost, nothing is doubled in the far books, and everybody is told once how it ended.
`make soak SEEDS=10 ACTS=5000` runs it longer; `SEED=… make soak SEEDS=1` repeats the choices of one run.
"""

from __future__ import annotations

import os
import queue
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from typing import Any
from uuid import uuid4

import pytest

from tests.bank import NOW, FarBank, House
from tests.books.callers import AGAIN, TRY_LATER, AppWish, Person, Wishes, by_menu, keep, people_of
from tests.books.far_people import HIGH_LIMITS, limits
from tests.books.killable import FAR_POINTS
from tests.books.site import Site, site

SEEDS = int(os.environ.get("SEEDS", "3"))
ACTS = int(os.environ.get("ACTS", "1000"))
# Of fifty kills, so many are of each process.
SHARES = {"web": 20, "worker": 14, "core": 16}
APPS, PEOPLE = 8, ("trader", "farmer", "newcomer")
# A payment by the menu is six or more turns, each with reads of its own.
MENUS = {"trader": max(ACTS // 100, 1), "farmer": max(ACTS // 200, 1)}
PATIENCE_S = 240 + ACTS // 5

# The calendar of the killable processes: pauses of seconds are a twentieth; whatever was leased is free after a kill.
RATE = 20
LEASE_S = 76
# Each dies at the n-th passing of its point at the latest, so that fifty kills lie over a thousand acts.
AFTER = {"web": max(ACTS // 20, 2), "worker": max(ACTS // 80, 2), "core": max(ACTS * 6 // 100, 2)}
ANY_MOMENT = "any moment"

BROKEN = {
    "reads": {"cut_after": 1, "error_after": 1, "truncated": 1, "wrong_type": 1, "maintenance": 1},
    "money": {
        "cut_before": 5, "cut_after": 5, "duplicate": 5, "error_after": 5, "truncated": 4, "wrong_type": 4,
        "maintenance": 3, "clock_apart": 1, "delay": 10, "delay_ms": 60,
    },
}  # fmt: skip

LARGEST = 19_000  # the Mifos door takes no more


@dataclass(frozen=True)
class Kill:
    """`in_process` is what the killed process had under way by its own last word; `at_doors` who waited for an answer."""

    role: str
    point: str
    in_process: int
    at_doors: int


# --- processes --------------------------------------------------------------------------------------------------------


@dataclass
class Supervisor:
    """Begins each process anew when it has killed itself, at one point after another."""

    bank: FarBank
    site: Site
    chance: random.Random
    seed: int
    wishes: Wishes
    kills: list[Kill] = field(default_factory=list)
    pids: dict[str, int] = field(default_factory=dict)
    points: dict[str, str | None] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)  # at so many acts a role that dies at any moment does
    begun: Counter[str] = field(default_factory=Counter)

    @property
    def acts(self) -> int:
        return int(self.bank.sql("select count(*) from instruction")[0][0])

    def begin(self, role: str, point: str | None = None, **more: Any) -> None:
        self.begun[role] += 1
        if role == "core":
            more |= {"books": "tumaini", "seed": self.seed + self.begun[role]}
        if role == "worker":
            more |= {"relays": 2, "messages": False, "idle_s": 0.1}
        self.pids.pop(role, None)
        self.points[role], self.due[role] = point, self.acts + self.chance.randrange(1, 12)
        armed = point if point != ANY_MOMENT else None
        later_s = 0 if role == "core" else LEASE_S
        self.site.order(role, armed, self.chance.randrange(1, AFTER[role]), later_s=later_s, for_all=True, **more)

    def until_started(self, role: str) -> None:
        while role not in self.pids:
            self._hear(PATIENCE_S)

    def end(self, role: str) -> None:
        """No kill of the count: the run is over, or has not begun."""
        pid = self.pids.pop(role)
        os.kill(pid, signal.SIGKILL)
        while self._hear(PATIENCE_S).get("ended") != role:
            pass

    def kill(self) -> None:
        """Each role at its points in turn, until all had theirs and there were acts enough."""
        plan = {role: self._plan(role, share) for role, share in SHARES.items()}
        for role in plan:
            self.begin(role, next(plan[role]), **(BROKEN if role == "core" else {}))
        words: dict[int, int] = {}
        until = time.monotonic() + PATIENCE_S
        while any(self.points.values()) or self.acts < ACTS:
            assert time.monotonic() < until, (self.acts, len(self.kills), self.points, self.wishes.kinds)
            told = self._hear(0.05)
            if "passed" in told:
                words[told["pid"]] = told["in_flight"]
            if "ended" in told:
                role, point = told["ended"], self.points[told["ended"]]
                assert told["signal"] == signal.SIGKILL and point, (told, point)
                self.kills.append(Kill(role, point, words.get(told["pid"], 0), self.wishes.in_flight))
                self.begin(role, next(plan[role], None), **(BROKEN if role == "core" else {}))
            self._kill_who_is_due()

    def _plan(self, role: str, most: int) -> Iterator[str]:
        named = [*FAR_POINTS[role], ANY_MOMENT]
        self.chance.shuffle(named)
        return islice(cycle(named), most)

    def _hear(self, timeout_s: float) -> dict[str, Any]:
        try:
            told = self.site.told.get(timeout=timeout_s)
        except queue.Empty:
            return {}
        if "started" in told:
            self.pids[told["started"]] = told["pid"]
        return told

    def _kill_who_is_due(self) -> None:
        for role, pid in list(self.pids.items()):
            if self.points[role] == ANY_MOMENT and self.acts >= self.due[role]:
                del self.pids[role]
                os.kill(pid, signal.SIGKILL)

    def settle(self) -> None:
        """A core without faults takes the place of the one that was; then all that is on its way has an end."""
        self.end("core")
        self.begin("core")
        self.end("worker")
        self.begin("worker")
        until = time.monotonic() + PATIENCE_S
        while left := self.bank.sql(
            "select state, tries, next_at, leased_until from instruction where particulars is null and refusal is null"
        ):
            assert time.monotonic() < until, left[:10]
            time.sleep(0.02)


# --- people -----------------------------------------------------------------------------------------------------------


def open_more_accounts(core: Any) -> None:
    """At the branch, so that many accounts have money on its way at once."""
    from dirisha.db.transactions import release
    from dirisha.demo import cast
    from dirisha.demo.branch import Branch
    from dirisha.tenants.current import use

    with use(core):
        branch = Branch.of(_user_of(core, cast.STAFF.login))
        for client in _clients(core):
            for _ in range(3):
                account = branch.open_savings(client, cast.EVERYDAY, cast.EVERYDAY, at=NOW)
                branch.deposit(account.id, core.money(2000), at=NOW)
        release()


def by_app(bank: FarBank, port: int, people: list[Person], wishes: Wishes, stop: threading.Event, seed: int) -> int:
    """An app that asks again under its key until it has an answer: transfers and repayments, now and then a large one."""
    chance = random.Random(seed)
    done, wish, answer = 0, None, None
    while not stop.is_set():
        # A large one on its way is asked for once more, as somebody does who is not sure: the core refuses one of them.
        is_again = wish and wish.is_large and answer and answer.kind == "on its way"
        wish = replace(wish, key=str(uuid4())) if wish and is_again else _some_wish(people, chance)
        while True:
            with wishes.flying():
                answer = wish.sent(port)
            wishes.asked[wish.key] += 1
            if answer.status not in AGAIN:
                break
            if stop.is_set() and wishes.asked[wish.key] > 2000:
                raise AssertionError(f"never known: {answer}")
            time.sleep(0.1 if answer.status == TRY_LATER else 0.02)  # as an app leaves between two tries
        wishes.answers[wish.key] = answer
        wishes.kinds[f"app: {answer.kind} {answer.code}".strip()] += 1
        done += 1
    return done


def _some_wish(people: list[Person], chance: random.Random) -> AppWish:
    who = chance.choice(people)
    source = chance.choice(who.savings)
    target = chance.choice([account for account in (*who.savings, *who.loans) if account != source])
    is_large = target not in who.loans and chance.random() < 0.1
    # A large one is six tenths of what was there at first.
    amount = min(who.balances[source] * 6 // 1000, LARGEST) if is_large else chance.randrange(1, 4)
    return AppWish(who, source, target, amount, str(uuid4()))


def _user_of(core: Any, login: str) -> Any:
    return _rows("select id from app_user where login_name = %(login)s", login=login)[0].id


def _clients(core: Any) -> list[Any]:
    return [row.id for row in _rows("select id from client order by id")]


def _rows(statement: Any, **values: Any) -> list[Any]:
    from dirisha.db.transactions import Role, transaction

    with transaction("tests", Role.BOOKS) as tx:
        return tx.run(statement, values).all()


# --- the run ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.security("M-02", "M-11")
@pytest.mark.parametrize("number", range(SEEDS))
def test_a_thousand_acts_end_in_the_truth_of_the_far_books(house: House, number: int) -> None:
    from dirisha.simulators.fineract.desk import Desk

    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))
    print(f"\nseed {seed}: SEED={seed} SEEDS=1 repeats the choices of this run")
    with house.far_books() as core, site(KILLABLE_RATE=str(RATE)) as running:
        house.reached_all()
        open_more_accounts(core)
        with house.in_front_of(Desk(core), f"http://127.0.0.1:{running.core_port}/fineract-provider") as bank:
            bank.change(**GENEROUS)
            _run(bank, running, seed)


GENEROUS = HIGH_LIMITS | {"[limits]": "[waits]\nmifos = 0.6\nussd = 0.6\n[limits]"}


def _run(bank: FarBank, running: Site, seed: int) -> None:
    wishes, stop, ends = Wishes(), threading.Event(), queue.Queue[Any]()
    supervisor = Supervisor(bank, running, random.Random(seed), seed, wishes)
    supervisor.begin("core")
    supervisor.until_started("core")
    people = people_of(bank, PEOPLE)
    supervisor.end("core")
    began = time.monotonic()
    callers = [
        threading.Thread(target=keep, args=(ends, by_app, bank, running.port, people, wishes, stop, seed + n))
        for n in range(APPS)
    ]
    callers += [
        threading.Thread(target=keep, args=(ends, by_menu, bank, running.port, wishes, stop, who, most))
        for who, most in MENUS.items()
    ]
    for caller in callers:
        caller.start()
    try:
        supervisor.kill()
    finally:
        stop.set()
    for caller in callers:
        caller.join(PATIENCE_S)
    failures = [end for end in ends.queue if isinstance(end, BaseException)]
    assert failures == []
    supervisor.settle()
    print(
        f"{supervisor.acts} acts, {len(supervisor.kills)} kills in {time.monotonic() - began:.1f} s; {dict(wishes.kinds)}"
    )
    for kill in supervisor.kills:
        print(
            f"  {kill.role:<7} {kill.point:<31} in flight: {kill.in_process:>2} in it, {kill.at_doors:>2} at the doors"
        )
    _every_process_died_in_the_middle_of_acts(supervisor.kills)
    _nothing_is_lost_or_doubled(bank, people)
    _everybody_was_told(bank, wishes)
    _asked_again_it_is_the_same(bank, running.port, wishes)


def _every_process_died_in_the_middle_of_acts(kills: list[Kill]) -> None:
    assert len(kills) == sum(SHARES.values())
    assert sum(kill.at_doors + kill.in_process > 0 for kill in kills) >= 0.9 * len(kills)
    for role, points in FAR_POINTS.items():
        assert {kill.point for kill in kills if kill.role == role} == {*points, ANY_MOMENT}


def _nothing_is_lost_or_doubled(bank: FarBank, people: list[Person]) -> None:
    from dirisha.audit import sealer
    from dirisha.db.transactions import release
    from dirisha.engine.verify import commands_without_event
    from dirisha.ledger import fold, verify
    from dirisha.tenants.current import use

    assert bank.sql("select count(*) from instruction")[0][0] >= ACTS
    channels = {channel for (channel,) in bank.sql("select distinct channel from instruction")}
    assert channels == {"mifos", "ussd"}
    assert bank.sql("select count(*) from instruction where state not in ('posted', 'refused')") == [(0,)]
    # Each that is posted moved once, from its source and as much as it says; nothing else moved.
    posted = bank.sql(
        "select reference, source, (terms->'order'->'amount'->'~money'->>0)::bigint, act,"
        " (terms->'order'->'target'->'account'->>1)::bigint from instruction where state = 'posted' order by reference"
    )
    booked = bank.sql(
        r"select substring(c.terms->'body'->>'transferDescription' from 'Dirisha (\S+) ') as reference, m.debit,"
        " sum(m.amount_minor)::bigint, j.kind from journal j join movement m on m.journal = j.id"
        " join command c on c.id = j.command where c.actor = 'fineract:CREATE_ACCOUNTTRANSFER'"
        " group by j.id, c.id, m.debit order by reference"
    )
    assert booked == [row[:4] for row in posted]
    expected = {account: minor for person in people for account, minor in person.balances.items()}
    for _, source, minor, act, target in posted:
        expected[source] -= minor
        if act == "transfers.own":
            expected[target] += minor
    assert {account: bank.balance(account) for account in expected} == expected

    for institution in (bank.core.institution, bank.institution):
        with use(institution):
            fold.fold()
            assert verify.findings() == []
            sealer.seal(NOW)
            assert sealer.verify().findings == ()
            assert commands_without_event() == 0
            release()

    # What counts against the limits is what has moved, under each of its rules, and nothing is reserved any more.
    assert limits(bank) == {("posted", "used"), ("refused", "released")}
    used = bank.sql("select rule, sum(amount_minor)::bigint from limit_use where state = 'used' group by rule")
    by_channel = dict(
        bank.sql(
            "select channel, sum((terms->'order'->'amount'->'~money'->>0)::bigint)::bigint from instruction"
            " where state = 'posted' group by channel"
        )
    )
    assert sorted(minor for _, minor in used) == sorted([*by_channel.values(), sum(by_channel.values())])


def _everybody_was_told(bank: FarBank, wishes: Wishes) -> None:
    told = bank.sql(
        "select i.reference, i.state, i.act, c.key,"
        " (select array_agg(o.event) from outbox o where o.command = i.command),"
        " (select array_agg(a.outcome order by a.xid, a.id) from audit_event a where a.command = i.command)"
        " from instruction i join command c on c.id = i.command"
    )
    notice = {"transfers.own": "transferred", "loans.repay": "repaid"}
    ends = {"posted": "done", "refused": "refused"}
    shown = {key for key, answer in wishes.answers.items() if answer.kind == "refused"}
    wrong = [
        (reference, state, events, audited)
        for reference, state, act, key, events, audited in told
        if not _is_told_once(events, notice[act] if state == "posted" else "not_made", is_shown=key in shown)
        or audited != ["accepted", ends[state]]
    ]
    assert wrong == []
    # What the apps were told as an end is the end; what was accepted is there.
    stands = dict(bank.sql("select c.key, i.state from instruction i join command c on c.id = i.command"))
    for key, answer in wishes.answers.items():
        assert stands.get(key) in STATES[answer.kind], (key, answer, stands.get(key))


def _is_told_once(events: list[str] | None, wanted: str, *, is_shown: bool) -> bool:
    """By its notice; a refusal by the door's own answer or by its notice."""
    return events == [wanted] or (wanted == "not_made" and is_shown and events is None)


STATES = {"booked": ("posted",), "on its way": ("posted", "refused"), "refused": ("refused", None)}


def _asked_again_it_is_the_same(bank: FarBank, port: int, wishes: Wishes) -> None:
    """Some of those that were told "on its way", and some that were refused."""
    stands = dict(bank.sql("select c.key, i.state from instruction i join command c on c.id = i.command"))
    kinds = {"posted": "booked", "refused": "refused", None: "refused"}
    for wanted in ("on its way", "refused"):
        for key, answer in [each for each in wishes.answers.items() if each[1].kind == wanted][:10]:
            again = answer.wish.sent(port)
            assert again.kind == kinds[stands.get(key)], (key, answer, again)
