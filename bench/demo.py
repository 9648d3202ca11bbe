"""`make demo` from a clone: seconds cold (wheels cached) and warm, and the memory of the whole thing at rest."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PATIENCE_S = 300
SETTLE_S = 8


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="dirisha-clone-", dir="/tmp") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        try:
            cold = _run(clone, folder)
            warm = _run(clone, folder, weigh=True)
        finally:
            subprocess.run(["make", "clean"], cwd=clone, check=False, capture_output=True)
    return {"cold_s": cold["seconds"], "warm_s": warm["seconds"], "memory_mb": warm["memory_mb"]}


def _run(clone: Path, folder: str, *, weigh: bool = False) -> dict[str, Any]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DIRISHA_", "DATABASE_", "DJANGO_", "PYTHONPATH"))
    }
    began = time.monotonic()
    process = subprocess.Popen(
        ["make", "demo", f"PORT={port}"], cwd=clone, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, process_group=0,
    )  # fmt: skip
    try:
        while True:
            with socket.socket() as knock:
                knock.settimeout(1)
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    knock.sendall(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")
                    if b" 200 " in knock.recv(100):
                        break
            if process.poll() is not None:
                raise RuntimeError(process.stdout.read() if process.stdout else "make demo ended")
            if time.monotonic() - began > PATIENCE_S:
                raise RuntimeError("make demo did not come up")
            time.sleep(0.02)
        seconds = time.monotonic() - began
        memory_mb = 0
        if weigh:
            time.sleep(SETTLE_S)
            memory_mb = _memory_mb(process.pid)
        return {"seconds": seconds, "memory_mb": memory_mb}
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def _memory_mb(root: int) -> int:
    """Proportional set size of the process and all its descendants."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(path.name)] = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
    family, grown = {root}, True
    while grown:
        new = {pid for pid, parent in parents.items() if parent in family} - family
        family, grown = family | new, bool(new)
    total_kb = 0
    for pid in family:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total_kb += next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
    return total_kb // 1024
