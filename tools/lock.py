"""Write requirements.lock anew from pyproject.toml: hash-pinned, for every supported Python, without index addresses.

The program's own requirements and its build backend come first; what only the tests need comes behind
`install.TESTS_BEGIN`.
Needs `uv` beside the interpreter that runs this (`make lock` makes a scratch environment for both).
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tools import install

HEAD = """\
# Made by `make lock` from pyproject.toml; don't edit. `make demo` installs the part above the line
# "only for tests", `make test` all of it.
"""


def compiled(*groups: str, constraint: Path | None = None) -> dict[str, str]:
    """Package name → its requirement with hashes, as lines."""
    command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "pyproject.toml", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate"]
    command += [f"--group={group}" for group in groups]
    if constraint:
        command += ["--constraint", str(constraint)]
    text = subprocess.run(command, cwd=install.CLONE, stdout=subprocess.PIPE, check=True, text=True).stdout
    blocks = re.findall(r"^[^\s#].*(?:\n[ \t]+.*)*", text, flags=re.MULTILINE)
    return {re.split(r"[=\s]", block, maxsplit=1)[0]: block + "\n" for block in blocks}


def main() -> None:
    everything = compiled("build", "test")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as same_versions:
        same_versions.writelines(everything.values())
        same_versions.flush()
        program = compiled("build", constraint=Path(same_versions.name))
    only_for_tests = [block for name, block in everything.items() if name not in program]
    Path(install.LOCK).write_text(
        HEAD + "".join(program.values()) + "\n" + install.TESTS_BEGIN + "\n" + "".join(only_for_tests)
    )


if __name__ == "__main__":
    main()
