"""tools/install.py and its lock: what a bare clone relies on."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dirisha.server import account as accounts
from tools import install

CLONE = Path(__file__).parents[2]
LOCK = (CLONE / "requirements.lock").read_text()


def test_every_locked_requirement_has_a_hash() -> None:
    requirements = [block for block in re.split(r"\n(?=\S)", LOCK) if not block.startswith("#")]

    assert len(requirements) > 40
    assert [block for block in requirements if "--hash=sha256:" not in block] == []


def test_the_lock_names_no_index_and_no_address() -> None:
    assert re.findall(r"https?:|--index-url|--find-links|file:", LOCK) == []


def test_the_program_is_installed_without_the_tests_tools() -> None:
    program, everything = install.requirements(with_tests=False), install.requirements(with_tests=True)

    assert "\ndjango==" in program
    assert "\npytest==" not in program
    assert "\npytest==" in everything


def test_the_installer_needs_only_the_standard_library() -> None:
    script = "import runpy; runpy.run_path('tools/install.py'); import sys; print('pip' in sys.modules)"

    run = subprocess.run([sys.executable, "-I", "-S", "-c", script], cwd=CLONE, capture_output=True, text=True)

    assert (run.returncode, run.stdout.strip()) == (0, "False"), run.stderr


def fake_python(folder: Path, name: str, version: tuple[int, int], *, has_venv: bool, real: str) -> str:
    """Answers the installer's question as such an interpreter would."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{json.dumps([version, has_venv, real, real])}'\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def only(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which only the interpreters in this folder are found."""

    def which(name: str) -> str | None:
        return str(place / name) if "/" not in name and (place / name).exists() else None

    monkeypatch.setattr("shutil.which", which)
    monkeypatch.setattr(sys, "executable", str(place / "python3"))
    return place


def test_an_old_python_is_said(only: Path) -> None:
    fake_python(only, "python3", (3, 9), has_venv=True, real="/usr/bin/python3.9")

    with pytest.raises(install.Refused, match=r"/usr/bin/python3.9 is Python 3.9; 3.11 or newer is needed"):
        install.interpreter()


def test_a_missing_venv_module_is_said_with_the_cure(only: Path) -> None:
    fake_python(only, "python3", (3, 12), has_venv=False, real="/usr/bin/python3.12")
    (only / "apt-get").touch()

    with pytest.raises(install.Refused, match=r"python3.12 lacks the module venv: apt-get install python3-venv"):
        install.interpreter()


def test_a_newer_python_beside_the_old_one_is_taken(only: Path) -> None:
    fake_python(only, "python3", (3, 9), has_venv=True, real="/usr/bin/python3.9")
    fake_python(only, "python3.12", (3, 12), has_venv=True, real="/usr/bin")

    assert install.interpreter() == "/usr/bin"


@pytest.mark.skipif(not accounts.is_root(), reason="only root runs the program as another account")
def test_root_needs_a_python_that_others_can_run(only: Path) -> None:
    private = only / "private"
    private.mkdir(mode=0o700)
    (private / "python3").touch(mode=0o755)
    fake_python(only, "python3", (3, 12), has_venv=True, real=str(private / "python3"))

    with pytest.raises(install.Refused, match=f"can't be run by an unprivileged account, since {private} is closed"):
        install.interpreter()

    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_a_full_disk_is_said_before_anything_is_installed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "SPACE_NEEDED_MB", 10**9)

    with pytest.raises(install.Refused, match=f"{place} has .* MB free; at least 1000000000 MB are needed"):
        install.need_space(str(place))
