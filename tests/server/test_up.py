"""`dirisha up`: everything starts, what dies comes back, and nothing stays behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import orjson
import pytest

from dirisha.server import account as accounts
from dirisha.server.account import Account
from dirisha.server.up import MARK
from tests.server.conftest import INSTITUTION, Installation, defunct_children_of, until, users_of


@pytest.fixture
def with_institution(installation: Installation) -> Installation:
    added = installation.run("tenant", "add", "-", given=INSTITUTION.format(slug="umoja"))
    assert added.returncode == 0, added.stderr
    return installation


def test_a_ctrl_c_ends_all_and_the_data_stay(with_institution: Installation, account: Account | None) -> None:
    installation = with_institution
    with installation.up() as up:
        assert installation.get("/readyz").json() == {"ready": True, "institutions": {"umoja": "current"}}
        assert len(installation.pids_of("web")) == 2
        assert len(installation.pids_of("worker")) == 1
        if account is not None:
            assert users_of([*installation.processes(), up.process.pid]) == {account.name}
        up.process.send_signal(signal.SIGINT)
        assert up.process.wait(30) == 0
        assert installation.processes() == []

    listed = installation.run("tenant", "list")
    assert listed.stdout.split()[:2] == ["umoja", "current"]


def test_what_is_killed_comes_back(with_institution: Installation) -> None:
    installation = with_institution
    with installation.up() as up:
        for name in ("web", "worker"):
            before = installation.pids_of(name)
            os.kill(before[0], signal.SIGKILL)
            until(lambda name=name, before=before: set(installation.pids_of(name)) - set(before))
        until(installation.is_ready)
        before_crash = installation.postmaster
        os.kill(before_crash, signal.SIGKILL)
        until(lambda: installation.postmaster not in (0, before_crash))
        until(installation.is_ready)

        until(lambda: defunct_children_of(up.process.pid) == [], within_s=10)
        assert [line for line in up.words.splitlines() if "Traceback" in line] == []
        logged = [orjson.loads(line) for line in up.words.splitlines() if line.startswith("{")]
        died = [line for line in logged if line["event"] == "up.child_died"]
        assert [(line["child"], line["exit_code"]) for line in died] == [("web", -9), ("worker", -9)]


def test_while_the_database_is_away_the_web_says_so(with_institution: Installation) -> None:
    installation = with_institution
    with installation.up() as up:
        up.process.send_signal(signal.SIGSTOP)  # so that nobody starts the database again meanwhile
        try:
            os.kill(installation.postmaster, signal.SIGINT)
            until(lambda: installation.get("/readyz").status_code == 503)
            assert installation.get("/readyz").json()["institutions"] == {"umoja": "unreachable"}
            assert installation.get("/livez").status_code == 200
        finally:
            up.process.send_signal(signal.SIGCONT)
        until(installation.is_ready)


def test_when_it_is_killed_its_children_die_and_the_next_start_is_like_any(with_institution: Installation) -> None:
    installation = with_institution
    with installation.up() as up:
        up.kill()
        until(lambda: installation.processes() == [])

    with installation.up():
        assert installation.get("/readyz").json()["institutions"] == {"umoja": "current"}


def test_processes_that_an_earlier_run_left_are_ended(installation: Installation, account: Account | None) -> None:
    options = account.spawn_options() if account else {}
    mark = {MARK: str(installation.var)}
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(sleep, env=mark, **options) as left, installation.up():
        assert left.wait(10) == -signal.SIGTERM


def test_a_busy_port_is_said(installation: Installation) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.port))
        other.listen()

        run = installation.run("up")

    assert run.returncode == 1
    assert f"Port {installation.port} of 127.0.0.1 can't be used" in run.stderr
    assert f"PORT={installation.port + 1}" in run.stderr
    assert "Traceback" not in run.stderr
    assert installation.processes() == []
    assert not installation.var.exists()


def test_a_file_that_describes_no_institution_is_said_and_nothing_stays(with_institution: Installation) -> None:
    with open(with_institution.var / "institutions" / "umoja.toml", "a") as file:
        file.write("colour = 'red'\n")

    run = with_institution.run("up")

    assert run.returncode == 1
    assert "umoja.toml: colour: " in run.stderr
    assert "Traceback" not in run.stderr
    assert with_institution.processes() == []


def test_two_cannot_run_from_one_folder(installation: Installation) -> None:
    with installation.up():
        second = Installation(installation.var).run("up")

    assert second.returncode == 1
    assert f"already runs from {installation.var}" in second.stderr


def test_fresh_begins_anew(with_institution: Installation) -> None:
    with with_institution.up("--fresh"):
        assert with_institution.get("/readyz").json()["institutions"] == {}


@pytest.mark.parametrize("arguments", [["up"], ["up", "--fresh"]])
def test_a_folder_of_somebody_elses_is_left_alone(
    installation: Installation, account: Account | None, arguments: list[str]
) -> None:
    installation.var.mkdir()
    (installation.var / "thesis.txt").write_text("years of work")
    if account is not None:
        os.chown(installation.var, account.uid, account.gid)

    run = installation.run(*arguments)

    assert run.returncode == 1
    assert "holds files that aren't Dirisha's" in run.stderr
    assert [path.name for path in installation.var.iterdir()] == ["thesis.txt"]


@pytest.mark.skipif(not accounts.is_root(), reason="only root becomes another account")
def test_a_folder_that_the_account_cannot_enter_is_said(installation: Installation) -> None:
    closed = installation.var.parent / "closed"
    closed.mkdir(mode=0o700)

    run = Installation(closed / "var").run("up")

    assert (run.returncode, list(closed.iterdir())) == (1, [])
    assert f"can't enter {closed}" in run.stderr


@pytest.mark.skipif(not accounts.is_root(), reason="only root becomes another account")
def test_an_empty_folder_of_roots_is_handed_over(installation: Installation, account: Account | None) -> None:
    installation.var.mkdir(mode=0o700)

    with installation.up():
        assert installation.var.stat().st_uid == (account.uid if account else None)


def test_it_stops_when_asked_while_it_starts(installation: Installation) -> None:
    process = subprocess.Popen(installation.command("up"), env=installation.full_environment)
    until(lambda: installation.processes() != [])

    process.send_signal(signal.SIGTERM)

    assert process.wait(30) == 0
    assert installation.processes() == []
