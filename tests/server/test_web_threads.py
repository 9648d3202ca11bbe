"""A far core that sleeps, in front of a web process of real threads: it keeps some, and never all."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.bank import FarBank
from tests.books.far_line import on_the_line
from tests.server.conftest import free_port, until

AT_WORK, WAITING = 1, 3
SERVE = "from dirisha.server import process, web; web.serve(process.load())"
# Longer than the test takes: who waits is let go by the test.
PATIENT = {"[limits]": "[patience]\nmifos = 50\n[limits]"}


@contextmanager
def web_server() -> Iterator[str]:
    """`dirisha web` on the house's databases, by whoever runs the tests; its address."""
    port = free_port()
    numbers = {"DIRISHA_WEB_THREADS": str(AT_WORK), "DIRISHA_WEB_WAITING": str(WAITING), "DIRISHA_PORT": str(port)}
    environment = os.environ | numbers | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", SERVE], env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: _listens(port))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.security("P-05")
def test_a_sleeping_core_leaves_threads_for_who_needs_nothing_of_it(far_bank: FarBank) -> None:
    far_bank.house.reached_all()
    person = far_bank.someone("trader")
    path = f"/fineract-provider/api/v1/self/clients/{person.client}/accounts"
    word = base64.b64encode(f"{person.character.login}:{person.character.password}".encode()).decode()

    def accounts(tenant: str) -> int:
        headers = {"Fineract-Platform-TenantId": tenant, "Authorization": f"Basic {word}"}
        return httpx.get(address + path, headers=headers, timeout=40).status_code

    def log_in_page() -> int:
        return httpx.get(f"{address}/login", headers={"Host": "tumaini.localhost"}, timeout=40).status_code

    with on_the_line(far_bank, **PATIENT) as line, web_server() as address:
        assert accounts("tumaini") == 200  # and what may be some seconds old is known
        answered: list[int] = []
        with line.holding(lambda call: call.line.startswith("GET")) as held:
            callers = [
                threading.Thread(target=lambda: answered.append(accounts("tumaini"))) for _ in range(WAITING + 2)
            ]
            for caller in callers:
                caller.start()
            # All places are taken when those who came too late for one are told so.
            until(lambda: len(answered) == 2)

            assert accounts("jirani") == 200
            assert log_in_page() == 200
            assert answered == [503] * 2
            held.release()
            for caller in callers:
                caller.join()
        assert answered == [503] * 2 + [200] * WAITING
