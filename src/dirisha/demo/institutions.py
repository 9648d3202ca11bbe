"""The institutions of the demo, as files beside those of real ones; whoever tries them may edit them.

The second one's people have the phones, names to log in by, client ids and account ids of the first one's. A third one
stands before a far core: its books are those of `CORE`, an institution whose file lies where no door looks for one, so
that nobody logs in there and no host, tenant or hook leads there. Only the stand-in of Fineract opens its books.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from dirisha.demo.cast import FIRST, SECOND, THIRD, Troupe

SIMULATOR = re.compile(r'^api_url = "[^"]*(/demo/africastalking/[^"]*)"$', re.MULTILINE)
STAND_IN = re.compile(r'^url = "http://127\.0\.0\.1:\d+(/fineract-provider)"$', re.MULTILINE)
RESTING = ".resting"


@dataclass(frozen=True, slots=True)
class DemoInstitution:
    """`crowd` is the part of the demo's people that its history has besides the cast: one in so many."""

    slug: str
    troupe: Troupe
    crowd: int = 1


DEMO = (DemoInstitution("tumaini", FIRST), DemoInstitution("jirani", SECOND))
FAR = DemoInstitution("ziwa", THIRD)
CORE = DemoInstitution("ziwa-core", THIRD, crowd=3)


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are at this start: our web server and, before a far core, the stand-in; `http://127.0.0.1:8000`.

    `password_file` has the service user's.
    """

    web: str
    fineract: str = ""
    password_file: Path | None = None


def write_file(slug: str, folder: Path, places: Places, secrets: Mapping[str, str]) -> None:
    """Make the institution's file, or point an existing one to where the simulators are now.

    `secrets` are its own: `hook` and `key`. What somebody has pointed elsewhere stays so.
    """
    path = folder / f"{slug}.toml"
    resting = path.with_suffix(RESTING)
    if resting.exists() and not path.exists():
        resting.rename(path)
    if path.exists():
        before = path.read_text("utf-8")
        after = SIMULATOR.sub(lambda found: f'api_url = "{places.web}{found[1]}"', before)
        after = STAND_IN.sub(lambda found: f'url = "{places.fineract}{found[1]}"', after)
    else:
        before, template = "", Template(Path(__file__).with_name(f"{slug}.toml").read_text("utf-8"))
        after = template.substitute(
            secrets, address=places.web, fineract=places.fineract, password_file=places.password_file
        )
    if after != before:
        _write_whole(path, after)


def rest(slug: str, folder: Path) -> None:
    """Have the institution served by nobody until `write_file` takes it up again, with all that it was edited to."""
    path = folder / f"{slug}.toml"
    if path.exists():
        path.rename(path.with_suffix(RESTING))


def _write_whole(path: Path, text: str) -> None:
    """It appears there whole, readable by its owner alone: a hook's secret is in it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
