"""The worker's loops: each institution has its turn, and a fault stays where it happened."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dirisha.server import worker
from dirisha.server.worker import Loop, Runner
from dirisha.tenants.current import chosen, current
from dirisha.tenants.institution import Institution, read_institution
from tests.server.conftest import INSTITUTION, until


@pytest.fixture
def institutions(tmp_path: Path) -> list[Institution]:
    found = []
    for slug in ("umoja", "pili", "tatu"):
        file = tmp_path / f"{slug}.toml"
        file.write_text(INSTITUTION.format(slug=slug))
        found.append(read_institution(file))
    return found


@contextmanager
def running(institutions: list[Institution], *loops: Loop) -> Iterator[None]:
    stopping = threading.Event()
    thread = threading.Thread(target=worker.run, args=(list(loops), lambda: institutions, stopping))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(30)
    assert not thread.is_alive()


def loop(name: str, run: Callable[[datetime], bool], **options: Any) -> Loop:
    return Loop(name, run, **{"busy_s": 0.001, "idle_s": 0.001, **options})


@pytest.mark.usefixtures("house")
def test_each_institution_has_its_rounds_at_the_moment_they_begin(institutions: list[Institution]) -> None:
    rounds: Counter[str] = Counter()
    moments: list[datetime] = []

    def note(at: datetime) -> bool:
        rounds[current().slug] += 1
        moments.append(at)
        return False

    began = datetime.now(UTC)
    with running(institutions, loop("note", note)):
        until(lambda: len(rounds) == 3 and min(rounds.values()) >= 3)

    assert began <= min(moments) <= max(moments) <= datetime.now(UTC)
    assert chosen() is None


@pytest.mark.usefixtures("house")
def test_a_fault_stops_neither_other_institutions_nor_other_loops(institutions: list[Institution]) -> None:
    seen: Counter[tuple[str, str]] = Counter()

    def fails_for_one(at: datetime) -> bool:
        seen["failing", current().slug] += 1
        if current().slug == "pili":
            raise RuntimeError("pili's gateway is away")
        return True

    def works(at: datetime) -> bool:
        seen["working", current().slug] += 1
        return True

    with running(institutions, loop("failing", fails_for_one), loop("working", works)):
        until(lambda: seen["failing", "tatu"] > 20 and seen["working", "pili"] > 20 and seen["failing", "pili"])

        assert seen["failing", "pili"] * 5 < seen["failing", "tatu"], "a failing round must wait longer"


@pytest.mark.usefixtures("house")
def test_an_institution_never_has_two_rounds_of_a_loop_at_once(institutions: list[Institution]) -> None:
    lock, under_way, most, rounds = threading.Lock(), Counter[str](), Counter[str](), Counter[str]()
    together = threading.Barrier(3)

    def overlap(at: datetime) -> bool:
        slug = current().slug
        with lock:
            under_way[slug] += 1
            most[slug] = max(most[slug], under_way[slug])
        if rounds[slug] == 0:
            together.wait(30)  # passes only when all three institutions are at it at the same time
        with lock:
            under_way[slug] -= 1
            rounds[slug] += 1
        return True

    with running(institutions, loop("overlap", overlap, threads=4)):
        until(lambda: len(rounds) == 3 and min(rounds.values()) >= 20)

    assert most == Counter({"umoja": 1, "pili": 1, "tatu": 1})


@pytest.mark.usefixtures("house")
def test_a_stop_lets_the_round_under_way_end(institutions: list[Institution]) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(at: datetime) -> bool:
        begun.set()
        go_on.wait(30)
        ended.set()
        return True

    runner = Runner(loop("slow", slow), lambda: institutions[:1])
    threads = runner.start()
    assert begun.wait(30)
    runner.stop()
    assert not ended.is_set()
    go_on.set()
    for thread in threads:
        thread.join(30)

    assert ended.is_set()
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.usefixtures("house")
def test_after_work_it_goes_on_looking_often(institutions: list[Institution]) -> None:
    rounds = 0

    def works_once(at: datetime) -> bool:
        nonlocal rounds
        rounds += 1
        return rounds == 1

    with running(institutions[:1], loop("lingering", works_once, idle_s=600, lingers_s=600)):
        until(lambda: rounds >= 5)


@pytest.mark.usefixtures("house")
def test_an_institution_that_is_added_gets_its_rounds(
    institutions: list[Institution], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK_FOR_INSTITUTIONS_S", 0.01)
    known = institutions[:1]
    seen: set[str] = set()

    def note(at: datetime) -> bool:
        seen.add(current().slug)
        return False

    with running(known, loop("note", note)):
        until(lambda: seen == {"umoja"})
        known.append(institutions[1])
        until(lambda: seen == {"umoja", "pili"})
