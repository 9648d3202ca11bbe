"""tools/install.py and its lock: what a bare clone relies on."""

import re
import subprocess
import sys
from pathlib import Path

CLONE = Path(__file__).parents[2]
LOCK = (CLONE / "requirements.lock").read_text()


def test_every_locked_requirement_has_a_hash() -> None:
    requirements = [block for block in re.split(r"\n(?=\S)", LOCK) if not block.startswith("#")]

    assert len(requirements) > 40
    assert [block for block in requirements if "--hash=sha256:" not in block] == []


def test_the_lock_names_no_index_and_no_address() -> None:
    assert re.findall(r"https?:|--index-url|--find-links|file:", LOCK) == []


def test_the_installer_needs_only_the_standard_library() -> None:
    script = "import runpy; runpy.run_path('tools/install.py'); import sys; print('pip' in sys.modules)"

    run = subprocess.run([sys.executable, "-I", "-S", "-c", script], cwd=CLONE, capture_output=True, text=True)

    assert (run.returncode, run.stdout.strip()) == (0, "False"), run.stderr
