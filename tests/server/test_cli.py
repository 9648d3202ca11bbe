"""The command `dirisha`: helpful, quiet about its insides, honest in its exit codes."""

from __future__ import annotations

import pytest

from dirisha.server import account as accounts
from tests.server.conftest import INSTITUTION, Installation

NO_DATABASE = (
    "There is no database in {}. Run `dirisha up`, choose the folder that has one (DIRISHA_VAR), "
    "or set DATABASE_URL to a server.\n"
)


@pytest.mark.parametrize(
    "arguments",
    [[], ["up"], ["web"], ["worker"], ["migrate"], ["tenant"], ["tenant", "add"], ["demo"], ["demo", "reset"], ["cast"],
     ["staff"], ["staff", "deposit"], ["audit"], ["audit", "verify"], ["ledger", "verify"]],
)  # fmt: skip
def test_help_explains_and_writes_nothing(installation: Installation, arguments: list[str]) -> None:
    run = installation.run(*arguments, "--help")

    assert (run.returncode, run.stderr) == (0, "")
    assert "Usage: dirisha" in run.stdout
    assert not installation.var.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dance"], "No such command 'dance'"),
        (["up", "--quickly"], "No such option"),
        (["tenant", "add"], "Missing argument 'FILE'"),
        (["tenant", "sing"], "No such command 'sing'"),
    ],
)
def test_misuse_is_told_apart_from_failure(installation: Installation, arguments: list[str], words: str) -> None:
    run = installation.run(*arguments)

    assert run.returncode == 2
    assert words in run.stderr


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"DIRISHA_PORT": "eighty"}, "DIRISHA_PORT: "),
        ({"DIRISHA_PORT": "70000"}, "DIRISHA_PORT: "),
        ({"DIRISHA_TLS": "perhaps"}, "DIRISHA_TLS: "),
        ({"DIRISHA_PROXIES": "10.0.0.0/8,here"}, "DIRISHA_PROXIES: "),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    installation: Installation, environment: dict[str, str], words: str
) -> None:
    installation.environment = environment

    run = installation.run("up")

    assert run.returncode == 1
    assert run.stderr.startswith(words)
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.security("A-08")
@pytest.mark.parametrize("name", ["DATABASE_URL", "DIRISHA_OWNER_URL", "DIRISHA_ADMIN_URL"])
@pytest.mark.parametrize("value", ["canary", "canary=x", "postgresql://u:canary%zz@host", "host='canary"])
def test_a_connection_string_that_is_none_is_named_and_not_repeated(
    installation: Installation, name: str, value: str
) -> None:
    installation.environment = {name: value}

    run = installation.run("ledger", "verify")

    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"{name}: this is no connection string")
    assert len(run.stderr.splitlines()) == 1
    assert "canary" not in run.stderr
    assert not installation.var.exists()


@pytest.mark.parametrize("command", ["web", "worker"])
def test_nothing_is_served_without_a_database(installation: Installation, command: str) -> None:
    run = installation.run(command)

    assert run.returncode == 1
    assert run.stderr == NO_DATABASE.format(installation.var)
    assert not installation.var.exists()


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize(
    "arguments",
    [["audit", "verify"], ["ledger", "verify"], ["ledger", "verify", "--institution", "umoja"], ["tenant", "list"],
     ["cast"], ["staff", "appoint", "--office", "1", "--login", "grace", "--name", "Grace", "--generate"],
     ["staff", "deposit", "--as", "grace", "--account", "1", "--amount", "5"]],
)  # fmt: skip
def test_what_reads_is_refused_in_a_folder_without_data_and_leaves_it_so(
    installation: Installation, arguments: list[str], is_there: bool
) -> None:
    if is_there:
        installation.var.mkdir()
        installation.var.chmod(0o755)

    run = installation.run(*arguments)

    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == NO_DATABASE.format(installation.var)
    assert installation.var.exists() == is_there
    assert not is_there or list(installation.var.iterdir()) == []


def test_a_check_of_no_institution_does_not_pass_for_one(installation: Installation) -> None:
    assert installation.run("migrate").returncode == 0

    for subject in ("audit", "ledger"):
        run = installation.run(subject, "verify")
        assert (run.returncode, run.stdout) == (1, "")
        assert run.stderr == f"There is no institution in {installation.var}/institutions: nothing was checked.\n"


def test_a_server_that_does_not_answer_is_said(installation: Installation) -> None:
    nowhere = "postgresql://{}:x@127.0.0.1:1"
    installation.environment = {
        "DATABASE_URL": nowhere.format("dirisha_login"),
        "DIRISHA_OWNER_URL": nowhere.format("dirisha_owner"),
        "DIRISHA_ADMIN_URL": nowhere.format("postgres"),
    }

    run = installation.run("migrate")

    assert run.returncode == 1
    assert run.stderr.startswith("The database does not answer: ")
    assert "Traceback" not in run.stderr


def test_with_a_server_of_ones_own_secrets_are_not_made_behind_ones_back(installation: Installation) -> None:
    installation.environment = {"DATABASE_URL": "postgresql://dirisha_login:x@127.0.0.1:1"}

    run = installation.run("web")

    assert run.returncode == 1
    assert "copy the folder from the machine where `dirisha migrate` ran" in run.stderr
    assert not (installation.var / "secrets").exists()


def test_institutions_are_added_once_and_listed(installation: Installation) -> None:
    umoja, pili = (INSTITUTION.format(slug=slug) for slug in ("umoja", "pili"))
    assert installation.run("migrate").returncode == 0
    assert installation.run("tenant", "list").stdout.startswith("There is none in ")

    added = installation.run("tenant", "add", "-", given=umoja)
    again = installation.run("tenant", "add", "-", given=umoja)
    other = installation.run("tenant", "add", "-", given=pili)

    assert (added.returncode, added.stdout) == (0, "umoja: added, database dirisha_umoja\n")
    assert again.returncode == 1
    assert "umoja is there already" in again.stderr
    assert other.returncode == 0
    listed = installation.run("tenant", "list")
    assert [line.split()[:2] for line in listed.stdout.splitlines()] == [["pili", "current"], ["umoja", "current"]]
    assert installation.run("migrate").returncode == 0


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ('"KES"', '"shillings"', "standard input: currency_code"),
        ("NativeCore", "NoCore", "dirisha.core.native.core:NoCore: names nothing"),
        (".core:NativeCore", "", "dirisha.core.native: names nothing"),
        ("country", "country =", "standard input: "),
    ],
)
def test_a_file_that_describes_no_institution_is_refused_with_the_key(
    installation: Installation, right: str, wrong: str, words: str
) -> None:
    run = installation.run("tenant", "add", "-", given=INSTITUTION.format(slug="umoja").replace(right, wrong))

    assert run.returncode == 1
    assert words in run.stderr
    assert "Traceback" not in run.stderr
    assert list((installation.var / "institutions").iterdir()) == []


@pytest.mark.skipif(not accounts.is_root(), reason="only root can read what the account can't")
def test_a_file_that_only_root_can_read_has_another_way_in(installation: Installation) -> None:
    file = installation.var.parent / "umoja.toml"
    file.write_text(INSTITUTION.format(slug="umoja"))
    file.chmod(0o600)

    run = installation.run("tenant", "add", str(file))

    assert run.returncode == 1
    assert f"dirisha tenant add - < {file}" in run.stderr
