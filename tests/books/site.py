"""The parent of killable children, as a test holds it: which run, which were killed, and what they had under way."""

from __future__ import annotations

import json
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE_S = 60


@dataclass
class Site:
    """The parent of killable children, and what it told us so far."""

    port: int
    core_port: int
    process: subprocess.Popen[str]
    told: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)
    later_s: int = 0
    in_flight: int = 0
    pids: dict[str, int] = field(default_factory=dict)

    def start(self, role: str, point: str | None = None, after: int = 0, **more: Any) -> int:
        """The child's process id. It lives after all leases of the one before it, of which nothing is left."""
        self.order(role, point, after, later_s=300 if role == "worker" else 12, **more)
        return int(self._until(lambda told: told.get("started") == role)["pid"])

    def order(self, role: str, point: str | None = None, after: int = 0, *, later_s: int, **more: Any) -> None:
        """A child that lives so much later than the one before; with `for_all`, so do all that live beside it."""
        self.later_s += later_s
        order = {"role": role, "point": point, "after": after, "later_s": self.later_s, **more}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def until_killed(self, role: str) -> int:
        """How many requests the process had under way, by its own last word; 0 for one that had none."""
        self.in_flight = 0
        ended = self._until(lambda told: told.get("ended") == role)
        assert ended["signal"] == signal.SIGKILL, ended
        return self.in_flight

    def until(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """What a child told that says all this."""
        return self._until(lambda told: wanted.items() <= told.items())

    def kill(self, role: str) -> None:
        """From outside, and taken leave of."""
        os.kill(self.pids[role], signal.SIGKILL)
        self.until({"ended": role, "pid": self.pids[role]})

    def _until(self, wanted: Any) -> dict[str, Any]:
        while True:
            told = self.told.get(timeout=PATIENCE_S)
            self.in_flight = told.get("in_flight", self.in_flight)
            if "started" in told:
                self.pids[told["started"]] = told["pid"]
            if wanted(told):
                return told


@contextmanager
def site(**environment: str) -> Iterator[Site]:
    port, core_port = free_port(), free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.books.killable", str(port), str(core_port)],
        cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=None if "SAY" in os.environ else subprocess.DEVNULL, text=True, process_group=0,
        env=os.environ | environment | {"PYTHONPATH": os.pathsep.join(["src", *sys.path])},
    )  # fmt: skip
    made = Site(port, core_port, process)

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            made.told.put(json.loads(line))

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield made
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """One below those that the system gives to callers: while nobody listens there, nobody else comes to have it."""
    while True:
        with suppress(OSError), socket.create_server(("127.0.0.1", random.randrange(20000, 32000))) as probe:
            port: int = probe.getsockname()[1]
            return port
