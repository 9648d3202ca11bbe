"""The console as a door: who stands at it, what an outcome means in its words, and how a command hears secrets.

Secrets come from a file, from the environment or by a prompt; never as an argument, which every process could read.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from uuid import uuid4

import click
import orjson
from babel.dates import format_datetime

from dirisha.access.people import visitor
from dirisha.access.secrets import Secret, SecretKind
from dirisha.acts.access.login import login
from dirisha.core.port import Receipt
from dirisha.db.transactions import release
from dirisha.engine.act import Act, MoneyAct
from dirisha.engine.outcome import Done, Outcome, Pending, Refused
from dirisha.engine.run import run
from dirisha.kit.actor import Actor, Channel, Role
from dirisha.kit.ids import time_ordered_id
from dirisha.kit.money import Money, NotMoney
from dirisha.kit.words import Words
from dirisha.server import process
from dirisha.server import refused as server
from dirisha.server.cli import institutions
from dirisha.server.cli.entry import database
from dirisha.tenants.current import current, use
from dirisha.tenants.institution import Institution

WORDS = Words.beside(__file__, "texts")
LANGUAGE = "en"
DEVICE = "console"
MAY_COME_AGAIN = frozenset({"system.try_later", "command.in_progress"})

R = TypeVar("R")
Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody at the console: a member of staff who has logged in, or the machine's operator."""

    actor: Actor
    as_json: bool

    def does(self, act: Act[R], **inputs: Any) -> R:
        """The act's result. Raises `server.Refused` in the console's words."""
        return _result(run(act, self.actor, at=datetime.now(UTC), **inputs)).result

    def moves(self, act: MoneyAct[Any], *, key: str | None, **inputs: Any) -> Done[Receipt]:
        """The same for money: twice under one key is once. Without one a new key is made."""
        key = key or str(uuid4())
        return _result(run(act, self.actor, at=datetime.now(UTC), key=key, **inputs), key)

    def report(self, key: str, **facts: Any) -> None:
        """Say what was done; with --json, only the facts."""
        if self.as_json:
            click.echo(orjson.dumps({name: _plain(value) for name, value in facts.items()}))
        else:
            click.echo(WORDS.say(LANGUAGE, f"done.{key}", **_spoken(facts)))

    def report_receipt(self, key: str, done: Done[Receipt], **facts: Any) -> None:
        receipt = done.result
        reference = {"reference": receipt.reference, "booked_at": receipt.booked_at}
        if self.as_json:
            self.report(key, **facts, **reference, replayed=done.replayed)
            return
        self.report(key, **facts)
        self.report("reference", **reference)
        if done.replayed:
            self.report("replayed")


# --- who --------------------------------------------------------------------------------------------------------------

_as_json = click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON, for programs.")


def by_staff(command: Command) -> Command:
    """The command gets a `Clerk` who has logged in at the institution."""

    @institutions.one
    @click.option("--as", "login_name", required=True, metavar="LOGIN", envvar="DIRISHA_STAFF", help="Who you are.")
    @click.option("--password-file", metavar="FILE", help="Where your password is; - is standard input.")
    @_as_json
    @functools.wraps(command)
    def with_clerk(
        *, slug: str | None, login_name: str, password_file: str | None, as_json: bool, **given: Any
    ) -> None:
        institution = institutions.chosen(slug)
        password = own_password(login_name, password_file)
        with _at(institution):
            command(_logged_in(login_name, password, as_json=as_json), **given)

    return with_clerk


def by_operator(command: Command) -> Command:
    """The command gets a `Clerk` who runs this machine."""

    @institutions.one
    @_as_json
    @functools.wraps(command)
    def with_operator(*, slug: str | None, as_json: bool, **given: Any) -> None:
        with _at(institutions.chosen(slug)) as institution:
            correlation = str(time_ordered_id(datetime.now(UTC)))
            actor = Actor(institution.slug, Channel.CONSOLE, Role.OPERATOR, correlation=correlation)
            command(Clerk(actor, as_json), **given)

    return with_operator


@contextmanager
def _at(institution: Institution) -> Iterator[Institution]:
    with database(process.load()), use(institution):
        try:
            yield institution
        finally:
            release()


def _logged_in(login_name: str, password: str, *, as_json: bool) -> Clerk:
    at = datetime.now(UTC)
    correlation = str(time_ordered_id(at))
    secret = Secret(SecretKind.PASSWORD, password, attempt=correlation)
    nobody = visitor(Channel.CONSOLE, device=DEVICE, correlation=correlation)
    person = _result(run(login, nobody, at=at, secret=secret, login_name=login_name)).result
    return Clerk(person.as_actor(Channel.CONSOLE, device=DEVICE, correlation=correlation), as_json)


# --- secrets ----------------------------------------------------------------------------------------------------------


def own_password(login_name: str, file: str | None) -> str:
    """Of who stands at the console: from the file, DIRISHA_STAFF_PASSWORD, or the terminal."""
    if file is None and (given := os.environ.get("DIRISHA_STAFF_PASSWORD")):
        return given
    return heard(f"Password of {login_name}", file, otherwise="--password-file FILE or DIRISHA_STAFF_PASSWORD")


def heard(what: str, file: str | None, *, otherwise: str, twice: bool = False) -> str:
    """A secret from `file`, or typed at the terminal. Misuse where there is neither; `otherwise` says what would do."""
    if file is not None:
        return _first_line(file)
    if not sys.stdin.isatty():
        raise click.UsageError(f"{what} can't be asked for without a terminal: give {otherwise}.")
    typed: str = click.prompt(what, hide_input=True, confirmation_prompt=twice, err=True)
    return typed


def _first_line(file: str) -> str:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except PermissionError:
        raise server.Refused(
            f"{file} can't be read by the account that Dirisha runs as. Give it on standard input: - < {file}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise server.Refused(f"{file}: {getattr(error, 'strerror', None) or 'not a text'}.") from None
    return text.split("\n")[0].rstrip("\r")


# --- inputs and outcomes ----------------------------------------------------------------------------------------------


def money(text: str) -> Money:
    """An amount in the institution's currency, as typed."""
    try:
        return Money.parse(text, current().currency)
    except NotMoney:
        raise click.UsageError(f"'{text}' is no amount of {current().currency.code}, such as 1250.50.") from None


def _result(outcome: Outcome[R] | Pending, key: str | None = None) -> Done[R]:
    """Nothing is on its way from here: branch work is carried out by a near core or, in front of a far one, refused."""
    if isinstance(outcome, Refused):
        _refuse(outcome, key)
    assert isinstance(outcome, Done)
    return outcome


def _refuse(outcome: Refused, key: str | None) -> NoReturn:
    """Why, whether anything moved, what to do next, and by which reference it is found."""
    refusal = outcome.refusal
    is_known = refusal.facts.get("known", True)
    sentences = [words_for(refusal.code, refusal.facts), WORDS.say(LANGUAGE, "after.nothing")]
    if not is_known:
        sentences[1] = WORDS.say(LANGUAGE, "after.unknown", again=key or "")
    elif key is not None and refusal.code in MAY_COME_AGAIN:
        sentences.append(WORDS.say(LANGUAGE, "after.again", again=key))
    found_by = {"code": refusal.code, "reference": outcome.reference, "help": current().help_number}
    sentences.append(WORDS.say(LANGUAGE, "after.reference", **found_by))
    raise server.Refused("\n".join(sentences))


def words_for(code: str, facts: dict[str, Any]) -> str:
    named = {name: _named(name, value) for name, value in facts.items()}
    return WORDS.say(LANGUAGE, f"refusal.{code}", **_spoken(named))


def _named(fact: str, value: Any) -> Any:
    """`kind="savings"` as a person says it, where there is a word for it."""
    key = f"fact.{fact}.{value}"
    return WORDS.say(LANGUAGE, key) if isinstance(value, str) and WORDS.has(key) else value


def _spoken(facts: dict[str, Any]) -> dict[str, str]:
    return {name: _as_text(value) for name, value in facts.items()}


def _as_text(value: Any) -> str:
    match value:
        case Money():
            return value.gsm_text(LANGUAGE)
        case datetime():
            return format_datetime(value, "d MMM yyyy HH:mm", tzinfo=current().zone, locale=LANGUAGE)
    return str(value)


def _plain(value: Any) -> Any:
    match value:
        case Money():
            return value.plain()
        case datetime() | date():
            return value.isoformat()
    return value
