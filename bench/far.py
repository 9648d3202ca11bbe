"""In front of a core that is far away: what a page costs besides its calls, USSD steps, and a queue that is drained."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from bench import ussd
from bench.core import PASSWORD as CORE_PASSWORD
from bench.core import USER
from bench.pages import PASSWORD, give_passwords, log_in
from bench.site import Line, request, served
from bench.world import HOOK, NOW, TOML, World

SELF, STAFF = "/fineract-provider/api/v1/self", "/fineract-provider/api/v1"
HOST = "far.localhost"
FAR_HOOK = HOOK.replace("bench", "distant")
FRONT = (
    'core = "fineract"\n'
    'fineract = {{ url = "http://127.0.0.1:{port}/fineract-provider", user = "{user}", password_env = "BENCH_CORE" }}\n'
    "waits = {{ mifos = {wait} }}"
)
PAGE_CORE_MS, USSD_CORE_MS, DRAIN_CORE_MS = 20, 100, 20
ASKED = 200
INSTRUCTIONS, PAYERS = 2000, 500

# The people of the bench; their accounts are in the far core's books.
PEOPLE = """
insert into payer select n from generate_series(1, {clients}) n;
insert into app_user (login_name, name, role, language, created_at)
    select 'client' || n, 'Client ' || n, 'client', 'en', '2025-01-01' from generate_series(1, {clients}) n;
insert into user_client (user_id, client, role, since)
    select u.id, n, 'owner', '2025-01-01' from generate_series(1, {clients}) n join app_user u on u.login_name = 'client' || n;
insert into phone_link (user_id, msisdn, label, verified_at)
    select u.id, '+2547' || lpad(n::text, 8, '0'), 'one', '2025-01-01' from generate_series(1, {clients}) n join app_user u on u.login_name = 'client' || n;
"""


def measure(world: World, clients: int) -> dict[str, Any]:
    front = _front(world, clients)
    give_passwords(front)
    with _core(world, 0):
        calls = _calls_by_page(world)
        _accept(front, world)
    with _core(world, DRAIN_CORE_MS):
        drained_per_s = _drain(front)
    with _core(world, PAGE_CORE_MS) as port:
        pages = _pages(front, world, port)
    with _core(world, USSD_CORE_MS):
        steps = ussd.measure(front, hook=FAR_HOOK, steps_per_s=40)
    return {"calls": calls, "pages": pages, "ussd": steps, "drained_per_s": drained_per_s}


def _front(world: World, clients: int) -> World:
    from django.conf import settings

    from dirisha.db.schema import ensure_institution

    os.environ["BENCH_CORE"] = CORE_PASSWORD
    _point_to(world, 9)
    institution = settings.DIRISHA_REGISTRY.by_slug("far")
    ensure_institution(world.cluster.admin, world.cluster.owner, institution)
    front = World(world.cluster, world.var, institution)
    for statement in PEOPLE.format(clients=clients).split(";\n"):
        if statement.strip():
            front.sql(statement)
    front.sql("vacuum analyze")
    return front


def _point_to(world: World, port: int, *, wait: int = 5) -> None:
    text = TOML.format(hook=FAR_HOOK).replace('slug = "bench"', 'slug = "far"')
    text = text.replace('core = "dirisha.core.native.core:NativeCore"', FRONT.format(port=port, user=USER, wait=wait))
    (world.var / "institutions" / "far.toml").write_text(text)


@contextmanager
def _core(world: World, delay_ms: int) -> Iterator[int]:
    """A process of its own that answers each call after so many milliseconds."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.core", str(port), str(delay_ms)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdin is not None
    try:
        assert process.stdout.readline().strip() == "ready"
        _point_to(world, port)
        yield port
    finally:
        process.stdin.close()
        process.wait(20)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


OURS = {"Fineract-Platform-TenantId": "far", "Authorization": _basic("client1", PASSWORD)}
THE_CORES = {"Fineract-Platform-TenantId": "default", "Authorization": _basic(USER, CORE_PASSWORD)}


# --- pages ------------------------------------------------------------------------------------------------------------


def _calls_by_page(world: World) -> dict[str, int]:
    """How many calls of the core each page makes, once what may be some seconds old is known."""
    from django.test import Client

    from dirisha.core.fineract.http import Wire

    [(account,)] = world.sql("select min(id) from savings where client = 1")
    [(loan,)] = world.sql("select id from loan where client = 1")
    pages = {
        "accounts": "clients/1/accounts",
        "savings": f"savingsaccounts/{account}?associations=transactions",
        "loan": f"loans/{loan}?associations=all",
        "transfer options": "accounttransfers/template",
    }
    made, original = [0], Wire.exchange

    def counting(self: Any, *arguments: Any, **named: Any) -> Any:
        made[0] += 1
        return original(self, *arguments, **named)

    Wire.exchange = counting  # type: ignore[method-assign]
    found = {}
    try:
        for name, path in pages.items():
            for _ in range(2):
                made[0] = 0
                answer = Client().get(f"{SELF}/{path}", headers=OURS, HTTP_HOST=HOST)
                assert answer.status_code == 200, (name, answer.status_code, answer.content[:300])
            found[name] = made[0]
    finally:
        Wire.exchange = original  # type: ignore[method-assign]
    return found


def _pages(front: World, world: World, core_port: int) -> dict[str, dict[str, float]]:
    """One caller, one page after the other: its time over that of the slowest call that it needs, asked at the core."""
    [(loan,)] = world.sql("select id from loan where client = 1")
    [(account,)] = world.sql("select min(id) from savings where client = 1")
    of_accounts = ("clients/1", "clients/1/accounts", f"loans/{loan}?associations=repaymentSchedule")
    search = f"savingsaccounts/{account}/transactions/search?offset=0&limit=13&dateFormat=yyyy-MM-dd&locale=en"
    took_ms = {path: _median_ms(core_port, f"{STAFF}/{path}", THE_CORES) for path in (*of_accounts, search)}
    with served(front) as port:
        accounts_ms = _median_ms(port, f"{SELF}/clients/1/accounts", OURS)
        home_ms = _median_ms(port, "/", {"Cookie": log_in(port, HOST)})
    return {
        "Mifos API, accounts": _over(accounts_ms, max(took_ms[path] for path in of_accounts)),
        "portal, home": _over(home_ms, max(took_ms.values())),
    }


def _over(page_ms: float, slowest_ms: float) -> dict[str, float]:
    return {"page_ms": page_ms, "slowest_ms": slowest_ms, "over_ms": page_ms - slowest_ms}


def _median_ms(port: int, path: str, headers: dict[str, str]) -> float:
    async def ask() -> list[float]:
        line, times_ms = await Line.to(port), []
        for number in range(ASKED + 20):
            began = time.perf_counter()
            status, body = await line.ask(request("GET", path, headers, host=HOST))
            assert status == 200, (path, status, body[:200])
            if number >= 20:
                times_ms.append((time.perf_counter() - began) * 1000)
        return times_ms

    return statistics.median(asyncio.run(ask()))


# --- a queue ----------------------------------------------------------------------------------------------------------


def _accept(front: World, world: World) -> None:
    """Instructions that no door has waited for, and no worker has seen."""
    from django.conf import settings

    core_port = settings.DIRISHA_REGISTRY.by_slug("far").fineract.url.split(":")[2].split("/")[0]
    _point_to(world, int(core_port), wait=0)
    savings = {
        client: (source, target)
        for client, source, target in world.sql(
            "select client, min(id), max(id) from savings where client <= %s group by client", PAYERS
        )
    }
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: _accept_one(n % PAYERS + 1, n, savings), range(INSTRUCTIONS)))


def _accept_one(client: int, number: int, savings: dict[int, tuple[int, int]]) -> None:
    from decimal import Decimal

    from django.conf import settings

    from dirisha.access.people import person
    from dirisha.acts.transfers.own import own
    from dirisha.db.transactions import release
    from dirisha.engine.outcome import Pending
    from dirisha.engine.run import run
    from dirisha.kit.actor import Channel
    from dirisha.kit.ids import SavingsId, UserId
    from dirisha.tenants.current import use

    institution = settings.DIRISHA_REGISTRY.by_slug("far")
    source, target = savings[client]
    with use(institution):
        who = person(UserId(client))
        assert who is not None
        outcome = run(
            own, who.as_actor(Channel.MIFOS, device="bench", correlation=f"bench-{number}"), at=NOW,
            key=f"bench-{number}", source_id=SavingsId(source), target_id=SavingsId(target),
            amount=institution.money(Decimal(1)),
        )  # fmt: skip
        assert isinstance(outcome, Pending), outcome
        release()


def _drain(front: World) -> float:
    """One worker's relay over all that waits, until the last is posted and told: how many a second."""
    from django.conf import settings

    from dirisha.core.view import core_of
    from dirisha.payments.relay import relay
    from dirisha.tenants.current import use

    institution = settings.DIRISHA_REGISTRY.by_slug("far")
    with use(institution):
        core = core_of(institution)
        assert core.facts_are == "as read"
        began = time.perf_counter()
        while relay(datetime.now(UTC), core):
            pass
        took_s = time.perf_counter() - began
    assert front.sql("select state, count(*) from instruction where particulars is not null group by 1") == [
        ("posted", INSTRUCTIONS)
    ]
    return INSTRUCTIONS / took_s
