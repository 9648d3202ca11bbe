"""From dialling to the menu: language, who, PIN; and what nobody sees before it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.bank import NOW, Bank
from tests.journeys.drivers.ussd import Phone, UssdDoor


def _menu(phone: Phone) -> bool:
    return "1 Balances" in phone.screen or "1 Salio" in phone.screen


def test_the_language_is_asked_once_and_kept(bank: Bank) -> None:
    phone = Phone("+254700000118")
    assert phone.dial() == "Choose your language\nChagua lugha yako\n1 English\n2 Kiswahili\n0 Exit"
    assert phone.pick("Kiswahili") == "Tumaini Savings\nAndika PIN yako\n0 Rudi"
    assert "1 Salio" in phone.type("2468")
    assert phone.dial() == "Tumaini Savings\nAndika PIN yako\n0 Toka"
    # It is the person's language at the other doors as well.
    assert bank.sql("select language from app_user where login_name = 'amina'") == [("sw",)]


def test_two_people_of_one_phone_are_told_apart_by_label_and_pin(bank: Bank) -> None:
    phone = Phone("+254700000444")
    phone.dial()
    assert phone.pick("English") == "Who are you?\n1 Blue\n2 Green\n0 Back"
    phone.pick("Green")
    assert "Tries left: 2" in phone.type("9753")  # the other one's
    phone.type("3579")
    assert "KES 1,250.50" in phone.type("1")
    phone.dial()
    phone.pick("Blue")
    phone.type("9753")
    assert "KES 5,400.00" in phone.type("1")


@pytest.mark.security("U-02")
@pytest.mark.parametrize("language", ["English", "Kiswahili"])
def test_no_name_balance_or_account_before_the_pin(bank: Bank, language: str) -> None:
    for key in ("trader", "farmer", "newcomer", "shared_a", "shared_b"):
        someone = bank.someone(key)
        bank.sql("delete from phone_language")
        phone = Phone(someone.character.msisdn)
        phone.dial("1*1")
        phone.pick(language)
        if someone.character.label in phone.screen:
            phone.pick(someone.character.label)
        phone.type("1")
        phone.type("")
        phone.type("1*2")
        phone.type("0000")
        before = "\n".join(phone.seen)
        hidden = [someone.character.first_name, someone.character.last_name, someone.character.login]
        for account in (*someone.savings, *someone.loans):
            hidden += [account.ref.masked, account.number, account.name]
        hidden += [account.balance.gsm_text().removeprefix("KES ") for account in someone.savings]
        if someone.character.label == someone.character.first_name:
            hidden.remove(someone.character.first_name)  # the label that this person chose
        assert [each for each in hidden if each in before] == []
        assert "KES" not in before


def test_an_unknown_phone_and_one_switched_off_see_the_same(bank: Bank) -> None:
    unknown = Phone("+254799999999")
    unknown.dial()
    bank.sql("update phone_link set ussd_on = false where msisdn = '+254700000333'")
    switched_off = Phone("+254700000333")
    switched_off.dial()
    assert unknown.answer == switched_off.answer
    assert unknown.has_ended
    assert bank.institution.help_number in unknown.screen


def test_of_a_shared_phone_only_those_with_the_menu_are_named(bank: Bank) -> None:
    bank.sql("update phone_link set ussd_on = false where label = 'Blue'")
    phone = Phone("+254700000444")
    phone.dial()
    assert "PIN" in phone.pick("English")
    assert "Blue" not in "".join(phone.seen)


@pytest.mark.security("U-01")
@pytest.mark.security("I-03")
def test_three_wrong_pins_lock_for_thirty_minutes_and_the_owner_is_told(bank: Bank) -> None:
    phone = Phone("+254700000118")
    phone.dial()
    phone.pick("English")
    assert phone.type("1111").startswith("Wrong PIN. Tries left: 2\n")
    assert phone.type("2222").startswith("Wrong PIN. Tries left: 1\n")
    assert phone.type("3333").startswith("Your PIN is locked until ")
    assert phone.has_ended
    assert bank.institution.help_number in phone.screen
    assert bank.sql("select count(*) from outbox where event = 'access_locked' and state = 'waiting'") == [(1,)]
    # While it is locked the right one opens nothing, and is not compared.
    phone.dial()
    assert phone.type("2468").startswith("Your PIN is locked until ")
    assert bank.sql("select count(*) from outbox where event = 'access_locked' and state = 'waiting'") == [(1,)]
    assert [row[1:3] for row in bank.audit() if row[2] == "access.locked_out"] == [("asked", "access.locked_out")] * 2


def test_the_lock_opens_by_itself(bank: Bank) -> None:
    _asks(bank, "lock", ["", "1", "1*1111", "1*1111*2222", "1*1111*2222*3333"], NOW)
    locked = _asks(bank, "still", ["", "2468"], NOW + timedelta(minutes=29))
    assert locked[-1].startswith("Your PIN is locked until 12:30.")
    open_again = _asks(bank, "open", ["", "2468"], NOW + timedelta(minutes=31))
    assert "1 Balances" in open_again[-1]


def test_a_right_pin_forgets_the_wrong_ones(bank: Bank) -> None:
    for wrong in ("1111", "2222"):
        phone = Phone("+254700000118")
        phone.dial()
        if "English" in phone.screen:
            phone.pick("English")
        assert "Tries left: 2" in phone.type(wrong)
        assert "1 Balances" in phone.type("2468")


@pytest.mark.security("U-09")
def test_what_is_not_shaped_like_a_pin_is_asked_again_and_not_counted(bank: Bank) -> None:
    phone = Phone("+254700000118")
    phone.dial()
    phone.pick("English")
    for slip in ("1", "123", "1234567", "24 68", "24*68", "*", "#", "abcd", "٢٤٦٨", "", "9" * 3000, "-2468", "2468.0"):
        assert phone.type(slip).startswith("A PIN is 4 to 6 digits.\n"), slip
    assert bank.sql("select count(*) from attempt") == [(0,)]
    assert "1 Balances" in phone.type("2468")


@pytest.mark.security("U-01")
def test_a_pin_in_the_dialled_string_is_ignored_and_asked_for(bank: Bank) -> None:
    phone = Phone("+254700000118")
    phone.dial()
    phone.pick("English")
    for dialled in ("2468", "2468*1", "1111*2222*3333*4444", "*2468"):
        assert phone.dial(dialled) == "Tumaini Savings\nType your PIN\n0 Exit"
        assert bank.sql("select count(*) from attempt") == [(0,)]
        assert _menu(phone) is False
    phone.type("2468")
    assert _menu(phone)


def test_dialled_codes_follow_the_menu_behind_the_pin(bank: Bank) -> None:
    phone = Phone("+254700000118")
    phone.dial()
    phone.pick("English")
    phone.dial("1")
    assert "KES 6,200.00" in phone.type("2468")
    phone.dial("3*1*2500")
    assert phone.type("2468").startswith("Repay KES 2,500.00\n")
    phone.dial("3*1*2500*2468")  # the confirm page takes nothing that was dialled
    before = bank.movements()
    assert phone.type("2468").startswith("Repay KES 2,500.00\n")
    assert bank.movements() == before
    assert "Type an amount" in phone.type("0")  # what was dialled is spent, and not dialled again
    assert "Pay from?" in phone.type("0")
    assert phone.type(" 1 ").startswith("Business loan")
    phone.dial("9")
    assert phone.type("2468").startswith("Tumaini Savings\n1 Balances")


def test_a_pin_at_the_counter_of_another_person_does_not_open_this_one(bank: Bank) -> None:
    """The link ended between two turns: the phone no longer leads to this person."""
    phone = Phone("+254700000333")
    phone.dial()
    phone.pick("English")
    bank.sql("update phone_link set ended_at = %s where msisdn = '+254700000333'", NOW)
    phone.type("8642")
    assert not _menu(phone)
    assert "Nothing was changed" in phone.screen
    phone.dial()
    assert phone.has_ended


def test_ways_back_home_and_out(bank: Bank) -> None:
    door = UssdDoor(bank)
    menu = door.dial(bank.someone("trader"))
    phone = door.phone
    sources = phone.type("3")
    amount = phone.type("1")
    assert phone.type("0") == sources
    assert phone.type("1") == amount
    assert phone.type("00") == menu
    assert phone.type("00").startswith("Type one of the numbers.")
    assert phone.type("0") == "Goodbye from Tumaini Savings."
    assert phone.has_ended


def test_wrong_numbers_are_asked_again_with_a_hint(bank: Bank) -> None:
    door = UssdDoor(bank)
    menu = door.dial(bank.someone("trader"))
    for wrong in ("9", "abc", "", "1*2", "#", "98", "1" * 500, "\u0661"):
        assert door.phone.type(wrong) == f"Type one of the numbers.\n{menu}"


def test_language_and_sms_banking_are_switched_in_the_settings(bank: Bank) -> None:
    door = UssdDoor(bank)
    door.dial(bank.someone("trader"))
    phone = door.phone
    phone.type("6")
    phone.pick("SMS banking")
    assert phone.screen.startswith("SMS banking is off for you on this phone.")
    assert phone.pick("Switch on").startswith("SMS banking is on.")
    assert bank.sql("select sms_on from phone_link where msisdn = '+254700000118'") == [(True,)]
    phone.type("00")
    phone.type("6")
    phone.pick("Language")
    assert phone.pick("Kiswahili") == "Kuanzia sasa kwa Kiswahili.\n0 Rudi 00 Mwanzo"
    assert "1 Salio" in phone.type("00")
    assert phone.type("0") == "Kwaheri kutoka Tumaini Savings."
    assert "Andika PIN" in phone.dial()


def test_sms_banking_of_a_shared_phone_belongs_to_one(bank: Bank) -> None:
    bank.sql("update phone_link set sms_on = true where label = 'Blue'")
    door = UssdDoor(bank)
    door.dial(bank.someone("shared_b"))
    door.phone.type("6")
    door.phone.type("2")
    assert "Somebody else has SMS banking on this phone" in door.phone.type("1")
    assert "Nothing was changed." in door.phone.screen
    assert bank.sql("select label from phone_link where sms_on") == [("Blue",)]


def _asks(bank: Bank, session: str, texts: list[str], at: datetime) -> list[str]:
    """The trader's screens, on a clock of our own."""
    from dirisha.carriers.port import UssdTurn
    from dirisha.channels.ussd import turns
    from dirisha.kit.phone import Msisdn

    screens: list[Any] = []
    for text in texts:
        turn = UssdTurn(session, Msisdn("+254700000118"), text)
        screens.append(turns.answer(turn, at=at, correlation="test-correlation"))
    return [screen.text for screen in screens]
