"""Money on its way at the portal, from the press to the end that the far core gives it; without JavaScript."""

from __future__ import annotations

import re

import pytest

from tests.bank import FarBank
from tests.channels import core_days
from tests.journeys.drivers.portal import Portal

REFERENCE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}")


@pytest.fixture
def trader(far_bank: FarBank) -> Portal:
    portal = Portal(far_bank)
    portal.log_in(far_bank.someone("trader"))
    return portal


def _sent(bank: FarBank, trader: Portal, amount: str = "250") -> str:
    """A repayment that has no end yet: its reference."""
    who = bank.someone("trader")
    reference = trader.repay(who.loans[0], who.savings[0], amount)
    assert REFERENCE.fullmatch(reference), reference
    assert trader.page.status == 200 and trader.page.address == f"/receipts/{reference}"
    return reference


def test_what_the_core_books_at_once_is_a_receipt_at_once(far_bank: FarBank, trader: Portal) -> None:
    reference = _sent(far_bank, trader)
    assert far_bank.instructions() == [(reference, "posted", None)]
    text = trader.page.text
    for words in (
        "Paid KES 250.00 to Business loan …1003",
        "From Everyday savings …1001",
        "Fee No fee",
        "Next payment",
    ):
        assert words in text, text
    assert "On its way" not in text


def test_a_core_that_takes_nothing_now_leaves_it_on_its_way_and_nothing_moved(
    far_bank: FarBank, trader: Portal
) -> None:
    before = far_bank.movements()
    core_days.closed_for_money(far_bank)
    reference = _sent(far_bank, trader)
    text = trader.page.text
    for words in (
        "On its way", "KES 250.00 to Business loan …1003", "From Everyday savings …1001", "Fee No fee",
        "You asked Tuesday 24 November 2026, 12:00", "Your branch's system is working on it.",
        "Your balance may not show it yet.", "We text you as soon as it is done.", "need not pay again", reference,
        f"Read this out when you call us about it: {far_bank.institution.help_number}",
    ):  # fmt: skip
        assert words in text, text
    assert far_bank.movements() == before
    assert far_bank.sql("select distinct state from limit_use") == [("reserved",)]


def test_it_turns_into_the_receipt_when_it_is_read_again(far_bank: FarBank, trader: Portal) -> None:
    core_days.closed_for_money(far_bank)
    reference = _sent(far_bank, trader)
    core_days.well_again(far_bank)
    text = trader.open(f"/receipts/{reference}").text
    for words in ("Paid KES 250.00 to Business loan", "interest", "Next payment", reference):
        assert words in text, text
    assert "On its way" not in text
    assert "On its way" not in trader.open("/").text


def test_a_lost_answer_is_not_known_until_it_is_asked_for_and_nobody_pays_twice(
    far_bank: FarBank, trader: Portal
) -> None:
    who, before = far_bank.someone("trader"), far_bank.movements()
    core_days.hangs_up_after_paying_and_is_not_understood(far_bank)
    reference = trader.move(*who.savings, "40")
    assert far_bank.instructions() == [(reference, "unknown", None)]
    assert "Your branch's system is working on it. Your balance may not show it yet." in trader.page.text
    core_days.well_again(far_bank)
    assert "Moved KES 40.00" in trader.open(f"/receipts/{reference}").text
    assert [minor for *_, minor in far_bank.movements()[len(before) :]] == [4000]


def test_what_the_branch_has_to_approve_says_so(far_bank: FarBank, trader: Portal) -> None:
    core_days.wants_approval(far_bank)
    _sent(far_bank, trader)
    assert "It waits until somebody at your branch approves it. Your balance has not changed yet." in trader.page.text


def test_the_script_is_told_in_a_word_that_there_is_nothing_new(far_bank: FarBank, trader: Portal) -> None:
    core_days.closed_for_money(far_bank)
    reference = _sent(far_bank, trader)
    still = trader.open(f"/receipts/{reference}?still")
    assert (still.status, still.html) == (204, "")
    assert "no-store" in still.headers["Cache-Control"]
    core_days.well_again(far_bank)
    ended = trader.open(f"/receipts/{reference}?still")
    assert ended.status == 200 and "Paid KES 250.00" in ended.text


def test_refused_late_is_told_with_the_reason_and_what_to_do(far_bank: FarBank, trader: Portal) -> None:
    who = far_bank.someone("trader")
    core_days.closed_for_money(far_bank)
    reference = _sent(far_bank, trader)
    core_days.has_spent_all(far_bank, who.savings[0])
    before = far_bank.movements()
    core_days.well_again(far_bank)
    assert far_bank.instructions() == [(reference, "refused", "account.not_enough_money")]
    page = trader.open(f"/receipts/{reference}")
    text = page.text
    for words in (
        "It was not done", "There is not enough money: KES 1.00 is available.", "No money has moved.",
        "Pay a smaller amount, or put money in first.", "Code account.not_enough_money", f"Reference {reference}",
        "Amount KES 250.00", "You asked Tuesday 24 November 2026, 12:00", "Start again",
    ):  # fmt: skip
        assert words in text, text
    assert page.status == 200 and page.code == "account.not_enough_money"
    assert any(link.startswith(f"/loans/{who.loans[0].id}/pay?amount=250.00&source_id=") for link in page.links)
    assert far_bank.movements() == before
    assert far_bank.sql("select distinct state from limit_use") == [("released",)]


def test_a_reason_that_we_have_no_code_for_is_told_with_reference_and_number(far_bank: FarBank, trader: Portal) -> None:
    core_days.closed_for_money(far_bank)
    reference = _sent(far_bank, trader)
    core_days.is_a_day_behind(far_bank)
    core_days.well_again(far_bank)
    assert far_bank.instructions() == [(reference, "refused", "core.refused")]
    text = trader.open(f"/receipts/{reference}").text
    help_number = far_bank.institution.help_number
    assert "Your branch's system refused this payment. No money has moved." in text, text
    assert f"call {help_number} and read out {reference}." in text


def test_home_lists_what_is_on_its_way_on_top_with_links(far_bank: FarBank, trader: Portal) -> None:
    who = far_bank.someone("trader")
    core_days.closed_for_money(far_bank)
    first = _sent(far_bank, trader, "250")
    second = trader.move(*who.savings, "30")
    page = trader.open("/")
    text = page.text
    assert 0 < text.index("On its way") < text.index("To pay today")
    assert [link for link in page.links if link.startswith("/receipts/")][:2] == [
        f"/receipts/{first}", f"/receipts/{second}",
    ]  # fmt: skip
    assert "Business loan …1003 KES 250.00 Today 12:00" in text, text


def test_the_check_page_of_what_is_on_its_way_leads_to_it(far_bank: FarBank, trader: Portal) -> None:
    who = far_bank.someone("trader")
    core_days.closed_for_money(far_bank)
    trader.open(f"/loans/{who.loans[0].id}/pay")
    trader.submit("/pay", amount="250", source_id=str(who.savings[0].id))
    check = trader.check_form()
    reference = trader.confirm()
    assert trader.open(check.action).address == f"/receipts/{reference}"
    assert trader.post(check.action, check.fields).address == f"/receipts/{reference}"
    assert len(far_bank.instructions()) == 1
    core_days.well_again(far_bank)
    assert "Paid KES 250.00" in trader.open(check.action).text


def test_the_check_page_of_what_was_refused_late_says_so(far_bank: FarBank, trader: Portal) -> None:
    who = far_bank.someone("trader")
    core_days.closed_for_money(far_bank)
    trader.open(f"/loans/{who.loans[0].id}/pay")
    trader.submit("/pay", amount="250", source_id=str(who.savings[0].id))
    check = trader.check_form()
    trader.confirm()
    core_days.has_spent_all(far_bank, who.savings[0])
    core_days.well_again(far_bank)
    assert trader.open(check.action).code == "account.not_enough_money"
    assert trader.post(check.action, check.fields).code == "account.not_enough_money"


@pytest.mark.security("A-01")
def test_what_is_on_its_way_is_nobody_elses_to_read(far_bank: FarBank, trader: Portal) -> None:
    core_days.closed_for_money(far_bank)
    reference = _sent(far_bank, trader)
    other = Portal(far_bank)
    other.log_in(far_bank.someone("farmer"))
    assert other.open(f"/receipts/{reference}").status == 404
    assert other.open(f"/receipts/{reference}?still").status == 404
    assert reference not in other.open("/").html


def test_a_core_that_is_away_is_said_to_be_and_what_is_on_its_way_can_still_be_read(
    far_bank: FarBank, trader: Portal
) -> None:
    core_days.closed_for_money(far_bank)
    reference = _sent(far_bank, trader)
    core_days.away(far_bank)
    home = trader.open("/")
    assert (home.status, home.code) == (503, "system.try_later")
    assert "We can't reach the books at this moment. Nothing was done." in home.text
    assert int(home.headers["Retry-After"]) > 0
    assert "On its way" in trader.open(f"/receipts/{reference}").text


def test_a_receipt_stands_although_the_core_is_away(far_bank: FarBank, trader: Portal) -> None:
    reference = _sent(far_bank, trader)
    core_days.away(far_bank)
    text = trader.open(f"/receipts/{reference}").text
    assert "Paid KES 250.00" in text and "Next payment" not in text


def test_beginning_a_payment_while_the_core_is_away_stores_nothing(far_bank: FarBank, trader: Portal) -> None:
    who = far_bank.someone("trader")
    trader.open(f"/loans/{who.loans[0].id}/pay")
    core_days.away(far_bank)
    assert trader.submit("/pay", amount="250", source_id=str(who.savings[0].id)).code == "system.try_later"
    assert far_bank.instructions() == [] and far_bank.sql("select from command where state = 'open'") == []


def test_lines_of_the_core_without_a_receipt_of_ours_are_no_links(far_bank: FarBank, trader: Portal) -> None:
    who = far_bank.someone("trader")
    reference = trader.move(*who.savings, "30")
    page = trader.open(f"/accounts/{who.savings[0].id}")
    links = [link for link in page.links if link.startswith("/receipts/")]
    assert links == [f"/receipts/{reference}"]
    lines = [given for tag, given in page.tags if given.get("class") == "line"]
    assert len(lines) > len(links), "the cast's deposits are lines of the core's own"
    assert "Paid in" in page.text and "Moved between your accounts" in page.text
    assert "Latest" in trader.open("/").text
    loan = trader.open(f"/loans/{who.loans[0].id}")
    assert loan.status == 200 and not [link for link in loan.links if link.startswith("/receipts/")]


def test_a_blocked_account_says_so_and_is_not_offered(far_bank: FarBank, trader: Portal) -> None:
    first, second = far_bank.someone("trader").savings
    core_days.blocked(far_bank, first)
    assert "Blocked: nothing can leave it" in trader.open("/accounts").text
    account = trader.open(f"/accounts/{first.id}")
    assert "Blocked: nothing can leave it" in account.text
    assert not any("/move?" in link for link in account.links)
    assert first.number[-4:] not in trader.open(f"/loans/{far_bank.someone('trader').loans[0].id}/pay").text
    assert "Blocked" not in trader.open(f"/accounts/{second.id}").text


def test_in_swahili(far_bank: FarBank, trader: Portal) -> None:
    trader.open("/settings")
    trader.submit("/settings/language", language="sw")
    core_days.closed_for_money(far_bank)
    reference = _sent(far_bank, trader)
    text = trader.page.text
    assert "Pesa ziko njiani" in text and "Tutakutumia SMS mara zitakapofika." in text and reference in text
