from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click
import orjson

from dirisha.db.transactions import release
from dirisha.kit.ids import read_reference
from dirisha.payments import operator, relay
from dirisha.payments.instructions import Instruction
from dirisha.payments.operator import StepTaken
from dirisha.payments.states import State
from dirisha.server import process
from dirisha.server.cli import institutions as which
from dirisha.server.cli.entry import database
from dirisha.server.refused import Refused
from dirisha.tenants.current import current, use

UNDER_WAY = (State.ACCEPTED, State.SENT, State.UNKNOWN)


@click.group()
def instructions() -> None:
    """Money on its way to a far core.

    An instruction ends by what the core says, never by hand: one can be looked at, and asked for again.
    """


@instructions.command(name="list")
@click.option("--institution", "slug", metavar="SLUG", help="Only this one.")
@click.option("--state", "states", multiple=True, type=click.Choice([each.value for each in State]), help="Only these.")
@click.option("--all", "everything", is_flag=True, help="Those that have ended, too.")
@click.option("--most", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many, newest first.")
@click.option("--json", "as_json", is_flag=True)
def listed(slug: str | None, states: tuple[str, ...], everything: bool, most: int, as_json: bool) -> None:
    """Those that are not final, newest first."""
    wanted = [State(each) for each in states] or (None if everything else list(UNDER_WAY))
    rows: list[dict[str, Any]] = []
    with database(process.load()):
        for institution in which.chosen_or_all(slug):
            with use(institution):
                rows += [
                    {"institution": institution.slug} | _facts(each) for each in operator.listed(wanted, most=most)
                ]
                release()
    if as_json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    if not rows:
        click.echo("There are none." if wanted is None else "None is on its way.")
    for row in rows:
        click.echo(
            f"{row['institution']:<14} {row['reference']:<13} {row['state']:<9} {row['act']:<14}"
            f" {row['amount']:>14} {row['currency']}  {row['accepted_at']}  tries {row['tries']}"
            + (f"  {row['refusal']}" if row["refusal"] else "")
        )


@instructions.command()
@which.one
@click.argument("reference")
@click.option("--json", "as_json", is_flag=True)
def show(slug: str | None, reference: str, as_json: bool) -> None:
    """One of them, with all that was said about it."""
    with database(process.load()), use(which.chosen(slug)):
        found = operator.shown(_reference(reference))
        release()
        if found is None:
            raise Refused(f"No instruction of {current().slug} has the reference {reference}.")
        instruction, steps = found
        facts = _facts(instruction) | _whole(instruction)
    if as_json:
        story = [{"at": each.at.isoformat(), "state": each.state.value, "said": each.said} for each in steps]
        click.echo(orjson.dumps(facts | {"steps": story}, option=orjson.OPT_INDENT_2))
        return
    for name, value in facts.items():
        if value is not None:
            click.echo(f"{name:<14} {value}")
    for each in steps:
        click.echo(_line(each))
    for line in _what_next(instruction):
        click.echo(line)


@instructions.command()
@which.one
@click.argument("reference")
def retry(slug: str | None, reference: str) -> None:
    """Ask the core at once, whatever pause was meant. The key stays: nothing can move twice."""
    with database(process.load()), use(which.chosen(slug)):
        is_due = relay.hurry(_reference(reference), datetime.now(UTC))
        release()
    if not is_due:
        raise Refused(f"{reference} is not waiting: it has ended, is being sent at this moment, or is not there.")
    click.echo(f"{reference} is asked for at the worker's next round.")


def _reference(text: str) -> str:
    stored = read_reference(text)
    if stored is None:
        raise Refused(f"{text} is no reference: ten letters and digits, such as R7K4-9M2P-XC.")
    return stored


def _facts(instruction: Instruction) -> dict[str, Any]:
    return {
        "reference": instruction.reference,
        "state": instruction.state.value,
        "act": instruction.act,
        "amount": instruction.order.amount.plain(),
        "currency": instruction.order.amount.currency.code,
        "accepted_at": instruction.accepted_at.isoformat(timespec="seconds"),
        "tries": instruction.tries,
        "refusal": instruction.refusal.code if instruction.refusal else None,
    }


def _whole(instruction: Instruction) -> dict[str, Any]:
    """What is needed to find it at the core: ids and its key; no name and no whole account number."""
    order = instruction.order
    return {
        "source": f"{order.source.account.kind.value} {order.source.account.id}",
        "target": f"{order.target.account.kind.value} {order.target.account.id}",
        "fee": order.fee.plain(),
        "business_date": order.business_date.isoformat(),
        "key": instruction.key,
        "command": str(instruction.command),
        "channel": instruction.channel,
        "actor": instruction.actor,
        "number": instruction.number,
        "trace": instruction.trace,
        "told": instruction.particulars is not None,
        "next_at": None if instruction.state.is_final else instruction.next_at.isoformat(timespec="seconds"),
        "ended_at": instruction.ended_at and instruction.ended_at.isoformat(timespec="seconds"),
    }


def _what_next(instruction: Instruction) -> list[str]:
    """What the operator may look at in Fineract, and do; an end is written by what Fineract says alone."""
    order, again = instruction.order, f"`dirisha instructions retry {instruction.reference}`"
    match instruction.state:
        case State.ACCEPTED:
            return [f"It is surely not at Fineract. It goes out by itself; {again} asks for that now."]
        case State.SENT if instruction.trace:
            return [
                f"It waits in Fineract for a checker: approve or reject command {instruction.trace} there.",
                f"An approval is found by itself, a rejection where our user has READ_AUDIT; {again} looks now.",
            ]
        case State.SENT | State.UNKNOWN:
            return [
                f"Look in Fineract at the transactions of savings account {order.source.account.id} on"
                f" {order.business_date} for a transfer described as",
                f'    "Dirisha {order.reference} {order.kind}"',
                f"It is there: {again} finds it. It is not there: the same key is sent again by itself, until Fineract"
                " says yes or no.",
                '"in progress" for hours: a checker rejected it, or the command broke off. Nothing has moved then. Its',
                f"row in Fineract's audit trail (CREATE ACCOUNTTRANSFER) or its key {instruction.key} shows which to",
                "Fineract's administrator, who alone can end it. Never pay it a second time by hand while it stands.",
            ]
    return []


def _line(step: StepTaken) -> str:
    return f"{step.n:>3}. {step.at.isoformat(timespec='milliseconds')}  {step.state.value:<9} {step.said}"
