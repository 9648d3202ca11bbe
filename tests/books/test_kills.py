"""Killed fifty times, in the middle of acts that are tried again under the same key: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import queue
import random
import signal
import threading
import time
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from dirisha.audit import sealer
from dirisha.engine.verify import commands_without_event
from dirisha.ledger import fold, verify
from tests.bank import NOW, Bank
from tests.books.callers import Wishes, by_menu, keep, post
from tests.books.killable import POINTS
from tests.books.site import PATIENCE_S, site
from tests.journeys.drivers.mifos import ROOT, basic

KILLS = int(os.environ.get("KILLS", "50"))
PEOPLE = ("trader", "farmer")


def by_app(bank: Bank, port: int, wishes: Wishes, stop: threading.Event, seed: int) -> int:
    """An app that asks again under its key until it knows: own transfers and repayments of small amounts."""
    chance = random.Random(seed)
    people = {key: bank.someone(key) for key in PEOPLE}
    done = 0
    while not stop.is_set():
        who = people[chance.choice(PEOPLE)]
        key = str(uuid4())
        source = chance.choice(who.savings)
        other = [account for account in who.savings if account.id != source.id]
        target = who.loans[0] if not other or chance.random() < 0.5 else other[0]
        body = json.dumps({
            "fromOfficeId": 1, "fromClientId": who.client, "fromAccountType": 2, "fromAccountId": source.id,
            "toOfficeId": 1, "toClientId": who.client, "toAccountType": 1 if target.ref.kind == "loan" else 2,
            "toAccountId": target.id, "transferAmount": str(chance.randrange(1, 4)), "locale": "en",
            "transferDate": "24 November 2026", "dateFormat": "dd MMMM yyyy",
            "transferDescription": "by app",
        })  # fmt: skip
        headers = {
            "Content-Type": "application/json", "Idempotency-Key": key, "Fineract-Platform-TenantId": "tumaini",
            "Authorization": basic(who.character.login, who.character.password),
        }  # fmt: skip
        while True:
            with wishes.flying():
                status, answer = post(port, f"{ROOT}/accounttransfers", body, headers)
            wishes.asked[key] += 1
            if status in (200, 403):
                break
            if stop.is_set() and wishes.asked[key] > 2000:
                raise AssertionError(f"never known: {status} {answer[:300]}")
            time.sleep(0.005)  # a moment between two tries, as an app leaves
        wishes.told[key] = status
        wishes.kinds[f"app {status}"] += 1
        done += 1
    return done


@pytest.mark.slow
@pytest.mark.security("M-02")
@pytest.mark.security("M-11")
def test_killed_fifty_times(bank: Bank) -> None:
    from dirisha.simulators.africastalking.desk import serving
    from dirisha.simulators.africastalking.gateway import Gateway
    from dirisha.simulators.africastalking.inbox import MemoryInbox
    from tests.gateway import account_of

    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))
    print(f"seed {seed}: SEED={seed} repeats the choices of this run")
    chance = random.Random(seed)
    bank.house.reached_all()
    inbox = MemoryInbox()
    gateway = Gateway(account_of(bank.institution), inbox)
    with serving(gateway) as address, site() as running:
        bank.change(
            **{"http://127.0.0.1:9/version1/messaging": address, 'ussd_small_below = "500"': 'ussd_small_below = "0"'}
        )
        money_before = bank.sql("select count(*) from journal")[0][0]
        rows_before = bank.sql("select count(*) from outbox")[0][0]
        wishes, stop = Wishes(), threading.Event()
        ends: queue.Queue[Any] = queue.Queue()
        callers = [
            threading.Thread(target=keep, args=(ends, by_app, bank, running.port, wishes, stop, seed + n))
            for n in range(4)
        ]
        callers += [
            threading.Thread(target=keep, args=(ends, by_menu, bank, running.port, wishes, stop, who)) for who in PEOPLE
        ]
        for caller in callers:
            caller.start()

        in_flight, points = 0, Counter[str]()
        orders = [(role, point) for role, named in POINTS.items() for point in named]
        for number in range(KILLS):
            role, point = orders[number % len(orders)]
            beside = running.start("web") if role == "worker" else None
            running.start(role, point, after=chance.randrange(1, 6))
            under_way = running.until_killed(role)
            # A worker answers nobody itself: there the callers tell whether acts went on beside it.
            in_flight += (wishes.in_flight if role == "worker" else under_way) > 0
            if beside is not None:  # at any moment whatever, while acts go on
                os.kill(beside, signal.SIGKILL)
                running.until_killed("web")
            points[point] += 1
        running.start("web")
        running.start("worker")
        stop.set()
        for caller in callers:
            caller.join(PATIENCE_S)
        failures = [
            end
            for end in iter(lambda: ends.get_nowait() if not ends.empty() else None, None)
            if isinstance(end, BaseException)
        ]
        assert failures == []
        _until_all_sent(bank)

    print(f"{KILLS} kills, {in_flight} with an act in flight; {dict(points)}; {dict(wishes.kinds)}")
    assert in_flight >= KILLS * 0.8
    assert set(points) == {point for named in POINTS.values() for point in named}

    # Every act's outcome is known, and the books say the same.
    for key, status in wishes.told.items():
        journals = bank.sql(
            "select count(j.id) from command c left join journal j on j.command = c.id where c.key = %s group by c.id",
            key,
        )
        assert journals == [(1 if status == 200 else 0,)], (key, status)
    doubled = bank.sql("select command, count(*) from journal group by command having count(*) > 1")
    assert doubled == []
    with_journal = bank.sql("select count(*) from journal")[0][0] - money_before
    assert with_journal > KILLS
    fold.fold()
    assert verify.findings() == []
    sealer.seal(NOW)
    assert sealer.verify().findings == ()
    assert commands_without_event() == 0

    # One notice an act, none missing; a second copy only where the worker was killed behind the hand-over.
    notices = bank.sql(
        "select id, state from outbox where kind = 'notice' and event in ('repaid', 'transferred') and command in"
        " (select command from journal order by xid desc limit %s)",
        with_journal,
    )
    assert len(notices) == with_journal
    assert {state for _, state in notices} == {"sent"}
    copies = Counter(message.reference for message in inbox.all())
    missing = [str(identifier) for identifier, _ in notices if copies[str(identifier)] < 1]
    assert missing == []
    second = sum(copies[str(identifier)] - 1 for identifier, _ in notices)
    assert second <= points["after the hand-over"], second
    assert rows_before + with_journal <= bank.sql("select count(*) from outbox")[0][0]


def _until_all_sent(bank: Bank) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if bank.sql("select count(*) from outbox where state = 'waiting'") == [(0,)]:
            return
        time.sleep(0.05)
    raise AssertionError(
        bank.sql("select state, tries, leased_until, due_at, event from outbox where state = 'waiting' limit 5")
    )
