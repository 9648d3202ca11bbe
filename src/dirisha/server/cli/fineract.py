from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol, cast

import click
import orjson

from dirisha.kit.words import Words
from dirisha.server.cli.institutions import chosen, everyone
from dirisha.server.refused import Refused
from dirisha.tenants.dotted import named_by
from dirisha.tenants.institution import Institution

CHECK = "dirisha.core.fineract.check:check"
MARKS = {"good": "ok  ", "doubtful": "look", "bad": "BAD "}
WORDS = Words.beside(__file__, "texts")
LANGUAGE = "en"


class Finding(Protocol):
    """What `dirisha.core.fineract.check` finds; no core is imported by its name here."""

    @property
    def key(self) -> str: ...

    @property
    def level(self) -> str: ...

    @property
    def facts(self) -> dict[str, str]: ...


@click.group()
def fineract() -> None:
    """Check the way to an institution's Apache Fineract."""


@fineract.command()
@click.option(
    "--institution", "slug", metavar="SLUG", envvar="DIRISHA_INSTITUTION", help="Not needed where one has it."
)
@click.option("--json", "as_json", is_flag=True, help="Say what was found as JSON, for programs.")
def check(slug: str | None, as_json: bool) -> None:
    """Address, TLS, tenant, user, permissions one by one, clock and business date: what is wrong, and how to mend it.

    Asks only, with the service user's own rights. Exit code 1 when something has to be mended.
    """
    institution = _in_front_of_fineract(slug)
    look = cast("Callable[[Institution, datetime], list[Finding]]", named_by(CHECK))
    findings = look(institution, datetime.now(UTC))
    if as_json:
        click.echo(orjson.dumps([_as_data(finding) for finding in findings]))
    else:
        for finding in findings:
            _say(finding)
    if any(finding.level == "bad" for finding in findings):
        raise SystemExit(1)


def _in_front_of_fineract(slug: str | None) -> Institution:
    having = [each for each in everyone() if each.fineract is not None]
    institution = having[0] if slug is None and len(having) == 1 else chosen(slug)
    if institution.fineract is None:
        raise Refused(f'{institution.slug} is not in front of Fineract: its file does not say core = "fineract".')
    return institution


def _say(finding: Finding) -> None:
    click.echo(f"{MARKS[finding.level]}  {_found(finding)}")
    if (mend := _mend(finding)) is not None:
        click.echo(f"      {mend}")


def _as_data(finding: Finding) -> dict[str, object]:
    return {
        "key": finding.key,
        "level": finding.level,
        "facts": finding.facts,
        "found": _found(finding),
        "mend": _mend(finding),
    }


def _found(finding: Finding) -> str:
    return WORDS.say(LANGUAGE, f"check.{finding.level}.{finding.key}", **finding.facts)


def _mend(finding: Finding) -> str | None:
    return None if finding.level == "good" else WORDS.say(LANGUAGE, f"check.mend.{finding.key}", **finding.facts)
