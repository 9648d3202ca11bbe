"""Prepare the place this clone runs from, and print it: its virtual environment, with our package installed in it.

    python3 tools/install.py [--with-tests]       make or refresh the place
    python3 tools/install.py --remove             take it away (the data stays)

Root gets a place outside the clone, /opt/dirisha/<digest of the clone's path>, owned by root and readable by all: the
program then runs as an unprivileged account, which may not be able to enter the clone. Anybody else gets .venv in the
clone.

This runs before anything is installed: standard library only, and nothing newer than Python 3.7, so that an old
interpreter can still say what is missing.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator

CLONE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
LOCK = os.path.join(CLONE, "requirements.lock")
TESTS_BEGIN = "# ---- only for tests ----"
OLDEST_PYTHON = (3, 11)
SPACE_NEEDED_MB = 700
DIGEST = hashlib.sha256(CLONE.encode()).hexdigest()[:12]


class Refused(Exception):
    """The place can't be made; the text says why and what to do."""


def as_root() -> bool:
    return os.geteuid() == 0


def place() -> str:
    """The folder of the virtual environment."""
    return os.path.join("/opt/dirisha", DIGEST, "venv") if as_root() else os.path.join(CLONE, ".venv")


def data_folder() -> str:
    """Where the data lie unless DIRISHA_VAR says otherwise."""
    return os.path.join("/var/lib/dirisha", DIGEST) if as_root() else os.path.join(CLONE, "var")


# ---------------------------------------------------------------------------------------------------- the interpreter

PROBE = """
import json, os, sys
try:
    import ensurepip, venv
    has_venv = True
except ImportError:
    has_venv = False
real = os.path.realpath(sys.executable)
print(json.dumps([sys.version_info[:2], has_venv, real, os.path.realpath(sys.base_prefix)]))
"""


def interpreter() -> str:
    """The first Python on this machine that is new enough, has venv and, for root, can be run by other accounts."""
    faults = []
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11", "/usr/bin/python3"):
        candidate = sys.executable if name == "python3" else shutil.which(name)
        if not candidate:
            continue
        fault, real = examine(candidate)
        if not fault:
            return real
        if fault not in faults:
            faults.append(fault)
    raise Refused("No suitable Python was found:\n  " + "\n  ".join(faults))


def examine(candidate: str) -> tuple[str, str]:
    """What is wrong with it, or '', and its real path."""
    probe = subprocess.run(
        [candidate, "-I", "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
    )
    if probe.returncode:
        return f"{candidate} does not run.", candidate
    version, has_venv, real, prefix = json.loads(probe.stdout.decode())
    if tuple(version) < OLDEST_PYTHON:
        return "{} is Python {}.{}; 3.11 or newer is needed.".format(real, *version), real
    if not has_venv:
        hint = "apt-get install python3-venv" if shutil.which("apt-get") else "install your system's venv package"
        return f"{real} lacks the module venv: {hint}", real
    closed = (closed_to_others(real) or closed_to_others(prefix)) if as_root() else ""
    if closed:
        return f"{real} can't be run by an unprivileged account, since {closed} is closed to others.", real
    return "", real


def closed_to_others(path: str) -> str:
    """The first folder or file on the way to `path` that accounts other than its owner can't pass, or ''."""
    while True:
        if not os.stat(path).st_mode & stat.S_IXOTH:
            return path
        if path == "/":
            return ""
        path = os.path.dirname(path)


# ------------------------------------------------------------------------------------------------------- what it holds


def requirements(with_tests: bool) -> str:
    """The lock's text: all of it, or the part that the program itself needs."""
    with open(LOCK, encoding="utf-8") as file:
        text = file.read()
    return text if with_tests else text.split(TESTS_BEGIN)[0]


def digest_of_package() -> str:
    """Changes whenever the package would be built differently."""
    files = [os.path.join(CLONE, name) for name in ("pyproject.toml", "LICENSE")]
    for folder, below, names in os.walk(os.path.join(CLONE, "src")):
        below[:] = sorted(name for name in below if name != "__pycache__")
        files += [os.path.join(folder, name) for name in sorted(names)]
    digest = hashlib.sha256()
    for path in files:
        digest.update(os.path.relpath(path, CLONE).encode() + b"\0")
        with open(path, "rb") as file:
            digest.update(file.read() + b"\0")
    return digest.hexdigest()


def stamp(venv: str, name: str) -> str:
    """What a finished step has noted, or '' when it never finished."""
    try:
        with open(os.path.join(venv, "stamp-" + name), encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def set_stamp(venv: str, name: str, value: str) -> None:
    with open(os.path.join(venv, "stamp-" + name), "w", encoding="ascii") as file:
        file.write(value)


# ---------------------------------------------------------------------------------------------------------- the steps


def prepare(with_tests: bool) -> str:
    """Bring the place up to date, doing only what is not done yet."""
    venv = place()
    wanted = hashlib.sha256(requirements(with_tests).encode()).hexdigest()
    program = hashlib.sha256(requirements(with_tests=False).encode()).hexdigest()
    package = digest_of_package()
    is_new = not runs(venv) or stamp(venv, "program") != program
    if is_new:
        make_environment(venv)
    if is_new or (with_tests and stamp(venv, "tests") != wanted):
        install_locked(venv, requirements(with_tests))
        set_stamp(venv, "program", program)
        set_stamp(venv, "tests", wanted if with_tests else "")
    if stamp(venv, "package") != package:
        install_package(venv)
        set_stamp(venv, "package", package)
    return venv


def runs(venv: str) -> bool:
    """Whether its interpreter is there and still the one it was made with (a system upgrade can take it away)."""
    return os.access(os.path.join(venv, "bin", "python"), os.X_OK)


def make_environment(venv: str) -> None:
    python = interpreter()
    need_space(os.path.dirname(venv))
    say(f"Making a virtual environment in {venv}")
    shutil.rmtree(venv, ignore_errors=True)
    call([python, "-m", "venv", venv], "The virtual environment could not be made.")


def install_locked(venv: str, text: str) -> None:
    count = sum(1 for line in text.splitlines() if "==" in line and not line.startswith("#"))
    say(f"Installing {count} locked packages (a minute or two when none of them is in pip's cache)")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        pip(venv, "--require-hashes", "--only-binary", ":all:", "-r", file.name)


def install_package(venv: str) -> None:
    """A copy of our package as its wheel has it, not a link: what runs needs no clone and does not change under way."""
    say("Installing dirisha from this clone")
    pip(venv, "--no-deps", "--no-build-isolation", "--force-reinstall", CLONE)
    with open(os.path.join(venv, "dirisha.env"), "w", encoding="utf-8") as file:
        file.write("# Where `dirisha` of this environment keeps its data, unless the environment says otherwise.\n")
        file.write(f"DIRISHA_VAR={data_folder()}\n")


def pip(venv: str, *arguments: str) -> None:
    command = [os.path.join(venv, "bin", "python"), "-I", "-m", "pip", "install", "--quiet", "--no-input"]
    call(
        [*command, "--disable-pip-version-check", "--no-warn-script-location", *arguments],
        "pip failed; its words are above. Is the package index within reach, and is there space on the disk?",
    )


def call(command: list[str], fault: str) -> None:
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        raise Refused(fault)


def need_space(folder: str) -> None:
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < SPACE_NEEDED_MB:
        raise Refused(f"{folder} has {free_mb} MB free; at least {SPACE_NEEDED_MB} MB are needed.")


def make_parent(venv: str) -> None:
    """The folder that holds the environment; existing folders keep their modes."""
    parent = os.path.dirname(venv)
    try:
        os.makedirs(parent, exist_ok=True)
    except OSError as error:
        raise Refused(f"{parent} can't be made: {error.strerror}.") from None
    if not os.access(parent, os.W_OK):
        raise Refused(f"{parent} is not yours to write in. Clone the project into a folder of your own.")
    closed = closed_to_others(parent) if as_root() else ""
    if closed:
        raise Refused(f"{closed} is closed to other accounts, so the program could not run there.")


@contextlib.contextmanager
def alone(venv: str) -> Iterator[None]:
    """One install at a time; a second one waits."""
    with open(venv + ".lock", "w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Waiting for another install into {venv}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> None:
    unknown = set(arguments) - {"--with-tests", "--remove"}
    if unknown:
        raise Refused("Unknown: {}. See the top of {}.".format(", ".join(sorted(unknown)), __file__))
    os.umask(0o022)
    venv = place()
    if "--remove" in arguments:
        shutil.rmtree(os.path.dirname(venv) if as_root() else venv, ignore_errors=True)
        return
    make_parent(venv)
    with alone(venv):
        print(prepare(with_tests="--with-tests" in arguments))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Refused as refusal:
        sys.exit(str(refusal))
    except OSError as error:
        sys.exit("{}: {}.".format(error.filename or "The place could not be made", error.strerror))
    except KeyboardInterrupt:
        sys.exit(130)
