"""`dirisha instructions`: what is on its way to a far core, looked at and asked for again; nothing ends by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.bank import FarBank
from tests.books.far_line import lost, nothing, on_the_line
from tests.books.far_people import moved, states, transfer, waits
from tests.server.console import Ended, command

WHERE = ("--institution", "tumaini")


def instructions(*arguments: str) -> Ended:
    return command("instructions", *arguments)


@pytest.fixture
def pending(far_bank: FarBank) -> Any:
    """One that was cut when the core had acted, and one behind it."""
    trader, (source, target) = far_bank.actor("trader", "mifos"), far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(1)) as line:
        line.after = lost
        one = transfer(far_bank, trader, source, target, "120")
        two = transfer(far_bank, trader, source, target, "7")
        line.after = nothing
        yield one, two, line


def test_the_list_has_what_is_not_final_newest_first(far_bank: FarBank, pending: Any) -> None:
    one, two, _ = pending
    said = instructions("list", *WHERE).said
    assert [line.split()[1:3] for line in said.splitlines()] == [
        [two.reference, "accepted"],
        [one.reference, "unknown"],
    ]
    only = json.loads(instructions("list", *WHERE, "--state", "unknown", "--json").said)
    assert [(row["reference"], row["amount"], row["tries"]) for row in only] == [(one.reference, "120.00", 1)]

    for seconds in (30, 60):
        far_bank.relay(seconds)
    assert instructions("list", *WHERE).said == "None is on its way.\n"
    everything = json.loads(instructions("list", *WHERE, "--all", "--json").said)
    assert [row["state"] for row in everything] == ["posted", "posted"]


def test_one_is_shown_with_its_story_and_with_no_name(far_bank: FarBank, pending: Any) -> None:
    one, _, _ = pending
    far_bank.relay(30)
    ended = instructions("show", *WHERE, one.reference, "--json")
    shown = json.loads(ended.said)
    assert shown["key"] == one.instruction.key and shown["number"] and shown["told"]
    assert [step["state"] for step in shown["steps"]] == ["unknown", "posted"]
    assert "Amina" not in ended.said and one.instruction.order.source.account.number not in ended.said
    # As somebody types it who reads it from a slip.
    typed = one.reference.lower().replace("-", " ")
    assert "Look in Fineract" not in ended.said
    assert one.reference in instructions("show", *WHERE, typed).said


def test_what_to_look_at_and_to_do_next_is_said_as_long_as_it_has_no_end(far_bank: FarBank, pending: Any) -> None:
    from dirisha.core.fineract.mark import mark_of

    one, two, _ = pending
    unknown = instructions("show", *WHERE, one.reference).said
    for words in (mark_of(one.instruction.order), one.instruction.key, "transactions of savings account", "retry"):
        assert words in unknown
    assert "surely not at Fineract" in instructions("show", *WHERE, two.reference).said
    far_bank.sql("update instruction set state = 'sent', trace = '331' where reference = %s", one.reference)
    assert "approve or reject command 331 there" in instructions("show", *WHERE, one.reference).said
    far_bank.sql("update instruction set state = 'unknown' where reference = %s", one.reference)
    far_bank.relay(30)
    assert "Fineract" not in instructions("show", *WHERE, one.reference).said


def test_asked_for_again_it_is_due_at_once_under_its_key(far_bank: FarBank, pending: Any) -> None:
    from dirisha.core.fineract.link import drop

    one, _, line = pending
    line.before = lambda call: "cut"
    for seconds in (5, 20, 60):
        far_bank.relay(seconds)
    before = far_bank.sql("select tries, state, next_at from instruction order by place")
    assert before[0][:2] == (4, "unknown")

    ended = instructions("retry", *WHERE, one.reference)
    assert ended.code == 0 and "next round" in ended.said
    after = far_bank.sql("select tries, state, next_at from instruction order by place")
    assert after[0][:2] == before[0][:2] and after[1:] == before[1:], "nothing but when it is asked for has changed"
    assert after[0][2] != before[0][2]

    line.before = nothing
    drop("tumaini")  # a worker begun anew, which has not seen the core fail
    # The command has read the real clock, which is not the test's.
    far_bank.sql("update instruction set next_at = accepted_at")
    far_bank.relay(70)
    assert states(far_bank) == ["posted", "accepted"]
    assert {call.key for call in line.transfers()} == {one.instruction.key}


@pytest.mark.parametrize("what", ["not there", "ended", "being sent"])
def test_what_is_not_waiting_can_not_be_asked_for(far_bank: FarBank, pending: Any, what: str) -> None:
    one, _, line = pending
    reference = one.reference
    if what == "not there":
        reference = "R7K4-9M2P-XC"
    elif what == "ended":
        far_bank.relay(30)
    else:
        far_bank.sql("update instruction set leased_until = '2100-01-01' where reference = %s", reference)
    before = far_bank.sql("select * from instruction order by place")
    assert instructions("retry", *WHERE, reference).code == 1
    assert far_bank.sql("select * from instruction order by place") == before
    assert line.transfers()


@pytest.mark.security("M-02", "M-11")
def test_no_command_and_no_role_of_the_house_changes_what_one_says(far_bank: FarBank, pending: Any) -> None:
    """The commands are these three; amount, accounts, key and reference are in columns that no role may write."""
    import psycopg

    from dirisha.server.cli.instructions import instructions as group

    assert set(group.commands) == {"list", "show", "retry"}
    for role in ("dirisha_books", "dirisha_keeper", "dirisha_app", "dirisha_client", "dirisha_staff"):
        for change in ("terms = terms", "key = 'x'", "reference = 'x'", "command = id", "source = 1", "payer = 1"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                far_bank.sql(f"set role {role}; update instruction set {change}")
            far_bank.sql("reset role")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            far_bank.sql(f"set role {role}; delete from instruction")
        far_bank.sql("reset role")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            far_bank.sql(f"set role {role}; update instruction_step set said = 'x'")
        far_bank.sql("reset role")
    assert moved(far_bank)
