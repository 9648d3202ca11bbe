"""What each keyword does, for whom, and what stays closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.bank import NOW, Bank
from tests.channels.sms.conftest import Clock
from tests.journeys.drivers.sms import CODE, REFERENCE, SmsDoor, SmsPhone


def nothing_moved(bank: Bank, before: list[Any]) -> bool:
    return bank.movements() == before


# --- reading ----------------------------------------------------------------------------------------------------------


def test_balances_with_masked_numbers(bank: Bank, trader: SmsDoor) -> None:
    answer = trader.balance()
    for account in trader.who.savings:
        assert f"{account.ref.masked} {account.balance.gsm_text()}" in answer
        assert account.number not in answer


def test_more_accounts_than_one_message_holds_are_counted(bank: Bank, trader: SmsDoor) -> None:
    from dirisha.demo.branch import Branch
    from dirisha.kit.gsm7 import sms_parts

    branch = Branch.of(bank.someone("staff").user)
    for number in range(8):
        branch.open_savings(trader.who.client, "Everyday savings", f"Pot {number}", at=NOW)
    answer = trader.balance()
    lines = answer.splitlines()
    assert sms_parts(answer) == 1
    assert lines[-1].startswith(f"and {10 - (len(lines) - 1)} more: dial *384#")


def test_what_to_pay_and_when(bank: Bank, trader: SmsDoor, farmer: SmsDoor) -> None:
    [answer] = trader.phone.send("loan")
    loan = trader.who.loans[0]
    assert answer.startswith(f"Business loan {loan.ref.masked}: KES ")
    assert " to pay now. Left KES " in answer and "Send PAY " in answer
    [answer] = farmer.phone.send("mkopo")
    assert "ilipaswa 12 Nov 2026" in answer and "Tuma LIPA " in answer


def test_the_amount_that_loan_names_can_be_paid_as_it_stands(bank: Bank, trader: SmsDoor) -> None:
    [answer] = trader.phone.send("LOAN")
    wish = answer[answer.index("Send ") + 5 :].split(". ")[0]
    [asked] = trader.phone.send(wish)
    assert CODE.search(asked), asked


def test_the_answer_comes_in_the_persons_language(bank: Bank, farmer: SmsDoor) -> None:
    assert "Ni salio zako" in farmer.balance()
    [answer] = farmer.phone.send("help")
    assert "Usitume PIN" in answer


def test_who_owes_nothing_is_told_so(bank: Bank, clock: Clock) -> None:
    newcomer = SmsDoor(bank, clock)
    newcomer.pick_up(bank.someone("newcomer"))
    [answer] = newcomer.phone.send("LOAN")
    assert answer.startswith("You have no loan to pay.")
    [answer] = newcomer.phone.send("PAY 100")
    assert answer.startswith("Nothing was paid: you have no loan to pay.")


# --- paying -----------------------------------------------------------------------------------------------------------


def test_a_payment_is_confirmed_by_the_code_that_came_for_it(bank: Bank, trader: SmsDoor) -> None:
    source, loan = trader.who.savings[0], trader.who.loans[0]
    before = bank.movements()
    [asked] = trader.phone.send("PAY 500")
    assert f"To pay KES 500.00 from {source.ref.masked} to Business loan {loan.ref.masked} reply " in asked
    assert nothing_moved(bank, before)
    code = CODE.search(asked)
    assert code
    [notice] = trader.phone.send(code[1])
    moved = bank.movements()[len(before) :]
    assert {debit for debit, _, _ in moved} == {source.id}
    assert sum(minor for _, _, minor in moved) == 50_000
    found = REFERENCE.search(notice)
    assert found and trader.reads_back(found[1])
    assert notice.startswith(f"KES 500.00 paid to loan {loan.ref.masked} from {source.ref.masked}.")
    assert [entry[:2] for entry in bank.audit()[-2:]] == [("access.send_code", "done"), ("loans.repay", "done")]
    assert bank.audit()[-1][4] == "sms"


def test_the_account_that_has_the_money_pays(bank: Bank, trader: SmsDoor) -> None:
    first, second = trader.who.savings
    bank.sql("update balance set minor = 10000 where account = %s", first.id)
    [asked] = trader.phone.send("PAY 500")
    assert f"from {second.ref.masked}" in asked


def test_of_several_loans_the_most_urgent_is_paid_and_named(bank: Bank, farmer: SmsDoor) -> None:
    from dirisha.demo.branch import Branch

    branch = Branch.of(bank.someone("staff").user)
    branch.disburse(farmer.who.savings[0].id, "Business loan", bank.money("5000"), 6, at=NOW)
    late = farmer.who.loans[0]
    farmer.phone.fetch()
    [answer] = farmer.phone.send("LOAN")
    assert late.ref.masked in answer and answer.endswith(" +1: *384#")
    [asked] = farmer.phone.send("LIPA 200")
    assert f"kwa Business loan {late.ref.masked} jibu " in asked


def test_a_wrong_code_counts_and_the_fifth_ends_the_payment(bank: Bank, trader: SmsDoor) -> None:
    before = bank.movements()
    [asked] = trader.phone.send("PAY 500")
    code = CODE.search(asked)
    assert code
    wrong = "000000" if code[1] != "000000" else "111111"
    answers = [trader.phone.send(wrong)[0] for _ in range(5)]
    assert [f"{left} tries left" in answer for left, answer in zip((4, 3, 2, 1), answers, strict=False)] == [True] * 4
    assert answers[4].startswith("Nothing was paid: this code is used up.")
    [answer] = trader.phone.send(code[1])
    assert answer.startswith("Nothing was paid: this code is used up.")
    assert nothing_moved(bank, before)


def test_a_code_is_good_for_one_payment(bank: Bank, trader: SmsDoor) -> None:
    trader.repay(trader.who.loans[0], trader.who.savings[0], "500")
    code = CODE.search(trader.phone.received[-2])
    assert code
    before = bank.movements()
    [answer] = trader.phone.send(code[1])
    assert answer.startswith("Nothing was paid: no payment waits for a code.")
    assert nothing_moved(bank, before)


def test_the_code_of_one_payment_confirms_no_other(bank: Bank, trader: SmsDoor, clock: Clock) -> None:
    before = bank.movements()
    [asked] = trader.phone.send("PAY 500")
    code = CODE.search(asked)
    assert code
    clock.at += timedelta(seconds=20)
    [again] = trader.phone.send("PAY 5000")
    newer = CODE.search(again)
    assert newer and "KES 5,000.00" in again
    if newer[1] == code[1]:
        pytest.skip("the two codes are equal by chance")
    [answer] = trader.phone.send(code[1])
    assert answer.startswith("Nothing was paid: not the newest code.")
    assert nothing_moved(bank, before)


def test_a_code_that_comes_too_late_pays_nothing(bank: Bank, trader: SmsDoor, clock: Clock) -> None:
    before = bank.movements()
    [asked] = trader.phone.send("PAY 500")
    code = CODE.search(asked)
    assert code
    clock.at = NOW + timedelta(minutes=10)
    [answer] = trader.phone.send(code[1])
    assert answer.startswith("Nothing was paid: no payment waits for a code.")
    assert nothing_moved(bank, before)


@pytest.mark.security("M-03")
def test_terms_that_changed_meanwhile_are_not_paid_and_a_code_for_the_new_ones_comes(
    bank: Bank, trader: SmsDoor
) -> None:
    before = bank.movements()
    [asked] = trader.phone.send("PAY 500")
    code = CODE.search(asked)
    assert code
    bank.change(**{"[carrier]": '[fees]\n"loans.repay" = { sms = "10" }\n\n[carrier]'})
    answers = trader.phone.send(code[1])
    assert nothing_moved(bank, before)
    assert sorted(text[:12] for text in answers) == ["Nothing was ", "To pay KES 5"]
    newer = next(text for text in answers if text.startswith("To pay"))
    assert "KES 500.00 + fee KES 10.00" in newer
    found = CODE.search(newer)
    assert found
    [notice] = trader.phone.send(found[1])
    assert notice.startswith("KES 500.00 paid to loan")


NOT_DONE = {
    "PAY 7000": "Nothing was paid: SMS pays up to KES 6,000.00. For more dial *384#.",
    "PAY 0": "Nothing was paid: this amount can't be paid.",
    "PAY -5": "Nothing was paid: this amount can't be paid.",
    "PAY": "Send PAY and the amount in KES",
    "PAY 5.001": "Send PAY and the amount in KES",
    "PAY USD 5": "Send PAY and the amount in KES",
    "PAY 99999999": "Nothing was paid: ",
    "PAY 999999999999999999": "Send PAY and the amount in KES",
    "PAY 1e400": "We did not understand this.",
    "123456": "Nothing was paid: no payment waits for a code.",
    "2468": "This is not a code. Was it your PIN?",
    "good morning": "We did not understand this.",
}


def test_what_can_not_be_done_is_said_and_nothing_moves(bank: Bank, trader: SmsDoor) -> None:
    before = bank.movements()
    for text, said in NOT_DONE.items():
        [answer] = trader.phone.send(text)
        assert answer.startswith(said), (text, answer)
    assert nothing_moved(bank, before)


def test_money_that_is_not_there_and_more_than_is_owed(bank: Bank, trader: SmsDoor) -> None:
    before = bank.movements()
    for account in trader.who.savings:
        bank.sql("update balance set minor = 10000 where account = %s", account.id)
    [answer] = trader.phone.send("PAY 500")
    assert answer.startswith("Nothing was paid: your account has KES 100.00.")
    reference = REFERENCE.search(answer)
    assert reference
    assert bank.sql("select act, code, actor from audit_event where correlation = %s", reference[1]) == [
        ("loans.repay", "account.not_enough_money", f"user:{trader.who.user}")
    ]
    assert nothing_moved(bank, before)


def test_the_limit_of_the_day_by_sms(bank: Bank, trader: SmsDoor) -> None:
    for _ in range(2):
        trader.repay(trader.who.loans[0], trader.who.savings[0], "6000")
    before = bank.movements()
    [answer] = trader.phone.send("PAY 6000")
    assert answer.startswith("Nothing was paid: your limit for today leaves KES 3,000.00.")
    assert nothing_moved(bank, before)


# --- STOP, START, CANCEL ----------------------------------------------------------------------------------------------


def test_stop_ends_sms_banking_and_is_confirmed_once(bank: Bank, trader: SmsDoor) -> None:
    [answer] = trader.phone.send("Stop.")
    assert answer.startswith("No more SMS banking and reminders to this phone.")
    assert trader.phone.send("STOP") == []
    [answer] = trader.phone.send("BAL")
    assert answer.startswith("SMS banking is not on for this phone.")
    assert bank.sql("select msisdn from sms_opt_out") == [(trader.phone.msisdn,)]


@pytest.mark.security("U-11")
def test_after_stop_the_notices_of_money_moved_still_come(bank: Bank, trader: SmsDoor) -> None:
    from tests.messaging.test_relay import repays

    trader.phone.send("STOP")
    repays(bank)
    [notice] = trader.phone.fetch()
    assert "Not you?" in notice


@pytest.mark.security("U-12")
def test_start_lets_reminders_come_again_but_switches_no_banking_on(bank: Bank, trader: SmsDoor) -> None:
    trader.phone.send("STOP")
    [answer] = trader.phone.send("START")
    assert answer.startswith("Reminders may come to this phone again.")
    assert bank.sql("select msisdn from sms_opt_out") == []
    [answer] = trader.phone.send("BAL")
    assert answer.startswith("SMS banking is not on for this phone.")


def test_a_stranger_may_stop_and_start(bank: Bank, stranger: SmsPhone) -> None:
    [answer] = stranger.send("ACHA")
    assert answer.startswith("No more SMS banking")
    assert bank.sql("select msisdn from sms_opt_out") == [(stranger.msisdn,)]
    [answer] = stranger.send("ANZA")
    assert answer.startswith("Reminders may come")
    assert bank.sql("select msisdn from sms_opt_out") == []


def test_cancel_is_about_the_payment_that_waits_and_else_about_all_messages(bank: Bank, trader: SmsDoor) -> None:
    trader.phone.send("PAY 500")
    before = bank.movements()
    [answer] = trader.phone.send("CANCEL")
    assert answer.startswith("Nothing was paid. Without its code the payment ends")
    assert nothing_moved(bank, before)
    trader.repay(trader.who.loans[0], trader.who.savings[0], "500")
    bank.sql("update command set expires_at = %s where state = 'open'", NOW)
    [answer] = trader.phone.send("CANCEL")
    assert answer.startswith("No more SMS banking")


# --- who sends --------------------------------------------------------------------------------------------------------


@pytest.mark.security("U-12")
def test_a_phone_without_sms_banking_reads_and_moves_nothing(bank: Bank, clock: Clock) -> None:
    """Alike for a stranger, a member who has not switched it on, and the phone that two share."""
    before = bank.movements()
    members = [bank.someone(key).character.msisdn for key in ("trader", "shared_a")]
    phones = [SmsPhone(bank, msisdn, now=clock) for msisdn in ("+254711000000", *members)]
    answers = {text for phone in phones for word in ("BAL", "LOAN", "PAY 500", "123456") for text in phone.send(word)}
    [answer] = answers
    assert answer.startswith("SMS banking is not on for this phone.")
    assert nothing_moved(bank, before)


@pytest.mark.security("U-12")
def test_a_spoofed_sender_moves_nothing_since_the_code_goes_to_the_phone(
    bank: Bank, trader: SmsDoor, clock: Clock
) -> None:
    before = bank.movements()
    spoofer = SmsPhone(bank, trader.phone.msisdn, now=clock)
    response = spoofer.post("PAY 500")
    assert (response.status_code, response.content) == (200, b""), "who posts to the hook learns nothing"
    [asked] = trader.phone.fetch()
    code = CODE.search(asked)
    assert code
    for guess in range(5):
        spoofer.post(str((int(code[1]) + 1 + guess) % 10**6).zfill(6))
    assert all("Nothing was paid" in text for text in trader.phone.fetch())
    spoofer.post(code[1])
    assert nothing_moved(bank, before)


@pytest.mark.security("A-05")
def test_the_same_number_at_the_neighbours_is_another_person(bank: Bank, trader: SmsDoor, clock: Clock) -> None:
    neighbour = SmsPhone(bank, trader.phone.msisdn, "jirani", now=clock)
    [answer] = neighbour.send("BAL")
    assert answer.startswith("SMS banking is not on for this phone.")
    [asked] = trader.phone.send("PAY 500")
    code = CODE.search(asked)
    assert code
    before = bank.movements()
    [answer] = neighbour.send(code[1])
    assert answer.startswith("SMS banking is not on for this phone.")
    assert nothing_moved(bank, before)


def test_of_a_shared_phone_the_one_who_switched_it_on_is_answered(bank: Bank, clock: Clock) -> None:
    door = SmsDoor(bank, clock)
    door.pick_up(bank.someone("shared_b"))
    other = bank.someone("shared_a")
    answer = door.balance()
    assert door.who.savings[0].ref.masked in answer
    assert other.savings[0].ref.masked not in answer


@pytest.mark.security("U-12")
def test_answers_are_limited_by_the_hour_and_then_there_is_silence(
    bank: Bank, stranger: SmsPhone, clock: Clock
) -> None:
    answers = [stranger.send("what?") for _ in range(25)]
    assert [len(each) for each in answers] == [1] * 20 + [0] * 5
    clock.at = NOW + timedelta(hours=1)
    assert len(stranger.send("what?")) == 1


@pytest.mark.security("U-12")
def test_nobody_floods_a_phone_with_codes(bank: Bank, trader: SmsDoor) -> None:
    from dirisha.acts.access.send_code import MOST_CODES_AN_HOUR

    sent = [text for _ in range(65) for text in trader.phone.send("PAY 500")]
    assert len([text for text in sent if CODE.search(text)]) == MOST_CODES_AN_HOUR
    assert len(sent) == 61


@pytest.mark.security("U-12")
@pytest.mark.parametrize("word", ["BAL", "PAY 500", "PAY", "HELP"])
def test_who_banks_is_told_when_it_is_enough_for_the_hour_and_moves_nothing_by_it(
    bank: Bank, trader: SmsDoor, clock: Clock, word: str
) -> None:
    before = bank.movements()
    answers = [trader.phone.send(word) for _ in range(62)]
    assert [len(each) for each in answers] == [1] * 61 + [0]
    assert not any("enough for this hour" in text for [text] in answers[:60])
    [last] = answers[60]
    assert last.startswith("Nothing was done: that is enough for this hour. Dial *384#")
    assert REFERENCE.search(last)
    assert nothing_moved(bank, before)
    clock.at = NOW + timedelta(hours=1)
    assert len(trader.phone.send(word)) == 1


def test_what_nobody_understands_takes_nothing_from_the_words_that_are_known(bank: Bank, trader: SmsDoor) -> None:
    for _ in range(25):
        trader.phone.send("what?")
    assert trader.phone.send("what?") == []
    assert "Your balances." in trader.balance()


def test_stop_start_and_codes_are_answered_however_many_messages_came_before(bank: Bank, trader: SmsDoor) -> None:
    [asked] = trader.phone.send("PAY 500")
    code = CODE.search(asked)
    assert code
    for word in ("HELP", "what?"):
        for _ in range(62):
            trader.phone.send(word)
    [answer] = trader.phone.send(f"{(int(code[1]) + 1) % 10**6:06d}")
    assert answer.startswith("Nothing was paid: not the newest code.")
    [notice] = trader.phone.send(code[1])
    assert notice.startswith("KES 500.00 paid")
    [answer] = trader.phone.send("STOP")
    assert answer.startswith("No more SMS banking")
    assert bank.sql("select sms_on from phone_link where msisdn = %s", trader.phone.msisdn) == [(False,)]
    [answer] = trader.phone.send("START")
    assert answer.startswith("Reminders may come to this phone again.")


def test_stop_works_even_where_its_own_answers_are_used_up(bank: Bank, trader: SmsDoor) -> None:
    for _ in range(10):
        trader.phone.send("STOP")
        trader.phone.send("START")
    assert trader.phone.send("STOP") == []
    assert bank.sql("select msisdn from sms_opt_out") == [(trader.phone.msisdn,)]
