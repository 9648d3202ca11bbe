"""The USSD menu at a fixed rate, open loop: a late answer does not hold back the next caller."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bench.site import Line, percentile, request, served
from bench.world import HOOK, NOW, World

STEPS_PER_S = 200
SECONDS = 20
CALLERS = 400
# One step in five has the PIN: dial, PIN, balances, back, my loan.
CALL = ("", "2580", "1", "0", "2")


def measure(world: World, *, hook: str = HOOK, steps_per_s: int = STEPS_PER_S) -> dict[str, Any]:
    _give_pins(world)
    schedule = Schedule(hook, steps_per_s)
    with served(world) as port:
        asyncio.run(_calls(port, schedule, seconds=3, session="warm"))
        times_ms, errors = asyncio.run(_calls(port, schedule, seconds=SECONDS, session="run"))
    return {
        "steps": len(times_ms),
        "per_s": steps_per_s,
        "p50_ms": percentile(times_ms, 50),
        "p99_ms": percentile(times_ms, 99),
        "errors": errors,
    }


@dataclass(frozen=True)
class Schedule:
    hook: str
    steps_per_s: int


def _give_pins(world: World) -> None:
    from dirisha.access.secrets import hash_pin
    from dirisha.tenants.current import use

    world.sql("insert into phone_language select msisdn, 'en', '2025-01-01' from phone_link on conflict do nothing")
    with use(world.institution):
        for user in range(1, CALLERS + 1):
            world.sql(
                "insert into secret (user_id, kind, hash, set_at) values (%s, 'pin', %s, %s) on conflict do nothing",
                user,
                hash_pin("2580", user),
                NOW,
            )


async def _calls(port: int, schedule: Schedule, *, seconds: int, session: str) -> tuple[list[float], int]:
    """Calls begin at an even rate; each of their steps is due at its time, whatever the others do."""
    calls_per_s = schedule.steps_per_s // len(CALL)
    idle: asyncio.Queue[Line] = asyncio.Queue()
    times_ms: list[float] = []
    wrong = 0
    began = time.perf_counter() + 0.2

    async def step(number: int, typed: str, due: float) -> str:
        nonlocal wrong
        form = urlencode({
            "sessionId": f"{session}-{number}", "serviceCode": "*384#", "phoneNumber": f"+2547{number % CALLERS + 1:08d}",
            "networkCode": "63902", "text": typed,
        }).encode()  # fmt: skip
        line = idle.get_nowait() if not idle.empty() else await Line.to(port)
        status, body = await line.ask(
            request(
                "POST",
                f"/hooks/{schedule.hook}/africastalking/ussd",
                {"Content-Type": "application/x-www-form-urlencoded"},
                form,
            )
        )
        times_ms.append((time.perf_counter() - due) * 1000)
        idle.put_nowait(line)
        if status != 200 or not body.startswith(b"CON"):
            wrong += 1
        return body.decode()

    async def call(number: int) -> None:
        typed = ""
        for place, key in enumerate(CALL):
            typed = f"{typed}*{key}" if typed else key
            # People take their time: the steps of a call are a second apart, so that the rate is even.
            due = began + number / calls_per_s + place
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await step(number, typed, due)

    await asyncio.gather(*(call(number) for number in range(calls_per_s * seconds)))
    return times_ms, wrong
