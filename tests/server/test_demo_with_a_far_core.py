"""`make demo CORE=fineract` as processes: the third institution comes to the two, its stand-in lives and moves with `up`."""

from __future__ import annotations

import os
import re
import signal
from typing import Any

import httpx
import orjson
import psycopg
import pytest

from dirisha.server.children import started_with
from dirisha.server.folder import Folder
from dirisha.server.postgres import cluster_in
from dirisha.server.up import MARK
from tests.server.conftest import Installation, until


def _third(installation: Installation) -> dict[str, Any]:
    run = installation.run("cast", "--json")
    assert run.returncode == 0, run.stderr
    return dict(orjson.loads(run.stdout)["third"])


def _balances(installation: Installation, accounts: list[int]) -> dict[int, int]:
    """In the core's own books; UGX has no smaller unit."""
    with psycopg.connect(cluster_in(Folder(installation.var)).admin, dbname="dirisha_ziwa_core") as books:
        rows = books.execute("select account, minor from balance where account = any (%s)", (accounts,)).fetchall()
    return dict(rows)


def _asked(installation: Installation, who: dict[str, Any], path: str) -> Any:
    """By the Mifos API, at ziwa's own tenant."""
    answer = httpx.get(
        f"http://127.0.0.1:{installation.port}/fineract-provider/api/v1/self/{path}",
        auth=(who["user_name"], who["password"]),
        headers={"Fineract-Platform-TenantId": "ziwa"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def _home(installation: Installation, who: dict[str, Any]) -> str:
    """What the portal's first page shows after log-in."""
    with httpx.Client(
        base_url=f"http://127.0.0.1:{installation.port}",
        headers={"Host": f"ziwa.localhost:{installation.port}"},
        timeout=30,
    ) as browser:
        form = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/login").text)
        assert form
        typed = {"csrfmiddlewaretoken": form[1], "login_name": who["user_name"], "password": who["password"]}
        entered = browser.post("/login", data=typed)
        assert entered.status_code in (302, 303), entered.text
        return browser.get("/").text


def _stand_in(installation: Installation) -> int:
    """0 while there is none."""
    for pid in started_with(MARK, str(installation.var)):
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            if b"simulate" in file.read().split(b"\0"):
                return pid
    return 0


@pytest.mark.slow
def test_the_third_institution_comes_and_rests_and_its_core_lives(installation: Installation) -> None:
    installation.environment = {"DIRISHA_DEMO_PEOPLE": "3"}
    assert installation.run("demo", "load").returncode == 0  # as an earlier release left it: two institutions
    file, hooks = installation.var / "institutions" / "ziwa.toml", re.compile(r"hooks = .*")

    with installation.up("--demo", "--core", "fineract") as up:
        assert re.search("^  ziwa-core: .* messages", up.words, re.MULTILINE)
        assert "  tumaini: " not in up.words
        assert len(installation.get("/readyz").json()["institutions"]) == 3
        third = _third(installation)
        trader, control = third["trader"], third["tenant"]["core"]["control"]
        for words in (trader["user_name"], trader["password"], trader["pin"], third["tenant"]["address"], control):
            assert words in up.words

        # Both sides have the same figures.
        balances = _balances(installation, [each["id"] for each in trader["savings"]])
        for account in trader["savings"]:
            told = _asked(installation, trader, f"savingsaccounts/{account['id']}")
            assert int(told["summary"]["accountBalance"]) == balances[account["id"]]
            assert f"UGX\u00a0{balances[account['id']]:,}" in _home(installation, trader)
        assert installation.run("fineract", "check").returncode == 0

        # No door leads to the core's own books.
        clients = "/fineract-provider/api/v1/self/clients"
        answers = [
            installation.get(clients, **{"Fineract-Platform-TenantId": name}) for name in ("ziwa-core", "nobody")
        ]
        assert installation.get("/login", Host="ziwa-core.localhost").status_code == 404
        assert answers[0].status_code == answers[1].status_code >= 400
        assert [path.name for path in (installation.var / "core").iterdir()] == ["ziwa-core.toml"]

        # What is killed comes back, at the same address.
        before = _stand_in(installation)
        os.kill(before, signal.SIGKILL)
        until(lambda: _stand_in(installation) not in (0, before))
        until(lambda: _is_there(control))
        assert int(_asked(installation, trader, f"savingsaccounts/{trader['savings'][0]['id']}")["id"])
        written = file.read_text()

    assert _stand_in(installation) == 0

    moved = Installation(installation.var, environment=installation.environment)
    with moved.up("--demo", "--core", "fineract") as warm:
        assert "Writing a year" not in warm.words
        assert "enrolled" not in warm.words
        third = _third(moved)
        assert third["tenant"]["core"]["control"] in warm.words
        assert third["tenant"]["core"]["url"] in file.read_text()
        assert hooks.findall(file.read_text()) == hooks.findall(written)
        assert _asked(moved, third["trader"], "clients")["totalFilteredRecords"] == 1

    with moved.up("--demo") as without:
        assert set(moved.get("/readyz").json()["institutions"]) == {"tumaini", "jirani"}
        assert "Ziwa" not in without.words
        assert _stand_in(moved) == 0
        assert "third" not in orjson.loads(moved.run("cast", "--json").stdout)


def _is_there(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_a_far_core_goes_with_the_demo_alone(installation: Installation) -> None:
    run = installation.run("up", "--core", "fineract")

    assert run.returncode == 2
    assert "--core fineract goes with --demo" in run.stderr
    assert installation.processes() == []
