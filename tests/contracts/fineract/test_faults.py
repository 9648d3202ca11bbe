"""Each fault as it shows at the other end of the wire, and what it does to the money; then the stand-in killed."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from tests.bank import Bank
from tests.contracts.fineract.conftest import Caller
from tests.contracts.fineract.killable import POINTS


def broken(
    core: Caller, *, reads: dict[str, int] | None = None, money: dict[str, int] | None = None, delay_ms: int = 0
) -> None:
    from dirisha.simulators.fineract.faults import Chances, Fault

    def chances(given: dict[str, int]) -> Chances:
        return Chances({Fault(name): percent for name, percent in given.items()}, delay_ms)

    core.desk.faults.set(
        reads=None if reads is None else chances(reads), money=None if money is None else chances(money)
    )


def moved(bank: Bank, since: int) -> int:
    return len(bank.movements()) - since


# How many journals a fault leaves behind, and what comes through of the answer: an exception, or status and type.
SHOWN: dict[str, tuple[int, Any]] = {
    "cut_before": (0, httpx.RemoteProtocolError),
    "cut_after": (1, httpx.RemoteProtocolError),
    "truncated": (1, httpx.RemoteProtocolError),
    "maintenance": (0, (503, "text/html")),
    "error_after": (1, ("5xx", "text/html")),
    "wrong_type": (1, (200, "text/html")),
    "duplicate": (1, (200, "application/json")),
    "delay": (1, (200, "application/json")),
}


@pytest.mark.parametrize("fault", SHOWN)
def test_each_fault_as_it_shows_and_what_it_leaves(
    fault: str, core: Caller, transfer: dict[str, Any], bank: Bank
) -> None:
    """And when all is well again, the same key is answered with what there is: money moves once in the end."""
    journals, shown = SHOWN[fault]
    broken(core, money={fault: 100}, delay_ms=40 if fault == "delay" else 0)
    before = len(bank.movements())
    if isinstance(shown, tuple):
        response = core.post("/accounttransfers", transfer, key="once")
        status = "5xx" if fault == "error_after" else response.status_code
        assert (status, response.headers["content-type"]) == shown
        assert fault != "error_after" or response.status_code in (500, 502, 503, 504)
        assert response.headers.get("x-served-from-cache") == ("true" if fault == "duplicate" else None)
        assert fault != "delay" or response.elapsed.total_seconds() >= 0.04
    else:
        with pytest.raises(shown):
            core.post("/accounttransfers", transfer, key="once")
    assert moved(bank, before) == journals

    core.desk.faults.heal()
    again = core.post("/accounttransfers", transfer, key="once")
    assert again.status_code == 200
    assert again.headers.get("x-served-from-cache") == ("true" if journals else None)
    assert moved(bank, before) == 1


def test_a_duplicate_without_a_key_is_done_twice(core: Caller, transfer: dict[str, Any], bank: Bank) -> None:
    """Which is why there is a key."""
    broken(core, money={"duplicate": 100})
    before = len(bank.movements())
    core.post("/accounttransfers", transfer)
    assert moved(bank, before) == 2


def test_a_clock_that_is_apart_stays_so_for_a_while_then_comes_back(core: Caller, transfer: dict[str, Any]) -> None:
    """Its business date and its `Date` with it; a day behind, it refuses what is of today for good."""
    from email.utils import parsedate_to_datetime

    from dirisha.simulators.fineract.faults import CALLS_APART, Chances, Fault

    def days() -> tuple[date, date]:
        reply = core.call("GET", "/businessdate/BUSINESS_DATE")
        return date(*reply.json()["date"]), parsedate_to_datetime(reply.headers["date"]).date()

    today = days()
    seen, answers = set(), set()
    for seed in range(6):
        core.desk.faults.set(seed=seed, reads=Chances({Fault.CLOCK_APART: 100}))
        apart = days()
        core.desk.faults.reads = Chances()  # what has begun goes on
        assert apart[0] - today[0] == apart[1] - today[1]
        seen.add((apart[0] - today[0]).days)
        booked = core.post("/accounttransfers", transfer, key=f"key {seed}")
        answers.add(((apart[0] - today[0]).days, booked.status_code))
        assert all(days() == apart for _ in range(CALLS_APART - 2))
        assert days() == today
        assert core.post("/accounttransfers", transfer, key=f"key {seed}").status_code == booked.status_code
    assert seen == {-1, 1} and answers == {(-1, 400), (1, 200)}


def test_kinds_of_call_break_apart(core: Caller, transfer: dict[str, Any]) -> None:
    broken(core, reads={"maintenance": 100}, money={})
    assert core.call("GET", f"/savingsaccounts/{transfer['fromAccountId']}").status_code == 503
    assert core.post("/accounttransfers", transfer).status_code == 200
    broken(core, reads={}, money={"maintenance": 100})
    assert core.call("GET", f"/savingsaccounts/{transfer['fromAccountId']}").status_code == 200
    assert core.post("/accounttransfers", transfer).status_code == 503


def test_the_same_seed_gives_the_same_days() -> None:
    from dirisha.simulators.fineract.faults import Chances, Fault, Faults, Kind

    chances = Chances({Fault.CUT_AFTER: 20, Fault.ERROR_AFTER: 20, Fault.DELAY: 50}, 100)
    first, second, other = (Faults(seed, money=chances) for seed in (7, 7, 8))
    days = [[faults.next(Kind.MONEY) for _ in range(200)] for faults in (first, second, other)]
    assert days[0] == days[1] != days[2]
    counted = [
        sum(fate.fault is fault for fate in days[0]) for fault in (Fault.CUT_AFTER, Fault.ERROR_AFTER, Fault.NONE)
    ]
    assert all(count > 20 for count in counted) and sum(counted) == 200
    assert 60 < sum(fate.delay_ms == 100 for fate in days[0]) < 140


def test_more_than_all_calls_can_suffer_nothing() -> None:
    from dirisha.simulators.fineract.faults import Chances, Fault

    for of in ({Fault.CUT_AFTER: 60, Fault.CUT_BEFORE: 41}, {Fault.DELAY: 101}, {Fault.DELAY: -1}):
        with pytest.raises(ValueError):
            Chances(of)


def test_the_business_date_apart_from_the_clock(core: Caller, transfer: dict[str, Any]) -> None:
    """Money is dated by the core's day, whatever the caller's clock says."""
    core.desk.branch = replace(core.desk.branch, business_date=date(2026, 11, 22))
    assert core.get("/businessdate/BUSINESS_DATE")["date"] == [2026, 11, 22]
    future = core.post("/accounttransfers", transfer)
    assert (
        future.json()["errors"][0]["userMessageGlobalisationCode"]
        == "error.msg.savingsaccount.transaction.in.the.future"
    )
    right = core.post("/accounttransfers", transfer | {"transferDate": "22 November 2026"})
    assert right.status_code == 200
    newest = core.get(f"/savingsaccounts/{transfer['fromAccountId']}/transactions/search?limit=1")["content"][0]
    assert newest["date"] == [2026, 11, 22]


# --- killed -----------------------------------------------------------------------------------------------------------


@contextmanager
def process(
    bank: Bank, core: Caller, *, point: str = "", after: int = 0
) -> Iterator[tuple[Caller, subprocess.Popen[str]]]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    arguments = [bank.institution.slug, str(port), *([point, str(after)] if point else [])]
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.contracts.fineract.killable", *arguments], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    try:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        yield replace(core, url=f"http://127.0.0.1:{port}/fineract-provider/api/v1"), child
    finally:
        child.kill()
        child.wait()
        child.stdout and child.stdout.close()


@pytest.mark.parametrize("point", POINTS)
def test_killed_it_loses_nothing_and_doubles_nothing(
    point: str, core: Caller, transfer: dict[str, Any], bank: Bank
) -> None:
    """Forty wishes by eight callers; the process dies in the middle of them, the next one is asked under the same keys."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    after = random.Random(seed).randint(5, 30)
    before = len(bank.movements())
    keys = [f"wish {number}" for number in range(40)]

    def ask(caller: Caller, key: str) -> int | None:
        try:
            with httpx.Client(timeout=20) as http:
                return int(replace(caller, http=http).post("/accounttransfers", transfer, key=key).json()["resourceId"])
        except httpx.TransportError:
            return None

    with process(bank, core, point=point, after=after) as (first, child), ThreadPoolExecutor(8) as pool:
        heard = dict(zip(keys, pool.map(lambda key: ask(first, key), keys), strict=True))
        assert child.wait(20) == -signal.SIGKILL
    done, told = moved(bank, before), sum(number is not None for number in heard.values())
    print(f"killed {point} after {after}: {done} done, {told} told")
    assert told <= done < 40
    assert point == "before the commit" or done > told

    with process(bank, core) as (second, _):
        numbers = {key: ask(second, key) for key in keys}
    assert moved(bank, before) == 40
    assert len(set(numbers.values())) == 40
    assert all(numbers[key] == number for key, number in heard.items() if number is not None)
    from dirisha.engine.verify import commands_without_event
    from dirisha.ledger import verify

    assert verify.findings() == []
    assert commands_without_event() == 0
