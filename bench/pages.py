"""The summary pages: requests a second, p99, and how many statements each takes, whatever the number of clients."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import Any

from bench.site import Line, percentile, request, served
from bench.world import NOW, World

CONNECTIONS = 8
SECONDS = 6
PASSWORD = "bench-and-again"


def measure(world: World) -> dict[str, Any]:
    give_passwords(world)
    basic = base64.b64encode(f"client1:{PASSWORD}".encode()).decode()
    mifos = {"Fineract-Platform-TenantId": "bench", "Authorization": f"Basic {basic}"}
    with served(world) as port:
        cookie = log_in(port)
        portal = asyncio.run(_closed_loop(port, "/", {"Cookie": cookie}))
        accounts = asyncio.run(_closed_loop(port, "/fineract-provider/api/v1/self/clients/1/accounts", mifos))
    return {"portal": portal | _statements("/", cookie), "mifos": accounts | _statements_mifos(mifos)}


def give_passwords(world: World) -> None:
    from dirisha.access.secrets import hash_password

    world.sql(
        "insert into secret (user_id, kind, hash, set_at) values (1, 'password', %s, %s) on conflict do nothing",
        hash_password(PASSWORD),
        NOW,
    )


def log_in(port: int, host: str = "bench.localhost") -> str:
    """The cookie of a session, by the form as a browser sends it."""
    import re

    import httpx

    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Host": host}) as browser:
        page = browser.get("/login")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token is not None, page.text[:300]
        jar = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
        answer = browser.post(
            "/login",
            data={"csrfmiddlewaretoken": token[1], "login_name": "client1", "password": PASSWORD},
            headers={"Cookie": jar, "Origin": f"http://{host}"},
        )
        assert answer.status_code == 303, (answer.status_code, answer.text[:500])
        return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


async def _closed_loop(port: int, path: str, headers: dict[str, str]) -> dict[str, float]:
    times_ms: list[float] = []
    wanted = request("GET", path, headers)
    until = time.perf_counter() + SECONDS

    async def caller() -> None:
        line = await Line.to(port)
        while time.perf_counter() < until:
            began = time.perf_counter()
            status, _ = await line.ask(wanted)
            times_ms.append((time.perf_counter() - began) * 1000)
            assert status == 200, status

    await asyncio.gather(*(caller() for _ in range(CONNECTIONS)))
    return {"per_s": len(times_ms) / SECONDS, "p50_ms": percentile(times_ms, 50), "p99_ms": percentile(times_ms, 99)}


def _statements(path: str, cookie: str) -> dict[str, int]:
    from django.test import Client

    return _counted(lambda: Client().get(path, HTTP_HOST="bench.localhost", HTTP_COOKIE=cookie))


def _statements_mifos(headers: dict[str, str]) -> dict[str, int]:
    from django.test import Client

    path = "/fineract-provider/api/v1/self/clients/1/accounts"
    return _counted(lambda: Client().get(path, headers=headers, HTTP_HOST="bench.localhost"))


def _counted(ask: Any) -> dict[str, int]:
    """Statements of named transactions, and of Django's own (the session)."""
    from django.db import connection

    from dirisha.db import pipe

    ask()  # what is cached is cached
    count = [0]
    original = pipe.Pipe.queue

    def counting(self: Any, *arguments: Any) -> Any:
        count[0] += 1
        return original(self, *arguments)

    pipe.Pipe.queue = counting  # type: ignore[method-assign]
    wrapped = [0]

    def seen(execute: Any, sql: Any, parameters: Any, many: Any, context: Any) -> Any:
        wrapped[0] += 1
        return execute(sql, parameters, many, context)

    try:
        with connection.execute_wrapper(seen):
            answer = ask()
    finally:
        pipe.Pipe.queue = original  # type: ignore[method-assign]
    assert answer.status_code == 200, answer.status_code
    return {"statements": count[0] + wrapped[0]}
