"""What the README promises of a bare clone: `make demo`, stopped, again, and begun anew."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dirisha.server.account import Account
from tests.server.conftest import Installation, until, users_of

CLONE = Path(__file__).parents[2]


@dataclass
class Demo:
    installation: Installation
    words: str
    seconds: float


@pytest.fixture
def clone(place: Path) -> Iterator[Path]:
    """A clone that nobody but its owner can enter."""
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{CLONE}", closed / "dirisha"], check=True)
    yield closed / "dirisha"
    subprocess.run(["make", "clean"], cwd=closed / "dirisha", check=True, capture_output=True)


@contextmanager
def demo(clone: Path, installation: Installation, *settings: str) -> Iterator[Demo]:
    """`make demo` in a session of its own, as at a terminal, until it says where it is; ended by Ctrl-C."""
    command = ["make", "demo", f"PORT={installation.port}", f"DIRISHA_VAR={installation.var}", *settings]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DIRISHA_", "DATABASE_"))}
    environment["DIRISHA_DEMO_PEOPLE"] = "3"
    output = clone.parent / "demo.log"
    began = time.monotonic()
    with open(output, "wb") as file:
        make = subprocess.Popen(
            command, cwd=clone, env=environment, stdout=file, stderr=file, stdin=subprocess.DEVNULL, process_group=0
        )
    try:
        address = f"http://127.0.0.1:{installation.port}"
        until(lambda: address in output.read_text() or make.poll() is not None, within_s=300)
        assert make.poll() is None, output.read_text()
        yield Demo(installation, output.read_text(), time.monotonic() - began)
    finally:
        os.killpg(make.pid, signal.SIGINT)
        make.wait(60)
        until(lambda: installation.processes() == [])


@pytest.mark.slow
def test_the_demo_runs_from_a_clone_that_is_closed_to_others(
    clone: Path, installation: Installation, account: Account | None
) -> None:
    parents = [clone, *clone.parents]
    before = [(stat.S_IMODE(path.stat().st_mode), path.stat().st_uid) for path in parents]

    with demo(clone, installation) as first:
        assert installation.get("/readyz").status_code == 200
        if account is not None:
            assert users_of(installation.processes()) == {account.name}
    system = (installation.var / "postgres" / "data" / "global" / "pg_control").read_bytes()[:8]

    with demo(clone, installation) as second:
        assert "Installing" not in second.words
    assert (installation.var / "postgres" / "data" / "global" / "pg_control").read_bytes()[:8] == system

    with demo(clone, installation, "FRESH=1") as third:
        assert "Installing" not in third.words
    assert (installation.var / "postgres" / "data" / "global" / "pg_control").read_bytes()[:8] != system

    assert [(stat.S_IMODE(path.stat().st_mode), path.stat().st_uid) for path in parents] == before
    assert subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True).stdout == b""
    print(f"make demo: cold {first.seconds:.1f} s, warm {second.seconds:.1f} s, fresh {third.seconds:.1f} s")
