"""Child processes that can't outlive us, and the ones that an earlier run left behind all the same."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(how: signal.Signals, parent: int) -> None:
    """Have the kernel send this process `how` when `parent` is gone, even by `kill -9`. Only Linux can.

    Must be called after any change of user, which resets it. The parent's thread that started us is what counts.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), how)


def dying_with_parent(how: signal.Signals) -> Callable[[], None]:
    """`die_with_parent` as the `preexec_fn` of a child of this process."""
    parent = os.getpid()
    return lambda: die_with_parent(how, parent)


def adopt_orphans() -> None:
    """Children of children become ours when theirs dies, so that we can wait for them too."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_strangers(known: Collection[int]) -> None:
    """Take leave of the dead that nobody else asks about; the exit status of a `known` one is its asker's.

    A known one that is dead and not yet asked about may hide strangers behind it, until the next call.
    """
    if _libc is None:  # nobody is adopted
        return
    with contextlib.suppress(ChildProcessError):  # there is none
        while dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if dead.si_pid in known:
                return
            os.waitpid(dead.si_pid, 0)


def reap(patience_s: float) -> None:
    """Wait until no child is left, not even a dead one that nobody asked about. For the end of a process."""
    deadline = time.monotonic() + patience_s
    with contextlib.suppress(ChildProcessError):  # there is none
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)


class Hold:
    """Children that are started ahead of time, to load what they need, and begin their work when let go.

    They inherit the end of a pipe and read it to its end: letting go, and our own death, close it.
    """

    VARIABLE = "DIRISHA_HELD"

    def __init__(self) -> None:
        self.theirs, self._ours = os.pipe()

    @property
    def environment(self) -> dict[str, str]:
        return {self.VARIABLE: str(self.theirs)}

    def let_go(self) -> None:
        os.close(self._ours)
        os.close(self.theirs)


def wait_until_let_go() -> None:
    """Where our parent holds us, wait; a SIGTERM meanwhile simply ends us. Returns at once for anybody else."""
    descriptor = os.environ.pop(Hold.VARIABLE, None)
    if descriptor is None:
        return
    usual = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with open(int(descriptor), "rb") as pipe:
        pipe.read()
    signal.signal(signal.SIGTERM, usual)


def running_in(folder: Path) -> list[int]:
    """Processes whose working directory is `folder`: each process of a PostgreSQL server works in its data folder."""
    return [pid for pid in _all_processes() if _link(pid, "cwd") == str(folder)]


def started_with(variable: str, value: str) -> list[int]:
    """Processes other than this one, of this user, whose environment was `variable=value` when they began."""
    wanted = f"{variable}={value}".encode()
    return [pid for pid in _all_processes() if pid != os.getpid() and wanted in _environment(pid)]


def end(pids: Callable[[], list[int]], steps: list[tuple[signal.Signals, float]]) -> bool:
    """Signal the processes that `pids` finds, step by step (signal, seconds of patience), until it finds none."""
    for how, patience_s in steps:
        for pid in pids():
            _signal(pid, how)
        deadline = time.monotonic() + patience_s
        while pids():
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        else:
            return True
    return not pids()


def _signal(pid: int, how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, how)


def _all_processes() -> Iterator[int]:
    proc = Path("/proc")
    if proc.is_dir():
        yield from (int(name) for name in os.listdir(proc) if name.isdecimal())


def _link(pid: int, name: str) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/{name}")
    except OSError:
        return None


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
