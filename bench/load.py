"""Acts through the engine on 32 connections: threads of a few processes, each on random clients."""

from __future__ import annotations

import multiprocessing
import os
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from bench.world import CLIENTS, NOW, World

CONNECTIONS = 32
PROCESSES = 2
FIRST_ACCOUNT = 1001


def acts(world: World, what: str, *, seconds: int, core: str | None = None) -> tuple[int, float]:
    """How many were done, and in how many seconds. `core` names another core than the institution's own."""
    context = multiprocessing.get_context("fork")
    results: Any = context.Queue()
    gate = context.Barrier(PROCESSES)
    processes = [context.Process(target=_process, args=(what, core, seconds, gate, results)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    counts = [results.get() for _ in processes]
    for process in processes:
        process.join()
    return sum(counts), float(seconds)


def _process(what: str, core: str | None, seconds: int, gate: Any, results: Any) -> None:
    from django.conf import settings

    from dirisha.db.transactions import release
    from dirisha.tenants.current import use

    institution = settings.DIRISHA_REGISTRY.by_slug("bench")
    if core is not None:
        institution = institution.model_copy(update={"core": core})
    one = {"transfer": _transfer, "repay": _repay}[what](institution)
    counts = [0] * (CONNECTIONS // PROCESSES)
    ready = threading.Barrier(len(counts) + 1)
    stop_at = [0.0]

    def work(thread: int) -> None:
        chance = random.Random(os.getpid() * 1000 + thread)
        with use(institution):
            one(chance)
            ready.wait()
            while time.monotonic() < stop_at[0]:
                one(chance)
                counts[thread] += 1
            release()

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(len(counts))]
    for thread in threads:
        thread.start()
    gate.wait()
    stop_at[0] = time.monotonic() + seconds
    ready.wait()
    for thread in threads:
        thread.join()
    results.put(sum(counts))


def _transfer(institution: Any) -> Callable[[random.Random], None]:
    from dirisha.acts.transfers.own import own
    from dirisha.engine.outcome import Done
    from dirisha.engine.run import run
    from dirisha.kit.ids import SavingsId
    from dirisha.kit.money import Money

    amount = Money(1, institution.currency)

    def one(chance: random.Random) -> None:
        n = chance.randrange(1, CLIENTS + 1)
        a = SavingsId(FIRST_ACCOUNT + (n - 1) * 2)
        key = f"{chance.getrandbits(60)}"
        outcome = run(own, _actor(n), at=NOW, key=key, source_id=a, target_id=SavingsId(a + 1), amount=amount)
        assert isinstance(outcome, Done), outcome

    return one


def _repay(institution: Any) -> Callable[[random.Random], None]:
    """Small parts of the first instalment, whose interest is paid first: every act credits interest income."""
    from dirisha.acts.loans.repay import repay
    from dirisha.engine.outcome import Done
    from dirisha.engine.run import run
    from dirisha.kit.ids import LoanId, SavingsId
    from dirisha.kit.money import Money

    amount = Money(1, institution.currency)

    def one(chance: random.Random) -> None:
        n = chance.randrange(1, CLIENTS + 1)
        source = SavingsId(FIRST_ACCOUNT + (n - 1) * 2)
        loan = LoanId(FIRST_ACCOUNT + CLIENTS * 2 + (n - 1))
        key = f"{chance.getrandbits(60)}"
        outcome = run(repay, _actor(n), at=NOW, key=key, source_id=source, loan_id=loan, amount=amount)
        assert isinstance(outcome, Done), outcome

    return one


def _actor(n: int) -> Any:
    from dirisha.kit.actor import Actor, Channel, Role
    from dirisha.kit.ids import ClientId, UserId

    return Actor("bench", Channel.MIFOS, Role.CLIENT, UserId(n), (ClientId(n),), correlation="bench")
