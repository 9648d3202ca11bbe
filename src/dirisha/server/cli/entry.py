"""How a command begins: as whom it runs, from which folder, with which database."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import django

import dirisha
from dirisha.server import account, logs, process
from dirisha.server.folder import Busy, Folder
from dirisha.server.postgres import Cluster, Server
from dirisha.server.process import Process
from dirisha.server.refused import Refused
from dirisha.server.up import need_free_port

SERVING = ("web", "worker")
SHARED_SECRETS = ("secret_key", "pepper")


def begin(command: str, *, makes_folder: bool) -> Process:
    """Read the settings, make the data folder or check it, give up root for good, and start to log.

    A command that doesn't make the folder leaves no trace where there is none: its name may be a slip.
    """
    settings = process.load()
    if command in SERVING:
        need_database(settings)
    if command == "up" and settings.folder.is_empty:  # where nothing can start, no folder stays behind
        need_free_port(settings.bind, settings.port)
    is_folder_used = makes_folder or command in SERVING or not settings.folder.is_empty
    if account.is_root():
        someone = account.ensure_account(settings.account)
        if is_folder_used:
            Folder(settings.var, someone).prepare()
        account.become(someone, reads=[Path(dirisha.__file__).parent])
    elif is_folder_used:
        settings.folder.prepare()
    os.umask(0o077)
    if not os.access(".", os.X_OK):
        os.chdir(settings.var if is_folder_used else "/")
    os.environ["HOME"] = str(settings.var)
    os.environ["DIRISHA_VAR"] = str(settings.var)
    if command in SERVING:  # they share their figures through files there, and /metrics shows those of all
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.folder.make("run/metrics"))
    logs.configure(command, settings.log_level)
    return settings


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dirisha.server.settings")
    django.setup()


@contextlib.contextmanager
def database(settings: Process) -> Iterator[Cluster]:
    """A server to work on: the one of DATABASE_URL, that of a running `dirisha up`, or our own for as long as this."""
    try:
        with database_alone(settings) if settings.is_embedded else contextlib.nullcontext(settings.cluster) as cluster:
            yield cluster
    except Busy:
        yield settings.cluster


@contextlib.contextmanager
def database_alone(settings: Process) -> Iterator[Cluster]:
    """The same, but `Busy` while anything runs from the folder: for what no worker may find half done."""
    with settings.folder.held():
        if not settings.is_embedded:
            yield settings.cluster
            return
        server = Server(settings.folder, patience=settings.patience)
        try:
            yield server.start()
        finally:
            server.stop()


def need_database(settings: Process) -> None:
    """Refuse to serve or read where there is nothing to serve or read from."""
    if settings.is_embedded and not (settings.var / "postgres" / "data").exists():
        raise Refused(
            f"There is no database in {settings.var}. Run `dirisha up`, choose the folder that has one (DIRISHA_VAR), "
            "or set DATABASE_URL to a server."
        )
    if not settings.is_embedded:
        need_shared_secrets(settings)


def make_shared_secrets(settings: Process) -> None:
    """Once, on the machine that makes the databases."""
    for name in SHARED_SECRETS:
        settings.secret(name)


def need_shared_secrets(settings: Process) -> None:
    """With a server of one's own there may be several machines, and a PIN set on one must be right on the other."""
    missing = [
        name
        for name in SHARED_SECRETS
        if getattr(settings, name) is None and not settings.folder.secret_path(name).exists()
    ]
    if missing:
        raise Refused(
            f"{settings.folder.secret_path(missing[0])} is missing. With DATABASE_URL all machines share the same "
            f"secrets: copy the folder from the machine where `dirisha migrate` ran, or set {_variables(missing)}."
        )


def _variables(names: list[str]) -> str:
    return " and ".join(f"DIRISHA_{name.upper()}" for name in names)
