"""The data folder: the database, secrets, sockets, logs and the institutions' files of one installation.

.dirisha         says that the folder is ours, so that nothing of anybody else's is ever removed
postgres/        the embedded database: data/ and log/
secrets/         one secret a file, 0600, each made once at random
institutions/    one TOML file an institution
core/            the file of the demo's core bank, before which the stand-in of Fineract answers
run/             the database's socket, and what only counts while something runs
log/             what web and worker say, in the demo
phones/          the messages on the demo's phones, one file an institution
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from dirisha.server.account import Account, own_folder
from dirisha.server.refused import Refused

MARK = ".dirisha"
MARK_TEXT = "This folder holds the data of Dirisha. `make demo FRESH=1` empties it; nothing else does.\n"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107  # bytes: sun_path of Linux has 108 with the closing NUL


class Busy(Refused):
    """Another process holds the folder."""


class Folder:
    """One data folder. Nothing is written before `prepare`."""

    def __init__(self, path: Path, account: Account | None = None) -> None:
        self.path = path
        self.account = account  # only where root makes things that the account will own

    def __str__(self) -> str:
        return str(self.path)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it, or it isn't there."""
        return not self.path.is_dir() or all(entry.name == "lost+found" for entry in self.path.iterdir())

    def prepare(self) -> None:
        """Make the folder and mark it as ours. Refused where it holds the files of something else."""
        if self.account is not None:
            own_folder(self.path, self.account)
        else:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark = self.path / MARK
        if mark.exists():
            return
        if not self.is_empty:
            raise Refused(f"{self} holds files that aren't Dirisha's. Choose an empty folder: DIRISHA_VAR=folder")
        mark.write_text(MARK_TEXT)
        self._hand_over(mark)

    def make(self, name: str) -> Path:
        """A folder in it that only its owner can enter."""
        made = self.path / name
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._hand_over(made)
        return made

    def wipe(self) -> None:
        """Remove all that is in it. Refused where it isn't marked as ours."""
        if not self.path.exists():
            return
        if any(self.path.iterdir()) and not (self.path / MARK).exists():
            raise Refused(f"{self} has no file {MARK}, so it may not be Dirisha's: nothing was removed.")
        for entry in self.path.iterdir():
            if entry.name == MARK:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Be the only one that runs from this folder. Raises `Busy`; the kernel lets go when we die, however we do."""
        with open(self.path / MARK, "r+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(f"Dirisha already runs from {self}. Stop it first, or choose another DIRISHA_VAR.") from None
            yield

    # -------------------------------------------------------------------------------------------------------- secrets

    def secret(self, name: str) -> str:
        """The secret of that name, made at random the first time it is asked for (256 bits, URL-safe).

        Where the folder is not prepared (help texts, type checks) the value is a passing one and nothing is written.
        """
        path = self.secret_path(name)
        try:
            return path.read_text("ascii").strip()
        except FileNotFoundError:
            if not (self.path / MARK).exists():
                return secrets.token_urlsafe(32)
            self.make("secrets")
            self._make_secret(path)
            return path.read_text("ascii").strip()

    def secret_path(self, name: str) -> Path:
        return self.path / "secrets" / name

    def _make_secret(self, path: Path) -> None:
        """Two processes at once end with one value: a whole file is linked to its name, and only once."""
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._hand_over(draft)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()

    # -------------------------------------------------------------------------------------------------------- sockets

    @property
    def socket_folder(self) -> Path:
        """Where the database's socket lies: in `run/`, or in a short folder of /tmp when that path is too long."""
        usual = self.path / "run"
        if len(os.fsencode(usual / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return usual
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        return Path("/tmp") / f"dirisha-{digest}"

    def make_socket_folder(self) -> Path:
        """Make it ours alone. A folder of that name in /tmp that somebody else made is refused, not trusted."""
        folder = self.socket_folder
        if folder.parent == self.path:
            return self.make("run")
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            self._hand_over(folder)
        status = folder.lstat()
        owner = self.account.uid if self.account else os.geteuid()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or stat.S_IMODE(status.st_mode) != 0o700:
            raise Refused(f"{folder} is needed for the database's socket, but belongs to somebody else. Remove it.")
        return folder

    def _hand_over(self, path: Path) -> None:
        if self.account is not None and path.lstat().st_uid != self.account.uid:
            os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)
