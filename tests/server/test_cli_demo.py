"""`dirisha demo`, `dirisha cast` and what `up --demo` says, on a small demo in a data folder of its own."""

from __future__ import annotations

import stat
import subprocess
from typing import Any

import orjson
import pytest

from tests.bank import Bank
from tests.server.conftest import INSTITUTION, Installation, until

ROLES = ["trader", "farmer", "newcomer", "shared_a", "shared_b", "staff"]


@pytest.fixture
def small(installation: Installation) -> Installation:
    """Three people besides the cast, instead of two hundred."""
    installation.environment = {"DIRISHA_DEMO_PEOPLE": "3"}
    return installation


def _cast(installation: Installation) -> dict[str, Any]:
    run = installation.run("cast", "--json")
    assert run.returncode == 0, run.stderr
    return dict(orjson.loads(run.stdout))


def test_the_demo_is_loaded_once_and_shows_its_people(small: Installation) -> None:
    assert "There is no database in" in small.run("cast").stderr

    loaded = small.run("demo", "load")
    again = small.run("demo", "load")

    assert loaded.returncode == 0, loaded.stderr
    assert again.stdout == "The demo is loaded already. `dirisha demo reset` writes it anew.\n"
    cast = _cast(small)
    assert [key for key in cast if key not in ("tenant", "second")] == ROLES
    trader, second = cast["trader"], cast["second"]["trader"]
    assert trader["address"] == f"http://127.0.0.1:{small.port}"
    assert second["address"] == f"http://jirani.localhost:{small.port}"
    for same in ("user_name", "phone", "label", "client_id", "savings", "loans"):
        assert trader[same] == second[same], same
    for other in ("name", "password", "pin", "tenant"):
        assert trader[other] != second[other], other
    hook = cast["tenant"]["hooks"]["ussd"]
    assert hook.startswith(trader["address"] + "/hooks/")
    assert hook.split("/hooks/")[1] != cast["second"]["tenant"]["hooks"]["ussd"].split("/hooks/")[1]
    table = small.run("cast").stdout
    for words in (trader["password"], trader["pin"], trader["phone"], str(trader["loans"][0]["id"]), hook):
        assert words in table
    files = sorted((small.var / "institutions").iterdir())
    assert [(file.name, stat.S_IMODE(file.stat().st_mode)) for file in files] == [
        ("jirani.toml", 0o600),
        ("tumaini.toml", 0o600),
    ]
    for verify in ("audit", "ledger"):
        assert small.run(verify, "verify", "--all").returncode == 0


@pytest.mark.slow
def test_a_load_that_was_killed_is_begun_anew(small: Installation) -> None:
    began = small.var.parent / "began"
    with open(began, "wb") as file:
        loading = subprocess.Popen(
            small.command("demo", "load"), stdout=file, stderr=file,
            env=small.full_environment | {"DIRISHA_DEMO_PEOPLE": "300"},
        )  # fmt: skip
    until(lambda: "Writing a year" in began.read_text() or loading.poll() is not None)
    loading.kill()
    loading.wait()

    assert "There is no demo in" in small.run("cast").stderr
    loaded = small.run("demo", "load")

    assert loaded.returncode == 0, loaded.stderr
    assert "Writing a year" in loaded.stdout
    assert _cast(small)["newcomer"]["client_id"] == 8  # five of the cast and three more, the newcomer last
    assert small.run("ledger", "verify").returncode == 0


def test_a_database_with_people_that_no_demo_brought_is_left_alone(bank: Bank) -> None:
    from dirisha.server import demonstration, process
    from dirisha.server.refused import Refused

    before = bank.sql("select count(*) from client")

    with pytest.raises(Refused, match="has people in it that the demo did not bring"):
        demonstration.load(process.load(), process.load().cluster)
    assert bank.sql("select count(*) from client") == before


def test_an_institution_of_ones_own_is_left_alone(small: Installation) -> None:
    assert small.run("tenant", "add", "-", given=INSTITUTION.format(slug="tumaini")).returncode == 0

    run = small.run("demo", "load")

    assert run.returncode == 1
    assert "tumaini is an institution of yours" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.slow
def test_up_greets_and_starts_warm_and_can_begin_anew(small: Installation) -> None:
    with small.up("--demo") as up:
        busy = small.run("demo", "reset", "--yes")
        assert (busy.returncode, "already runs from" in busy.stderr) == (1, True)
        greeting = up.words[up.words.index("Dirisha is at") :]
        port = small.port
        assert len(greeting.splitlines()) <= 40
        for words in (
            "amina",
            "maize-and-beans",
            "2468",
            "/demo/phone",
            "*384#",
            "Fineract-Platform-TenantId: tumaini",
        ):
            assert words in greeting
        assert f"http://127.0.0.1:{port}" in greeting
        small.environment |= {"DIRISHA_PORT": ""}
        assert (
            _cast(small)["trader"]["address"] == f"http://127.0.0.1:{port}"
        )  # as `up` said, whatever PORT it was given
    hook = (small.var / "institutions" / "tumaini.toml").read_text()

    other = Installation(small.var, environment={"DIRISHA_DEMO_PEOPLE": "3"})
    with other.up("--demo") as warm:
        assert "Writing a year" not in warm.words
    moved = (small.var / "institutions" / "tumaini.toml").read_text()
    assert moved == hook.replace(f":{port}/", f":{other.port}/")

    with other.up("--demo", "--fresh") as fresh:
        assert "Writing a year" in fresh.words
