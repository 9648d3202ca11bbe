"""Killed at each named point once, with nothing left to chance: web, worker and the far core in the middle of one act."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from tests.bank import FarBank, House
from tests.books.callers import AGAIN, AppWish, people_of
from tests.books.far_people import limits, moved, states, told, waits
from tests.books.killable import FAR_POINTS
from tests.books.site import PATIENCE_S, Site, site

RATE = 20
LEASE_S = 80  # a lease of what was killed has ended for the next one


@contextmanager
def in_front(house: House, wait_s: float) -> Iterator[tuple[FarBank, Site]]:
    from dirisha.simulators.fineract.desk import Desk

    with house.far_books() as core, site(KILLABLE_RATE=str(RATE)) as running:
        house.reached_all()
        url = f"http://127.0.0.1:{running.core_port}/fineract-provider"
        with house.in_front_of(Desk(core), url) as bank:
            bank.change(**waits(wait_s))
            yield bank, running


# What the worker is to be killed over, no door sends; after a core that is killed it is the worker that asks, not the door.
WAITS_S = {"web": 2, "worker": 0, "core": 0.25}


def begin(running: Site, role: str, point: str | None = None) -> None:
    more: dict[str, Any] = {"books": "tumaini", "seed": 0} if role == "core" else {}
    more |= {"relays": 2, "messages": False} if role == "worker" else {}
    running.order(role, point, 1, later_s=LEASE_S, for_all=True, **more)
    running.until({"started": role})


@pytest.mark.security("M-02", "M-11")
@pytest.mark.parametrize("role", FAR_POINTS)
def test_an_act_whose_process_is_killed_is_booked_once_and_told_once(house: House, role: str) -> None:
    with in_front(house, wait_s=WAITS_S[role]) as (bank, running):
        begin(running, "core")
        person = people_of(bank, ["trader"])[0]
        for other in {"web", "worker"} - {role}:
            begin(running, other)
        for number, point in enumerate(FAR_POINTS[role], start=1):
            if role == "core":
                running.kill("core")
            begin(running, role, point)
            wish = AppWish(person, person.savings[0], person.savings[1], 1, str(uuid4()))
            answer = wish.sent(running.port) if role != "web" else None
            if role == "web":
                assert wish.sent(running.port).status == 0
            ended = running.until({"ended": role})
            assert ended["signal"] == signal.SIGKILL
            begin(running, role)
            until = time.monotonic() + PATIENCE_S
            while answer is None or answer.status in AGAIN:
                assert time.monotonic() < until, answer
                answer = wish.sent(running.port)
            assert answer.kind in ("booked", "on its way")
            _until_told(bank, number)
            assert set(moved(bank).values()) == {1}, point
            if role != "core":
                running.kill(role)
        references = [reference for reference, _, _ in bank.instructions()]
        assert states(bank) == ["posted"] * len(FAR_POINTS[role])
        assert moved(bank) == dict.fromkeys(references, 1)
        assert told(bank) == [(reference, "transferred") for reference in references]
        assert limits(bank) == {("posted", "used")}


def _until_told(bank: FarBank, number: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while bank.sql("select count(*) from instruction where particulars is not null") != [(number,)]:
        assert time.monotonic() < until, bank.sql("select state, tries, next_at, leased_until from instruction")
        time.sleep(0.02)
