"""`dirisha …` in this process, on the test's bank: what it says, and with which code it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner

GRACE = {"DIRISHA_STAFF": "grace", "DIRISHA_STAFF_PASSWORD": "counter-number-4", "DIRISHA_INSTITUTION": "tumaini"}


@dataclass(frozen=True)
class Ended:
    code: int
    said: str
    complained: str


def command(name: str, *arguments: str, given: str | None = None, **environment: str | None) -> Ended:
    """Run `dirisha <name> <arguments>` as `main` does, but for the change of account and the logs."""
    import importlib

    from dirisha.server.refused import Refused

    module = importlib.import_module(f"dirisha.server.cli.{name}")
    run = CliRunner().invoke(getattr(module, name), arguments, input=given, env=environment)
    if isinstance(run.exception, Refused):
        return Ended(1, run.stdout, str(run.exception))
    if run.exception is not None and not isinstance(run.exception, SystemExit):
        raise run.exception
    return Ended(run.exit_code, run.stdout, run.stderr)


def staff(*arguments: Any, given: str | None = None, **environment: str | None) -> Ended:
    """As Grace of the Town office, unless the environment says otherwise."""
    return command("staff", *(str(each) for each in arguments), given=given, **(GRACE | environment))
