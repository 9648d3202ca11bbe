"""The two institutions of the demo, as files beside those of real ones; whoever tries them may edit them.

The second one's people have the phones, names to log in by, client ids and account ids of the first one's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template

from dirisha.demo.cast import FIRST, SECOND, Troupe

SIMULATOR = re.compile(r'^api_url = "[^"]*(/demo/africastalking/[^"]*)"$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class DemoInstitution:
    slug: str
    troupe: Troupe


DEMO = (DemoInstitution("tumaini", FIRST), DemoInstitution("jirani", SECOND))


def write_file(slug: str, folder: Path, *, address: str, secret: Callable[[str], str]) -> None:
    """Make the institution's file, or point an existing one to where the simulated gateway is now.

    `address` is that of our web server, such as `http://127.0.0.1:8000`; `secret(name)` is made once a data folder.
    """
    path = folder / f"{slug}.toml"
    if path.exists():
        before = path.read_text("utf-8")
        after = SIMULATOR.sub(lambda found: f'api_url = "{address}{found[1]}"', before)
    else:
        before, template = "", Template(Path(__file__).with_name(f"{slug}.toml").read_text("utf-8"))
        after = template.substitute(address=address, hook=secret(f"hook_{slug}"), key=secret(f"gateway_key_{slug}"))
    if after != before:
        _write_whole(path, after)


def _write_whole(path: Path, text: str) -> None:
    """It appears there whole, readable by its owner alone: a hook's secret is in it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
