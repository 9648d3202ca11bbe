"""Everything for a small institution in one command: PostgreSQL, web and worker, started in order and kept alive.

What dies is started again, with back-off. A stop ends web and worker first and the database last. Children that lose
this process are ended by the kernel; what survives even so is found by its mark and ended at the next start.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import structlog

from dirisha.server import children
from dirisha.server.children import Hold
from dirisha.server.faults import in_words
from dirisha.server.folder import Folder
from dirisha.server.postgres import Server
from dirisha.server.process import Process
from dirisha.server.refused import Refused

MARK = "DIRISHA_STARTED_FROM"  # in the environment of all that we start: the data folder
LOOK_EVERY_S = 0.2
READY_WITHIN_S = 60.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
HEALTHY_AFTER_S = 60.0
ORPHANS_END_WITHIN_S = 5.0
CHILD_STOP_STEPS = [(signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0)]
LARGEST_LOG_BYTES = 10_000_000

log = structlog.get_logger()


@dataclass(slots=True)
class Backoff:
    """When something that died is started again: 0.5 s later, then twice as long each time, up to 30 s."""

    _pause_s: float = FIRST_PAUSE_S
    _started: float = field(default_factory=time.monotonic)
    _again_at: float | None = None

    def started(self) -> None:
        self._started, self._again_at = time.monotonic(), None

    def is_due(self) -> bool:
        """Called while it is dead; True once, when the pause since its death is over."""
        now = time.monotonic()
        if self._again_at is None:
            if now - self._started > HEALTHY_AFTER_S:
                self._pause_s = FIRST_PAUSE_S
            self._again_at = now + self._pause_s
            self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        return now >= self._again_at


@dataclass(frozen=True, slots=True)
class Program:
    """A `dirisha` command that serves: web, worker, and who is named to `run` besides.

    `port`, where it has one, is where this machine can reach it once it is ready.
    """

    name: str
    arguments: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    port: int | None = None


class Child:
    """A program as a process of its own."""

    def __init__(self, program: Program, process: Process, output: Path | None) -> None:
        self.program = program
        self.name = program.name
        self._process = process
        self._output = output
        self._running: subprocess.Popen[bytes] | None = None
        self.backoff = Backoff()

    def start(self, hold: Hold | None = None) -> None:
        environment = os.environ | {MARK: str(self._process.var), "DIRISHA_VAR": str(self._process.var)}
        environment |= self.program.environment
        if hold is not None:
            environment |= hold.environment
        with self._opened_output() as output:
            # The process group is its own: a Ctrl-C at the terminal is for us, who then stop all in order.
            self._running = subprocess.Popen(
                [sys.executable, "-P", "-m", "dirisha.server", *self.program.arguments],
                env=environment,
                cwd=self._process.var,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
                pass_fds=(hold.theirs,) if hold is not None else (),
                preexec_fn=children.dying_with_parent(signal.SIGTERM),
            )
        self.backoff.started()

    def has_died(self) -> bool:
        return self._running is None or self._running.poll() is not None

    @property
    def pid(self) -> int | None:
        """None once its end was seen."""
        return self._running.pid if self._running and self._running.returncode is None else None

    @property
    def exit_code(self) -> int | None:
        return self._running.poll() if self._running else None

    def stop(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        for how, patience_s in CHILD_STOP_STEPS:
            running.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(patience_s)
                return

    @contextlib.contextmanager
    def _opened_output(self) -> Iterator[int | None]:
        """None is our own standard error."""
        if self._output is None:
            yield None
            return
        if self._output.exists() and self._output.stat().st_size > LARGEST_LOG_BYTES:
            self._output.replace(self._output.with_suffix(".log.old"))
        with open(self._output, "ab") as file:
            yield file.fileno()


class Stop:
    """Set by SIGTERM, SIGINT and, unless it is ignored (nohup), SIGHUP."""

    def __init__(self) -> None:
        self._event = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN or number != signal.SIGHUP:
                signal.signal(number, self._told)

    def _told(self, number: int, frame: FrameType | None) -> None:
        self._event.set()

    def told_within(self, seconds: float) -> bool:
        return self._event.wait(seconds)

    def check(self) -> None:
        """Raises `Stopped` when told."""
        if self._event.is_set():
            raise Stopped


class Stopped(Exception):
    """Told to stop while still starting."""


def run(
    process: Process,
    *,
    prepare: Callable[[], None],
    announce: Callable[[], None],
    quiet: bool,
    beside: Sequence[Program] = (),
) -> None:
    """Start all, `prepare` the databases, begin to serve, `announce`, and keep all alive until told to stop.

    Web and worker load their code while the databases are prepared, and are held until that is done.

    `prepare` runs in a forked copy of this process, so that what it loads does not stay in the supervisor's memory.
    `beside` are served and kept alive as web and worker are. `quiet` sends what they all say to files instead of our
    standard error. The folder is held by the caller.
    """
    stop = Stop()
    children.adopt_orphans()
    folder = process.folder
    _end_left_children(folder)
    need_free_port(process.bind, process.port)
    server = Server(folder, patience=process.patience) if process.is_embedded else None
    output = folder.make("log") if quiet else None
    programs = [Program("web", ("web",)), Program("worker", ("worker",)), *beside]
    serving = [Child(each, process, output and output / f"{each.name}.log") for each in programs]
    try:
        if server is not None:
            server.start(meanwhile=stop.check)
        stop.check()
        hold = Hold()
        for child in serving:
            child.start(hold)
        _in_a_copy(prepare, stop)
        hold.let_go()
        _wait_until_ready(process, serving[0], stop)
        for child in serving:
            _wait_until_reached(process, child, stop)
        announce()
        _keep_alive(server, serving, stop)
    except Stopped:
        pass
    finally:
        for child in serving:
            child.stop()
        if server is not None:
            server.stop()
        children.reap(ORPHANS_END_WITHIN_S)


def need_free_port(bind: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except PermissionError:
            raise Refused(f"Port {port} is reserved for the system. Choose one from 1024 up: PORT=8000") from None
        except OSError as error:
            raise Refused(
                f"Port {port} of {bind} can't be used ({error.strerror}). Another program may be listening there: "
                f"stop it, or choose another port, such as PORT={port + 1 if port < 65535 else 8000}"
            ) from None


def a_free_port(rather: int) -> int:
    """`rather`, or another one where that is taken or there is no such port."""
    for port in (rather, 0) if rather <= 65535 else (0,):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise Refused("No port is free on this machine.")


def _end_left_children(folder: Folder) -> None:
    """Web and worker of an earlier run that was killed: the folder is ours now, so they serve nobody."""

    def left() -> list[int]:
        return children.started_with(MARK, str(folder))

    if not children.end(left, CHILD_STOP_STEPS):
        raise Refused(f"Processes of an earlier run can't be stopped: {left()}")
    shutil.rmtree(folder.path / "run" / "metrics", ignore_errors=True)  # the figures of former processes


def _in_a_copy(work: Callable[[], None], stop: Stop) -> None:
    """Run `work` in a fork of this process; what it refuses it says itself, and its exit code becomes ours."""
    copy = os.fork()
    if copy == 0:
        code = 1
        try:
            children.die_with_parent(signal.SIGTERM, os.getppid())
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            work()
            code = 0
        except Exception as error:
            if words := in_words(error):
                print(words, file=sys.stderr, flush=True)
            else:
                log.error("up.not_prepared", exc_info=True)
        finally:
            sys.stdout.flush()
            os._exit(code)
    while True:
        pid, status = os.waitpid(copy, os.WNOHANG)
        if pid:
            break
        if stop.told_within(0.02):
            os.kill(copy, signal.SIGTERM)
            os.waitpid(copy, 0)
            raise Stopped
    if status:
        raise Refused("The databases could not be prepared; the reason is above.")


def _wait_until_ready(process: Process, web: Child, stop: Stop) -> None:
    began = time.monotonic()
    while not _is_ready(process):
        if stop.told_within(0.02):
            raise Stopped
        if web.has_died():
            raise Refused(f"The web server ended at once (exit code {web.exit_code}); see {_where_it_logs(process)}.")
        if time.monotonic() - began > READY_WITHIN_S:
            raise Refused(f"The web server was not ready within {READY_WITHIN_S:.0f} s; see {_where_it_logs(process)}.")


def _wait_until_reached(process: Process, child: Child, stop: Stop) -> None:
    """One that has a port of its own besides the web's."""
    began = time.monotonic()
    while child.program.port is not None and not _is_reached(child.program.port):
        if stop.told_within(0.02):
            raise Stopped
        if child.has_died() or time.monotonic() - began > READY_WITHIN_S:
            raise Refused(f"{child.name} can't be reached; see {_where_it_logs(process, child.name)}.")


def _is_reached(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def _where_it_logs(process: Process, name: str = "web") -> str:
    file = process.var / "log" / f"{name}.log"
    return str(file) if file.exists() else "its words above"


def _is_ready(process: Process) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(process.bind, process.bind)
    connection = http.client.HTTPConnection(host, process.port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": "127.0.0.1"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _keep_alive(server: Server | None, serving: list[Child], stop: Stop) -> None:
    database_backoff = Backoff()
    while not stop.told_within(LOOK_EVERY_S):
        if server is not None and server.has_died() and database_backoff.is_due():
            log.error("up.postgres_died")
            try:
                server.start(meanwhile=stop.check)
            except Stopped:
                raise
            except Exception as error:
                log.error("up.postgres_not_started", reason=in_words(error), exc_info=True)
            database_backoff.started()
        for child in serving:
            if child.has_died() and child.backoff.is_due():
                log.error("up.child_died", child=child.name, exit_code=child.exit_code)
                child.start()
        children.reap_strangers({one.pid for one in (server, *serving) if one is not None and one.pid is not None})
