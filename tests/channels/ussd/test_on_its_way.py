"""Money on its way at the menu: one last screen that says what comes next, and nothing that makes somebody pay twice."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.bank import NOW, FarBank
from tests.channels import core_days
from tests.gateway import Desk
from tests.journeys.drivers.ussd import REFERENCE, Phone, UssdDoor


@pytest.fixture
def door(far_bank: FarBank) -> UssdDoor:
    door = UssdDoor(far_bank)
    door.dial(far_bank.someone("trader"))
    return door


def test_what_the_core_books_at_once_is_a_receipt(far_bank: FarBank, door: UssdDoor) -> None:
    loan, source = far_bank.someone("trader").loans[0], far_bank.someone("trader").savings[0]
    reference = door.repay(loan, source, "700")
    assert far_bank.instructions() == [(reference, "posted", None)]
    screen = door.phone.screen
    assert screen.startswith(f"Paid KES 700.00 to Business loan {loan.ref.masked}.\n")
    # The balance comes by SMS where the core had told none by then.
    left = (source.balance - far_bank.money("700")).gsm_text("en")
    told = re.findall(r"^Left in Everyday savings \S+: (.*)$", screen, re.MULTILINE)
    assert told in ([left], [])
    assert screen.endswith(f"Ref {reference}")


def test_on_its_way_is_the_last_screen_and_tells_what_comes_next(far_bank: FarBank, door: UssdDoor) -> None:
    loan, source = far_bank.someone("trader").loans[0], far_bank.someone("trader").savings[0]
    before = far_bank.movements()
    core_days.closed_for_money(far_bank)
    reference = door.repay(loan, source, "700")
    assert door.phone.has_ended
    assert door.phone.screen == (
        f"On its way: KES 700.00 to Business loan {loan.ref.masked}.\n"
        "We will send you an SMS. Don't pay it again.\n"
        f"Help {far_bank.institution.help_number}. Ref {reference}"
    )
    assert len(door.phone.screen) <= 160
    assert far_bank.movements() == before
    # The gateway asks once more: the same screen, and one instruction.
    screen = door.phone.screen
    assert door.phone.send() == screen
    assert far_bank.instructions() == [(reference, "unknown", None)]


def test_the_sms_that_was_promised_comes_once(far_bank: FarBank, door: UssdDoor) -> None:
    trader = far_bank.someone("trader")
    core_days.closed_for_money(far_bank)
    reference = door.move(trader.savings[0], trader.savings[1], "900")
    assert far_bank.sql("select from outbox where event = 'transferred'") == []
    core_days.well_again(far_bank)
    far_bank.relay(2 * core_days.A_WHILE_S)
    notices = far_bank.sql("select event, variables ->> 'reference' from outbox where command is not null")
    assert notices == [("transferred", reference)]


def test_refused_late_comes_by_sms(far_bank: FarBank, door: UssdDoor) -> None:
    trader = far_bank.someone("trader")
    core_days.closed_for_money(far_bank)
    reference = door.move(trader.savings[0], trader.savings[1], "900")
    core_days.has_spent_all(far_bank, trader.savings[0])
    core_days.well_again(far_bank)
    sent = Desk(far_bank.institution).relay(NOW + timedelta(minutes=5))
    [told] = [message.text for message in sent if message.text.startswith("Not made")]
    assert told == (
        f"Not made: KES 900.00 to {trader.savings[1].ref.masked}, as the account has too little. Nothing moved. "
        f"Try less, or pay in first. Ref {reference}. Help {far_bank.institution.help_number}"
    )


def test_what_the_core_refuses_at_once_is_told_with_its_reference(far_bank: FarBank, door: UssdDoor) -> None:
    trader = far_bank.someone("trader")
    door.phone.type("4")
    door.phone.pick(trader.savings[0].ref.masked)
    if "Move how much" not in door.phone.screen:
        door.phone.pick(trader.savings[1].ref.masked)
    door.phone.type("900")
    core_days.is_a_day_behind(far_bank)
    screen = door.phone.type(trader.character.pin)
    [(reference, state, code)] = far_bank.instructions()
    assert (state, code) == ("refused", "core.refused")
    assert screen.startswith("Your branch's system refused this. Ask us why.\nNo money moved.\n")
    assert f"Help {far_bank.institution.help_number}. Ref 60-{reference}" in screen


def test_lines_of_the_core_are_in_the_statement_without_a_reference(far_bank: FarBank, door: UssdDoor) -> None:
    door.phone.type("5")
    door.phone.pick(far_bank.someone("trader").savings[0].ref.masked)
    detail = door.phone.type("1")
    assert detail.startswith("Paid out\n-KES "), detail
    assert "Left in Everyday savings" in detail and not REFERENCE.search(detail)


def test_loans_and_balances_come_from_the_core(far_bank: FarBank, door: UssdDoor) -> None:
    trader = far_bank.someone("trader")
    assert trader.savings[0].balance.gsm_text("en") in door.phone.type("1")
    door.dial(trader)
    assert f"Left: {trader.loans[0].outstanding.gsm_text('en')}" in door.phone.type("2")


@pytest.mark.parametrize("wish", ["1", "2", "3", "4", "5"])
def test_a_core_that_is_away_is_said_to_be_and_the_session_ends(far_bank: FarBank, door: UssdDoor, wish: str) -> None:
    core_days.away(far_bank)
    screen = door.phone.type(wish)
    assert door.phone.has_ended
    assert screen.startswith(
        "We can't reach the books now. Try again in a few minutes.\nNo money moved.\n"
        f"Help {far_bank.institution.help_number}. Ref 13-"
    )


def test_one_can_enter_while_the_core_is_away_and_is_told_at_the_first_look(far_bank: FarBank) -> None:
    character = far_bank.someone("trader").character
    core_days.away(far_bank)
    phone = Phone(character.msisdn)
    phone.dial()
    if "English" in phone.screen:
        phone.pick("English")
    assert "1 Balances" in phone.type(character.pin)
    assert phone.type("1").startswith("We can't reach the books now.") and phone.has_ended


def test_in_swahili(far_bank: FarBank, door: UssdDoor) -> None:
    trader = far_bank.someone("trader")
    far_bank.sql("update app_user set language = 'sw' where id = %s", trader.user)
    door.dial(trader)
    core_days.closed_for_money(far_bank)
    for answer in ("3", "1", "700", trader.character.pin):
        door.phone.type(answer)
    assert door.phone.screen.startswith(f"Ziko njiani: KES 700.00 kwenda Business loan {trader.loans[0].ref.masked}.\n")
