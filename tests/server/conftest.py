"""Data folders, and `dirisha` as a process of its own in one of them."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from dirisha.server import account as accounts
from dirisha.server.account import Account
from dirisha.server.children import running_in, started_with
from dirisha.server.folder import Folder
from dirisha.server.up import MARK

PATIENCE_S = 60.0


@pytest.fixture
def account() -> Account | None:
    """Whom root runs things as; None for anybody else."""
    return accounts.ensure_account("dirisha") if accounts.is_root() else None


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder with a short path that every account may enter."""
    path = Path(tempfile.mkdtemp(prefix="dirisha-test-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def folder(place: Path, account: Account | None) -> Folder:
    prepared = Folder(place / "var", account)
    prepared.prepare()
    return prepared


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: object, *, within_s: float = PATIENCE_S) -> None:
    """Wait for what another process is about to do."""
    assert callable(condition)
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@dataclass
class Installation:
    """`dirisha` on the command line, with a data folder and a port of its own."""

    var: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "dirisha.server", *arguments]

    @property
    def full_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIRISHA_", "DATABASE_"))}
        ours = {"DIRISHA_VAR": str(self.var), "DIRISHA_PORT": str(self.port)}
        return kept | ours | self.environment

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=self.full_environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    @contextlib.contextmanager
    def up(self, *arguments: str) -> Iterator[Up]:
        """Running and ready; stopped by SIGINT at the end unless the test has ended it."""
        output = self.var.parent / "up.log"
        with open(output, "wb") as file:
            process = subprocess.Popen(
                self.command("up", *arguments), env=self.full_environment, stdout=file, stderr=file
            )
        running = Up(self, process, output)
        try:
            until(lambda: "Dirisha is at" in running.words or process.poll() is not None)
            assert process.poll() is None, running.words
            yield running
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)

    def processes(self) -> list[int]:
        """All that runs from this data folder but `up` itself."""
        return started_with(MARK, str(self.var)) + running_in(self.var / "postgres" / "data")

    def pids_of(self, name: str) -> list[int]:
        """Web or worker, the watching process first."""
        return sorted(pid for pid in started_with(MARK, str(self.var)) if _arguments(pid)[-1:] == [name])

    @property
    def postmaster(self) -> int:
        """0 while there is none."""
        try:
            return int((self.var / "postgres" / "data" / "postmaster.pid").read_text().split("\n")[0])
        except FileNotFoundError:
            return 0

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=10)

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz").status_code == 200
        except httpx.HTTPError:
            return False


@dataclass
class Up:
    installation: Installation
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def words(self) -> str:
        return self.output.read_text("utf-8")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE_S)


@pytest.fixture
def installation(place: Path) -> Installation:
    return Installation(place / "var")


def users_of(pids: list[int]) -> set[str]:
    """Whom those that still live run as; a database's backends come and go."""
    found = set()
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            status = Path(f"/proc/{pid}/status").read_text()
            ids = re.search(r"^Uid:\s+(\d+)\s+(\d+)\s+(\d+)", status, re.MULTILINE)
            assert ids
            found |= {pwd.getpwuid(int(uid)).pw_name for uid in ids.groups()}  # real, effective and saved
    return found


def defunct_children_of(parent: int) -> list[int]:
    """Those that are dead and that it has not asked about."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            status = entry.read_text()
            if f"\nPPid:\t{parent}\n" in status and "\nState:\tZ" in status:
                found.append(int(entry.parent.name))
    return found


def _arguments(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
    except OSError:
        return []


INSTITUTION = """
slug = "{slug}"
name = "Umoja Savings"
country = "KE"
currency_code = "KES"
currency_name = "Kenyan shilling"
currency_symbol = "KSh"
time_zone = "Africa/Nairobi"
help_number = "+254700000000"
core = "dirisha.core.native.core:NativeCore"
"""
