"""Paying by the menu: what is shown, which proof it takes, what moves; and each refusal, after which nothing has moved."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.bank import NOW, Bank
from tests.journeys.drivers.ussd import Phone, UssdDoor


def _to_amount(bank: Bank, key: str = "trader") -> Phone:
    """At the page that asks how much to repay, from the first account."""
    door = UssdDoor(bank)
    door.dial(bank.someone(key))
    door.phone.type("3")
    if "Pay from" in door.phone.screen:
        door.phone.type("1")
    assert "Type an amount" in door.phone.screen
    return door.phone


def test_the_confirm_page_shows_amount_to_from_and_fee(bank: Bank) -> None:
    bank.change(**{"[limits]": '[fees."loans.repay"]\nussd = "10"\n\n[limits]'})
    phone = _to_amount(bank)
    trader = bank.someone("trader")
    assert phone.type("1000") == (
        "Repay KES 1,000.00\n"
        f"To Business loan {trader.loans[0].ref.masked}\n"
        f"From Everyday savings {trader.savings[0].ref.masked}\n"
        "Fee KES 10.00\nType your PIN to confirm\n0 Back 00 Home"
    )


@pytest.mark.security("U-10")
def test_all_that_is_due_is_paid_once_with_a_receipt_and_one_notice(bank: Bank) -> None:
    trader = bank.someone("trader")
    before, balance = bank.movements(), bank.balance(trader.savings[0].id)
    phone = _to_amount(bank)
    phone.pick("All due")
    quoted = phone.screen.splitlines()[0].removeprefix("Repay KES ")
    receipt = phone.type("2468")
    assert phone.has_ended
    assert receipt.startswith(f"Paid KES {quoted} to Business loan {trader.loans[0].ref.masked}.\n")
    moved = bank.movements()[len(before) :]
    assert sum(minor for _, _, minor in moved) == int(quoted.replace(",", "").replace(".", ""))
    assert {debit for debit, _, _ in moved} == {trader.savings[0].id}
    left = bank.balance(trader.savings[0].id)
    assert left == balance - sum(minor for _, _, minor in moved)
    assert f"{left // 100:,}.{left % 100:02d}" in receipt
    # The operator asks once more, and once more with less: the same screen, and nothing moves.
    assert phone.send() == receipt
    assert phone.post(phone.typed[:10]).content.decode() == phone.answer
    assert bank.movements()[len(before) :] == moved
    assert bank.sql("select event, state from outbox where state = 'waiting'") == [("repaid", "waiting")]


def test_what_i_have_is_offered_when_it_is_less_than_what_is_due(bank: Bank) -> None:
    farmer = bank.someone("farmer")
    bank.sql("update balance set minor = 30000 where account = %s", farmer.savings[0].id)
    before = bank.movements()
    phone = _to_amount(bank, "farmer")
    assert "What I have KES 300.00" in phone.screen
    assert "All due" not in phone.screen
    phone.pick("What I have")
    assert phone.type("1357").startswith("Paid KES 300.00 ")
    assert sum(minor for _, _, minor in bank.movements()[len(before) :]) == 30000
    assert bank.balance(farmer.savings[0].id) == 0


def test_money_moves_between_own_accounts_and_is_read_back(bank: Bank) -> None:
    trader = bank.someone("trader")
    before = bank.movements()
    door = UssdDoor(bank)
    door.dial(trader)
    reference = door.move(trader.savings[0], trader.savings[1], "1200")
    assert bank.movements()[len(before) :] == [(trader.savings[0].id, trader.savings[1].id, 120000)]
    assert door.reads_back(reference)
    door.dial(trader)
    assert door.reads_back(door.repay(trader.loans[0], trader.savings[0], "1500"))


@pytest.mark.security("U-01")
def test_a_payment_wants_the_pin_again_and_below_the_line_a_key(bank: Bank) -> None:
    before = bank.movements()
    phone = _to_amount(bank)
    phone.type("500")  # the institution's line: not below it
    assert "Type your PIN to confirm" in phone.screen
    assert phone.type("1").startswith("Type your PIN, or 0.\n")
    assert bank.movements() == before
    phone.type("0")
    phone.type("499.95")
    assert "1 Yes" in phone.screen
    assert phone.type("2").startswith("Type 1 or 0.\n")
    assert bank.movements() == before
    assert phone.type("1").startswith("Paid KES 499.95 ")


@pytest.mark.security("U-01")
def test_a_wrong_pin_at_the_confirm_page_counts_and_moves_nothing(bank: Bank) -> None:
    before = bank.movements()
    phone = _to_amount(bank)
    phone.type("1000")
    assert phone.type("12").startswith("Type your PIN, or 0.\n")
    assert phone.type("1111").startswith("Wrong PIN. Tries left: 2\nRepay KES 1,000.00\n")
    assert phone.send().startswith("Wrong PIN. Tries left: 2\n")  # the same delivery: counted once
    assert phone.type("2222").startswith("Wrong PIN. Tries left: 1\n")
    assert bank.movements() == before
    assert phone.type("2468").startswith("Paid KES 1,000.00 ")


@pytest.mark.security("U-01")
def test_three_wrong_pins_at_the_confirm_page_lock_the_menu(bank: Bank) -> None:
    before = bank.movements()
    phone = _to_amount(bank)
    phone.type("1000")
    for wrong in ("1111", "2222", "3333"):
        phone.type(wrong)
    _is_a_refusal(bank, phone, "Your PIN is locked until ", number=25, ends=True)
    assert bank.movements() == before


@pytest.mark.security("P-03")
@pytest.mark.parametrize(
    ("amount", "words", "number"),
    [
        ("20000.05", "At most KES 20,000.00 at once here.", 30),
        ("40000", "More than is left: KES", 51),
    ],
)
def test_an_amount_that_is_too_much(bank: Bank, amount: str, words: str, number: int) -> None:
    before = bank.movements()
    phone = _to_amount(bank)
    phone.type(amount)
    _is_a_refusal(bank, phone, words, number)
    assert bank.movements() == before
    # The way back leads to the amount, and a good one goes through.
    phone.type("0")
    phone.type("600")
    assert phone.type("2468").startswith("Paid KES 600.00 ")


@pytest.mark.security("P-03")
def test_not_enough_money(bank: Bank) -> None:
    trader = bank.someone("trader")
    bank.sql("update balance set minor = 123456 where account = %s", trader.savings[0].id)
    before = bank.movements()
    phone = _to_amount(bank)
    phone.type("2000")
    _is_a_refusal(bank, phone, "Not enough money: KES 1,234.56 in the account.", 40)
    assert bank.movements() == before


@pytest.mark.security("P-03")
def test_the_day_is_used_up(bank: Bank) -> None:
    bank.change(**{'day = "40000"': 'day = "1000"'})
    trader = bank.someone("trader")
    door = UssdDoor(bank)
    door.dial(trader)
    door.move(trader.savings[0], trader.savings[1], "700")
    before = bank.movements()
    phone = _to_amount(bank)
    phone.type("600")
    _is_a_refusal(bank, phone, "Day limit KES 1,000.00, left KES 300.00.", 31)
    assert bank.movements() == before


@pytest.mark.security("P-03")
def test_an_account_closed_between_the_choice_and_the_amount(bank: Bank) -> None:
    trader = bank.someone("trader")
    before = bank.movements()
    phone = _to_amount(bank)
    bank.sql("update savings set status = 'closed' where id = %s", trader.savings[1].id)
    # One account is left, so the page that asked which is gone: back to the menu, and never into an act.
    assert phone.type("600").startswith("Something changed. Please choose again.\nTumaini Savings\n")
    assert bank.movements() == before


@pytest.mark.security("P-03")
def test_refused_at_the_confirm_for_good(bank: Bank) -> None:
    """The money went elsewhere between page and PIN: told, told again after a slip, and open for another amount."""
    trader = bank.someone("trader")
    before = bank.movements()
    phone = _to_amount(bank)
    phone.type("1000")
    bank.sql("update balance set minor = 70000 where account = %s", trader.savings[0].id)
    phone.type("2468")
    _is_a_refusal(bank, phone, "Not enough money: KES 700.00", 40)
    assert phone.type("7").startswith("Use the numbers below.\nNot enough money: KES 700.00")
    assert bank.movements() == before
    assert "Type an amount" in phone.type("0")
    phone.type("600")
    assert phone.type("2468").startswith("Paid KES 600.00 ")


@pytest.mark.security("M-03")
def test_changed_terms_are_shown_anew_and_the_old_pin_moves_nothing(bank: Bank) -> None:
    before = bank.movements()
    phone = _to_amount(bank)
    phone.type("1000")
    bank.change(**{"[limits]": '[fees."loans.repay"]\nussd = "15"\n\n[limits]'})
    assert phone.type("2468").startswith("Terms changed, read again:\nRepay KES 1,000.00\n")
    assert "Fee KES 15.00" in phone.screen
    assert bank.movements() == before
    assert phone.type("8").startswith("Type your PIN, or 0.\nRepay KES 1,000.00\n")
    assert phone.type("2468").startswith("Paid KES 1,000.00 ")
    assert sum(minor for _, _, minor in bank.movements()[len(before) :]) == 101500


@pytest.mark.security("U-09")
def test_amounts_as_people_type_them(bank: Bank) -> None:
    before = bank.movements()
    phone = _to_amount(bank)
    for wrong in (
        "",
        "abc",
        "1e400",
        "-500",
        "0.00",
        "12.345",
        "9" * 30,
        "50*0",
        "#",
        "*",
        "1,2,3.4.5",
        "٥٠٠",
        "9" * 500,
    ):
        assert phone.type(wrong).startswith("Type an amount like 2500.\n"), wrong
    assert bank.movements() == before
    assert phone.type("2,500.50").startswith("Repay KES 2,500.50\n")
    assert "Type an amount" in phone.type("0")
    assert phone.type("98").startswith("Repay KES 98.00\n")


@pytest.mark.security("M-02")
def test_a_crash_after_the_act_and_before_the_answer_is_harmless(bank: Bank) -> None:
    """The session's row is put back to where it stood, as if the process had died before it stored its answer."""
    before = bank.movements()
    phone = _to_amount(bank)
    phone.type("1000")
    columns = "turn, typed_length, typed_hash, tape, answer, answer_ends, ended_at, lease, leased_until"
    row = bank.sql(f"select {columns} from ussd_session where id = %s", phone.session)[0]
    receipt = phone.type("2468")
    assert receipt.startswith("Paid KES 1,000.00 ")
    once = bank.movements()
    placeholders = ", ".join(["%s"] * len(row))
    bank.sql(f"update ussd_session set ({columns}) = ({placeholders}) where id = %s", *row, phone.session)
    assert phone.send() == receipt
    assert bank.movements() == once
    assert len(once) > len(before)
    assert bank.sql("select count(*) from attempt where wrong > 0") == [(0,)]


@pytest.mark.security("U-10")
def test_two_deliveries_at_once_are_one_turn(bank: Bank) -> None:
    before = bank.movements()
    phone = _to_amount(bank)
    phone.type("1000")
    text = f"{phone.typed}*2468"
    answers: list[str] = []
    ready = threading.Barrier(6)

    def deliver() -> None:
        from django.db import connection

        ready.wait()
        answers.append(phone.post(text).content.decode())
        connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1, answers
    assert answers[0].startswith("END Paid KES 1,000.00 ")
    moved = bank.movements()[len(before) :]
    assert sum(minor for _, _, minor in moved) == 100000
    assert bank.sql("select turn from ussd_session where id = %s", phone.session) == [(phone.typed.count("*") + 3,)]


@pytest.mark.security("P-03")
def test_the_books_out_of_reach_are_said_so_and_nothing_moves(bank: Bank) -> None:
    import psycopg

    phone = _to_amount(bank)
    phone.type("1000")
    before = bank.movements()
    database = bank.institution.database
    with psycopg.connect(bank.house.cluster.admin, dbname="postgres", autocommit=True) as admin:
        admin.execute(f'alter database "{database}" with allow_connections false')
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [database])
        try:
            phone.type("2468")
            assert phone.has_ended
            assert phone.screen.startswith(
                "We can't reach the books now. Try again in a few minutes.\nNo money moved.\n"
            )
            assert bank.institution.help_number in phone.screen
        finally:
            admin.execute(f'alter database "{database}" with allow_connections true')
    assert bank.movements() == before
    assert UssdDoor(bank).dial(bank.someone("trader"))


@pytest.mark.security("U-01")
def test_what_a_session_keeps_has_no_pin_and_no_balance(bank: Bank) -> None:
    from dirisha.access.keys import decrypt

    phone = _to_amount(bank)
    phone.pick("All due")
    phone.type("1111")
    rows = bank.sql("select tape, answer, id, msisdn from ussd_session where id = %s", phone.session)
    tape = decrypt(bytes(rows[0][0])).decode()
    trader = bank.someone("trader")
    for account in (*trader.savings, *trader.loans):
        assert account.number not in tape
    for account in trader.savings:
        assert str(account.balance.minor) not in tape
    for secret in ("2468", "1111", trader.character.last_name):
        assert secret not in tape
    dump = "\n".join(
        str(bytes(cell)) if isinstance(cell, memoryview | bytes) else str(cell) for row in rows for cell in row
    )
    assert "2468" not in dump
    assert "Repay" not in dump


def test_a_session_lives_three_minutes_and_forty_turns(bank: Bank) -> None:
    assert _answer("life", "", NOW).text.startswith("Choose your language")
    assert _answer("life", "1", NOW + timedelta(seconds=179)).text.startswith("Tumaini Savings\n")
    over = _answer("life", "1*2468", NOW + timedelta(seconds=180))
    assert (over.text, over.ends) == ("This session is over. Dial *384# to start again.", True)
    assert bank.sql("select count(*) from attempt") == [(0,)]
    text = ""
    for turn in range(40):
        assert not _answer("long", text, NOW).ends, turn
        text = f"{text}*x" if text else "x"
    assert _answer("long", text, NOW).text.startswith("This session is over.")


def test_the_sweep_wipes_and_later_forgets(bank: Bank) -> None:
    from dirisha.channels.ussd.sessions import sweep

    for text in ("", "1", "1*2468", "1*2468*3", "1*2468*3*1", "1*2468*3*1*900"):
        _answer("swept", text, NOW)
    assert not sweep(NOW + timedelta(seconds=179))
    assert sweep(NOW + timedelta(seconds=180))
    assert bank.sql("select tape, answer, ended_at is null from ussd_session") == [(None, None, False)]
    # A delivery hours late is no new session, and no long dialled code.
    late = _answer("swept", "1*2468*3*1*900*2468", NOW + timedelta(hours=3))
    assert late.text.startswith("This session is over.")
    assert not sweep(NOW + timedelta(hours=4))
    sweep(NOW + timedelta(hours=25))
    assert bank.sql("select count(*) from ussd_session") == [(0,)]


def test_a_session_belongs_to_its_phone(bank: Bank) -> None:
    trader = _to_amount(bank)
    stranger = Phone("+254700000333", session=trader.session, typed=f"{trader.typed}*1000")
    assert stranger.send().startswith("This session is over.")
    assert trader.type("1000").startswith("Repay KES 1,000.00")


def _answer(session: str, text: str, at: datetime) -> Any:
    from dirisha.carriers.port import UssdTurn
    from dirisha.channels.ussd import turns
    from dirisha.kit.phone import Msisdn

    return turns.answer(UssdTurn(session, Msisdn("+254700000118"), text), at=at, correlation="test-correlation")


def _is_a_refusal(bank: Bank, phone: Phone, words: str, number: int, *, ends: bool = False) -> None:
    """What happened, whether money moved, whom to call, and a reference under which the audit has it."""
    assert phone.screen.startswith(words), phone.screen
    assert "No money moved." in phone.screen
    assert f"Help {bank.institution.help_number}. Ref {number}-" in phone.screen
    assert phone.has_ended is ends
    end_of_id = phone.screen.partition(f"Ref {number}-")[2][:6].lower()
    found = bank.sql("select outcome from audit_event where correlation like %s and code is not null", f"%{end_of_id}")
    assert found
    assert set(found) <= {("refused",), ("asked",)}
