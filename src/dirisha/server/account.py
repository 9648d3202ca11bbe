"""The unprivileged account that everything runs as when root starts it: PostgreSQL, web and worker are never root.

The account owns data and sockets, nothing else. No mode of a folder that exists is changed for its sake.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dirisha.server.refused import Refused


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int

    def spawn_options(self) -> dict[str, Any]:
        """For `subprocess.Popen` in a process that is still root."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def is_root() -> bool:
    return os.geteuid() == 0


def ensure_account(name: str) -> Account:
    """The account of that name, made by the system's own tool where it is missing. Only root may call this."""
    try:
        return _find(name)
    except KeyError:
        pass
    words = _make(name)
    try:
        return _find(name)
    except KeyError:
        raise Refused(
            f"The account '{name}', which Dirisha runs as when root starts it, could not be made: {words}\n"
            "Make it by hand, or name one that exists: DIRISHA_ACCOUNT=nobody"
        ) from None


def _find(name: str) -> Account:
    entry = pwd.getpwnam(name)
    if entry.pw_uid == 0:
        raise Refused(f"DIRISHA_ACCOUNT names '{name}', which is root. Name an account without privileges.")
    return Account(name, entry.pw_uid, entry.pw_gid)


def _make(name: str) -> str:
    """Try `useradd`, then `adduser`; what the last of them said."""
    nologin = shutil.which("nologin") or "/bin/false"
    commands = (
        ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", nologin],
        ["adduser", "--system", "--group", "--no-create-home", "--home", "/nonexistent", "--shell", nologin],
    )
    words = "neither useradd nor adduser is installed."
    for command in commands:
        program = shutil.which(command[0])
        if program is None:
            continue
        run = subprocess.run([program, *command[1:], name], capture_output=True, text=True, check=False)
        if run.returncode == 0:
            return ""
        words = (run.stderr or run.stdout).strip()
    return words


def own_folder(folder: Path, account: Account) -> None:
    """Make `folder` the account's alone. Missing parents are made as root's own; existing ones stay as they are.

    A folder that exists already is handed over only while it is empty; one with files in it must be the account's.
    """
    need_way(folder.parent, account, to=folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.stat()
    if status.st_uid == account.uid:
        return
    if any(folder.iterdir()):
        raise Refused(f"{folder} holds files of another account. Choose an empty folder, or one that doesn't exist.")
    os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def need_way(path: Path, account: Account, *, to: Path | None = None) -> None:
    """Refuse a path that the account can't follow, naming the folder that is closed to it."""
    closed = _first_closed(path, account)
    if closed is not None:
        raise Refused(
            f"The account '{account.name}', which is to run it, can't enter {closed} on the way to {to or path}."
        )


def _first_closed(path: Path, account: Account) -> Path | None:
    whole = path.resolve()
    for folder in (*reversed(whole.parents), whole):
        if not folder.exists():
            return None
        if not _may_pass(folder.stat(), account):
            return folder
    return None


def _may_pass(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def become(account: Account, *, reads: Iterable[Path]) -> None:
    """Give up root for good. `reads` are folders that the process still needs to read from afterwards."""
    for path in (Path(sys.base_prefix), Path(sys.prefix), *reads):
        try:
            need_way(path, account)
        except Refused as refusal:
            raise Refused(
                f"{refusal}\nInstall Dirisha where all accounts can read it, such as below /opt (`make demo` does)."
            ) from None
    os.setgroups([])
    os.setresgid(account.gid, account.gid, account.gid)
    os.setresuid(account.uid, account.uid, account.uid)
