"""Paying a loan and moving money: what is shown, what is asked for, what the books say afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.bank import NOW, Bank
from tests.journeys.drivers.portal import Portal
from tests.parallel import at_once

FEE = {"[limits]": '[fees."loans.repay"]\nportal = "10"\n\n[limits]'}
NO_QUOTE = "/pay/01a20cc8-8e80-78df-9aaa-e267805dc770"


def test_a_repayment_below_the_line_takes_a_press(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    loan, source = who.loans[0], who.savings[0]
    due = loan.installments[6]
    before = bank.movements()
    reference = trader.repay(loan, source, "4,538.86")
    principal, interest = bank.movements()[len(before) :]
    assert principal == (source.id, loan.id, due.due.principal)
    assert (interest[0], interest[2]) == (source.id, due.due.interest)
    assert trader.reads_back(reference)
    text = trader.page.text
    for words in ("Paid KES 4,538.86 to Business loan …1003", "From Everyday savings …1001", "KES 4,030.38 principal",
                  "KES 508.48 interest", "Fee No fee", "Tuesday 24 November 2026, 12:00",
                  "Next payment KES 4,538.86 by Thursday 24 December"):  # fmt: skip
        assert words in text, text


def test_the_check_page_says_all_before_anything_moves(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    trader.open(f"/loans/{who.loans[0].id}/pay")
    trader.submit("/pay", amount="4538.86", source_id=str(who.savings[0].id))
    text = trader.page.text
    assert "Check before you pay" in text
    for words in ("Amount KES 4,538.86", "From Everyday savings …1001", "instalment 7 of 12", "Fee No fee",
                  "You will have KES 39,118.48 in Everyday savings", "Left of the loan KES 22,694.29"):  # fmt: skip
        assert words in text, text
    assert bank.movements() == before


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("100", "a part of instalment 7 of 12"),
        ("4538.86", "instalment 7 of 12"),
        ("4600", "instalment 7 of 12 and a part of 8"),
        ("13616.58", "instalments 7 to 9 of 12"),
        ("13700", "instalments 7 to 9 of 12 and a part of 10"),
        ("27233.15", "all that is left"),
    ],
)
def test_what_a_payment_settles(trader: Portal, bank: Bank, amount: str, said: str) -> None:
    who = bank.someone("trader")
    trader.open(f"/loans/{who.loans[0].id}/pay")
    trader.submit("/pay", amount=amount, source_id=str(who.savings[0].id))
    assert said in trader.page.text


@pytest.mark.parametrize("amount", ["5000", "5000.01"])
def test_from_the_line_up_a_code_is_asked_for(trader: Portal, bank: Bank, amount: str) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    trader.open(f"/loans/{who.loans[0].id}/pay")
    trader.submit("/pay", amount=amount, source_id=str(who.savings[0].id))
    assert "code" in trader.check_form().accepts
    assert "We sent it to +2547•• ••• 118" in trader.page.text
    assert trader.confirm("") == "proof.needed"
    assert bank.movements() == before
    reference = trader.confirm()
    assert trader.reads_back(reference)
    assert sum(minor for *_, minor in bank.movements()[len(before) :]) == bank.money(amount).minor


def test_just_below_the_line_no_code_is_asked_for(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    trader.open(f"/loans/{who.loans[0].id}/pay")
    trader.submit("/pay", amount="4999.99", source_id=str(who.savings[0].id))
    assert "code" not in trader.check_form().accepts
    assert trader.reads_back(trader.confirm())


@pytest.mark.security("M-03")
def test_the_sms_shows_what_is_paid_and_its_code_is_dead_when_a_digit_changes(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    trader.open(f"/loans/{who.loans[0].id}/pay")
    trader.submit("/pay", amount="6000", source_id=str(who.savings[0].id))
    code = trader.newest_code()
    shown = bank.sql("select variables::text from outbox where event = 'code'")[0][0]
    assert '"~money": [600000, "KES", 2]' in shown
    assert "Business loan ...1003" in shown
    trader.open(f"/loans/{who.loans[0].id}/pay")
    trader.submit("/pay", amount="6001", source_id=str(who.savings[0].id))
    assert trader.confirm(code) == "access.wrong_code"
    assert "Tries left: 4" in trader.page.text
    assert "No money has moved" in trader.page.text
    assert bank.movements() == before
    assert trader.reads_back(trader.confirm())  # with the code of this one


@pytest.mark.security("M-03")
def test_a_code_is_dead_where_a_digit_of_its_own_quote_was_changed(trader: Portal, bank: Bank) -> None:
    """By somebody at the database: the second quote's terms are put under the first one's id and code."""
    who = bank.someone("trader")
    before = bank.movements()
    pages = []
    for amount in ("6000", "6001"):
        trader.open("/move")
        trader.submit("/move", amount=amount, source_id=str(who.savings[0].id), target_id=str(who.savings[1].id))
        pages.append((trader.page.address, trader.newest_code()))
    (first, code), (second, _) = pages
    bank.sql(
        "update command c set inputs = o.inputs, inputs_hash = o.inputs_hash, terms = o.terms, digest = o.digest"
        " from command o where c.id = %s and o.id = %s",
        first.removeprefix("/pay/"),
        second.removeprefix("/pay/"),
    )
    assert "KES 6,001.00" in trader.open(first).text
    assert trader.confirm(code) == "access.wrong_code"
    assert bank.movements() == before


def test_five_wrong_codes_end_the_payment(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    trader.open("/move")
    trader.submit("/move", amount="6000", source_id=str(who.savings[0].id), target_id=str(who.savings[1].id))
    first = trader.newest_code()
    wrong = "000000" if first != "000000" else "111111"
    for left in (4, 3, 2, 1):
        assert trader.confirm(wrong) == "access.wrong_code"
        assert f"Tries left: {left}" in trader.page.text
    form = trader.check_form()
    for typed in (wrong, first):
        trader.post(form.action, form.fields | {"code": typed})
        assert trader.page.code == "access.wrong_code"
        assert "can't be confirmed any more" in trader.page.text
    assert bank.movements() == before
    again = next(link for link in trader.page.links if link.startswith("/move?"))
    trader.open(again)
    trader.submit("/move")
    assert trader.reads_back(trader.confirm())


def test_a_code_of_another_shape_is_asked_again_and_not_counted(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    trader.open("/move")
    trader.submit("/move", amount="6000", source_id=str(who.savings[0].id), target_id=str(who.savings[1].id))
    for typed in ("2468", "12345x", "1234567", "٠١٢٣٤٥"):
        assert trader.confirm(typed) == "input.bad"
        assert "six digits" in trader.page.text
        assert "No money has moved." in trader.page.text
        assert "Reference" in trader.page.text
    assert bank.sql("select max(wrong) from one_time_code") == [(0,)]
    code = trader.newest_code()
    assert trader.reads_back(trader.confirm(f"{code[:3]} {code[3:]}"))


def test_no_more_than_three_codes_are_sent_for_a_payment(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    trader.open("/move")
    trader.submit("/move", amount="6000", source_id=str(who.savings[0].id), target_id=str(who.savings[1].id))
    for _ in range(2):
        trader.submit("/code")
        assert trader.page.code == ""
    trader.submit("/code")
    assert trader.page.code == "access.too_many_codes"
    assert bank.sql("select count(*) from outbox where event = 'code'") == [(3,)]
    assert trader.reads_back(trader.confirm())


def test_a_code_that_was_not_sent_is_not_said_to_be(trader: Portal, bank: Bank) -> None:
    """The hour's codes are used up: said when the page comes, loads again and refuses a code; not once one is sent."""
    from dirisha.acts.access.send_code import MOST_CODES_AN_HOUR

    who = bank.someone("trader")
    wish = {"amount": "6000", "source_id": str(who.savings[0].id), "target_id": str(who.savings[1].id)}
    for _ in range(MOST_CODES_AN_HOUR):
        trader.open("/move")
        trader.submit("/move", **wish)
        assert "We sent it to" in trader.page.text
    trader.open("/move")
    trader.submit("/move", **wish)
    assert "No code was sent for this payment" in trader.page.text
    assert "We sent it to" not in trader.page.text
    trader.open(f"{trader.page.address}?code=none")
    assert "No code was sent for this payment" in trader.page.text
    for typed, code in (("123456", "access.wrong_code"), ("12", "input.bad"), ("", "proof.needed")):
        assert trader.confirm(typed) == code
        assert "No money has moved" in trader.page.text
        assert "sent it to" not in trader.page.text
        assert "that we sent you" not in trader.page.text
        assert "too many wrong codes" not in trader.page.text
    assert trader.submit("/code").code == "access.too_many_codes"
    assert "sent it to" not in trader.page.text
    bank.sql("update outbox set made_at = made_at - interval '1 hour' where kind = 'code'")
    trader.submit("/code")
    assert "We sent it to" in trader.page.text
    assert trader.reads_back(trader.confirm())


def test_pressed_again_gone_back_to_and_loaded_again_it_is_one_payment(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    trader.open(f"/loans/{who.loans[0].id}/pay")
    trader.submit("/pay", amount="100", source_id=str(who.savings[0].id))
    check, form = trader.page.address, trader.check_form()
    trader.post(form.action, form.fields)
    receipt = trader.page.address
    assert receipt.startswith("/receipts/")
    first = trader.page.text
    for _ in range(2):
        trader.post(form.action, form.fields)
        assert (trader.page.address, trader.page.text) == (receipt, first)
    trader.open(check)
    assert (trader.page.address, trader.page.text) == (receipt, first)
    assert len(bank.movements()) == len(before) + 1


def test_two_presses_at_once_are_one_payment(bank: Bank) -> None:
    who = bank.someone("trader")
    one = Portal(bank)
    one.log_in(who)
    before = bank.movements()
    one.open("/move")
    one.submit("/move", amount="100", source_id=str(who.savings[0].id), target_id=str(who.savings[1].id))
    form = one.check_form()
    windows = [Portal(bank) for _ in range(6)]
    for window in windows:
        window.client.cookies = one.client.cookies
    pages = at_once([lambda w=window: w.post(form.action, form.fields) for window in windows])
    assert {page.code for page in pages} <= {"", "command.in_progress"}  # type: ignore[union-attr]
    receipts = {page.address for page in pages if not page.code}  # type: ignore[union-attr]
    assert len(receipts) == 1
    assert bank.movements()[len(before) :] == [(who.savings[0].id, who.savings[1].id, 10_000)]


def test_changed_terms_are_shown_before_anything_moves(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    trader.open(f"/loans/{who.loans[0].id}/pay")
    trader.submit("/pay", amount="100", source_id=str(who.savings[0].id))
    old, form = trader.page.address, trader.check_form()
    bank.change(**FEE)
    trader.post(form.action, form.fields)
    assert "Something changed since you checked, so nothing was paid" in trader.page.text
    assert "Fee KES 10.00" in trader.page.text
    assert bank.movements() == before
    new = trader.page.address
    trader.post(form.action, form.fields)  # the old one once more: the same new page
    assert trader.page.address == new != old
    trader.open(old)
    assert trader.page.address == new
    reference = trader.confirm()
    assert trader.reads_back(reference)
    assert "Fee KES 10.00" in trader.page.text
    assert sum(minor for *_, minor in bank.movements()[len(before) :]) == 11_000


def test_a_quote_that_is_too_old_moves_nothing(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    trader.open("/move")
    trader.submit("/move", amount="100", source_id=str(who.savings[0].id), target_id=str(who.savings[1].id))
    check, form = trader.page.address, trader.check_form()
    trader.at = NOW + timedelta(minutes=11)
    trader.open(check)
    assert trader.page.code == "quote.expired"
    trader.post(form.action, form.fields)
    assert trader.page.code == "quote.expired"
    assert trader.page.status == 409
    trader.open(check)
    assert trader.page.code == "quote.expired"
    assert bank.movements() == before
    again = next(link for link in trader.page.links if link.startswith("/move?"))
    trader.open(again)
    assert trader.page.form("/move").fields["amount"] == "100.00"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("43657.35", "account.not_enough_money"),
        ("27233.16", "loan.more_than_outstanding"),
    ],
)
def test_what_the_loan_and_the_account_refuse(trader: Portal, bank: Bank, amount: str, code: str) -> None:
    bank.change(**{'day = "100000"': 'day = "200000"'})
    who = bank.someone("trader")
    before = bank.movements()
    if code == "account.not_enough_money":
        assert trader.move(who.savings[0], who.savings[1], amount) == code
    else:
        assert trader.repay(who.loans[0], who.savings[0], amount) == code
    assert trader.page.status == 422
    assert "No money has moved" in trader.page.text
    assert "Reference" in trader.page.text
    assert bank.movements() == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({'portal = { transaction = "60000", day = "80000" }': 'portal = { transaction = "99", day = "80000" }'},
         "limit.transaction"),
        ({'portal = { transaction = "60000", day = "80000" }': 'portal = { transaction = "60000", day = "150" }'},
         "limit.day"),
    ],
)  # fmt: skip
def test_limits_are_told_with_their_amounts(trader: Portal, bank: Bank, change: dict[str, str], code: str) -> None:
    bank.change(**change)
    who = bank.someone("trader")
    if code == "limit.day":
        assert trader.reads_back(trader.move(who.savings[0], who.savings[1], "90"))
    before = bank.movements()
    assert trader.move(who.savings[0], who.savings[1], "100") == code
    assert ("KES 99.00" if code == "limit.transaction" else "KES 60.00 of it is left") in trader.page.text
    assert bank.movements() == before


def test_money_moves_between_ones_own_accounts(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    reference = trader.move(who.savings[1], who.savings[0], "KES 1,200.50")
    assert bank.movements()[len(before) :] == [(who.savings[1].id, who.savings[0].id, 120_050)]
    assert trader.reads_back(reference)
    assert "Moved KES 1,200.50 to Everyday savings …1001" in trader.page.text


def test_one_account_is_no_two(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    assert trader.move(who.savings[0], who.savings[0], "10") == "transfer.same_account"


BAD_AMOUNTS = ["", "abc", "-5", "0", "0.00", "1e400", "1_000", "12.345", "2500,50", "1,00", "٣٠٠", "NaN", "Infinity",
               "9" * 30, "9" * 19, "1\0", "<script>", "--5", "."]  # fmt: skip


@pytest.mark.parametrize("way", ["repay", "move"])
def test_what_is_no_amount_is_asked_again(trader: Portal, bank: Bank, way: str) -> None:
    who = bank.someone("trader")
    before, quotes = bank.movements(), bank.sql("select count(*) from command")
    pay = trader.repay if way == "repay" else trader.move
    target = who.savings[0] if way == "repay" else who.savings[1]
    source = who.loans[0] if way == "repay" else who.savings[0]
    for typed in BAD_AMOUNTS:
        assert (pay(source, target, typed), trader.page.status) == ("input.bad", 422), typed
        assert trader.page.title.startswith("Something is wrong: ")
        assert "#amount" in trader.page.links
    assert bank.movements() == before
    assert bank.sql("select count(*) from command") == quotes


def test_what_is_no_account_is_asked_again(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    for typed in ("", "abc", "0", "-1", str(2**63), "9" * 40, "1.5"):
        assert trader.repay(who.loans[0], typed, "10") == "input.bad", typed
        assert trader.move(who.savings[0], typed, "10") == "input.bad", typed
    assert bank.movements() == before


@pytest.mark.security("A-01")
def test_what_is_anothers_looks_like_what_is_not_there(trader: Portal, bank: Bank) -> None:
    who, other = bank.someone("trader"), bank.someone("farmer")
    before = bank.movements()

    def seen(answer: str) -> tuple[str, int, str]:
        return answer, trader.page.status, trader.page.text.split("Reference")[0]

    for foreign, missing in ((other.savings[0].id, 999_999),):
        assert seen(trader.repay(who.loans[0], foreign, "10")) == seen(trader.repay(who.loans[0], missing, "10"))
        assert seen(trader.move(foreign, who.savings[0], "10")) == seen(trader.move(missing, who.savings[0], "10"))
        assert seen(trader.move(who.savings[0], foreign, "10")) == seen(trader.move(who.savings[0], missing, "10"))
        assert (trader.page.code, trader.page.status) == ("object.not_found", 422)
        assert "No money has moved. Choose one of your accounts." in trader.page.text
        assert trader.page.title.startswith("Something is wrong: Move money")
    for path in ("/loans/{}", "/loans/{}/pay"):
        assert seen(trader.open(path.format(other.loans[0].id)).code) == seen(trader.open(path.format(999_999)).code)
    assert seen(trader.open(f"/accounts/{other.savings[0].id}").code) == seen(trader.open("/accounts/999999").code)
    assert trader.page.status == 404
    assert bank.movements() == before


@pytest.mark.security("A-01")
def test_anothers_quote_and_receipt_are_nowhere(bank: Bank) -> None:
    who = bank.someone("trader")
    owner, other = Portal(bank), Portal(bank)
    owner.log_in(who)
    other.log_in(bank.someone("newcomer"))
    reference = owner.move(who.savings[0], who.savings[1], "10")
    assert other.open(f"/receipts/{reference}").code == "object.not_found"
    owner.open("/move")
    owner.submit("/move", amount="6000", source_id=str(who.savings[0].id), target_id=str(who.savings[1].id))
    before = bank.movements()
    other.open("/settings")
    fields = other.page.form("/settings/language").fields
    for address in (owner.check_form().action, NO_QUOTE):
        assert other.open(address).code == "object.not_found"
        assert other.post(address, fields | {"code": owner.newest_code()}).code == "object.not_found"
        assert other.post(f"{address}/code", fields).code == "object.not_found"
    assert bank.movements() == before
    assert bank.sql("select count(*) from outbox where event = 'code'") == [(1,)]
    assert owner.reads_back(owner.confirm())


def test_a_final_refusal_stays(trader: Portal, bank: Bank) -> None:
    """Quoted while there was money, confirmed when there was none, and again when there is some."""
    who = bank.someone("trader")
    window = Portal(bank)
    window.client.cookies = trader.client.cookies
    trader.open("/move")
    trader.submit("/move", amount="4000", source_id=str(who.savings[1].id), target_id=str(who.savings[0].id))
    form = trader.check_form()
    assert window.reads_back(window.move(who.savings[1], who.savings[0], "4000"))
    before = bank.movements()
    assert trader.confirm() == "account.not_enough_money"
    assert bank.movements() == before
    assert window.reads_back(window.move(who.savings[0], who.savings[1], "4000"))
    before = bank.movements()
    assert trader.post(form.action, form.fields).code == "account.not_enough_money"
    assert trader.open(form.action).code == "account.not_enough_money"
    assert bank.movements() == before


BREAK_AT_COMMIT = """
create function break_at_commit() returns trigger language plpgsql security definer as
$$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
create constraint trigger break_at_commit after insert on journal deferrable initially deferred
for each row execute function break_at_commit();
"""


def test_what_is_not_known_is_said_and_can_be_asked_again(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    before = bank.movements()
    trader.open("/move")
    trader.submit("/move", amount="100", source_id=str(who.savings[0].id), target_id=str(who.savings[1].id))
    form = trader.check_form()
    bank.sql(BREAK_AT_COMMIT)
    trader.post(form.action, form.fields)
    assert trader.page.status == 503
    assert "We don't know yet whether the money moved" in trader.page.text
    assert "asking again can't pay twice" in trader.page.text
    bank.sql("drop trigger break_at_commit on journal")
    trader.submit(form.action)  # the button "Ask again"
    assert trader.page.address.startswith("/receipts/")
    assert bank.movements()[len(before) :] == [(who.savings[0].id, who.savings[1].id, 10_000)]


def test_the_whole_loan_can_be_paid(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    trader.open(f"/loans/{who.loans[0].id}/pay")
    everything = next(link for link in trader.page.links if link.startswith("?amount="))
    assert everything == "?amount=27233.15"
    trader.repay(who.loans[0], who.savings[0], "27233.15")
    assert "Nothing is left to pay" in trader.page.text
    trader.open(f"/loans/{who.loans[0].id}")
    assert "This loan is paid off" in trader.page.text
    trader.open(f"/loans/{who.loans[0].id}/pay")
    assert [form.action for form in trader.page.forms] == ["/logout"]
    fields = trader.page.forms[0].fields | {"amount": "1", "source_id": str(who.savings[0].id)}
    assert trader.post(f"/loans/{who.loans[0].id}/pay", fields).code == "loan.not_active"
