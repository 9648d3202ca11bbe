"""What is shipped is what stands in the package: no test, no point at which a test kills a process."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.house.source import ROOT, modules


def test_the_package_has_no_point_for_tests_to_hook_into() -> None:
    """Points are put around its functions by `tests/books/killable.py`, in a forked child; the package reads no switch."""
    found = []
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import | ast.ImportFrom) and "tests" in ast.unparse(node).split()[1].split("."):
                found.append(module.where(node))
            if (
                isinstance(node, ast.Attribute)
                and node.attr in {"environ", "getenv"}
                and not module.name.startswith("server/")
            ):
                found.append(module.where(node))
            if isinstance(node, ast.Attribute) and node.attr == "SIGKILL" and not module.name.startswith("server/"):
                found.append(module.where(node))
    # The two documented exceptions: Django's own entry point for settings.
    assert [place for place in found if not place.startswith("server/wsgi.py")] == []


def test_the_wheel_holds_the_package_and_nothing_else(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    [wheel] = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as shipped:
        names = shipped.namelist()
        text = b"".join(shipped.read(name) for name in names if name.endswith(".py"))
    assert all(name.startswith(("dirisha/", "dirisha-")) for name in names)
    assert "dirisha/engine/sql/command.sql" in names
    for point in (b"killable", b"failpoint", b"KILL_AT", b"after the hand-over"):
        assert point not in text, point
