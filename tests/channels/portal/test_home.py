"""What a person sees of its money: what matters today first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.bank import NOW, Bank
from tests.journeys.drivers.portal import Portal


def _home(bank: Bank, key: str, at: datetime = NOW) -> str:
    portal = Portal(bank, at=at)
    portal.log_in(bank.someone(key))
    return portal.page.text


def test_an_instalment_due_today_comes_first(bank: Bank) -> None:
    text = _home(bank, "trader")
    order = ["Good afternoon, Amina", "To pay today", "KES 4,538.86", "Nothing is late", "Pay now", "Savings All accounts",
             "KES 43,657.34", "Latest", "− KES 4,538.86", "Left to pay", "KES 27,233.15", "on plan"]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_what_is_late_is_said_once_with_the_way_out(bank: Bank) -> None:
    text = _home(bank, "farmer")
    assert text.count("Imechelewa") == 1
    assert "Imechelewa tangu Alhamisi 12 Novemba KES 1,669.90" in text
    assert "tutatafuta njia" in text
    assert "yanaenda kama yalivyopangwa" not in text


def test_nothing_due_shows_what_comes_next(bank: Bank) -> None:
    trader = bank.someone("trader")
    portal = Portal(bank)
    portal.log_in(trader)
    portal.repay(trader.loans[0], trader.savings[0], "4538.86")
    text = portal.open("/").text
    assert "Next payment by Thursday 24 December KES 4,538.86" in text
    assert "instalment 8 of 12" in text
    assert "Today 12:00 · Everyday savings" in text


def test_who_has_no_loan_and_one_account_is_told_what_there_is(bank: Bank) -> None:
    text = _home(bank, "newcomer")
    assert "You have no loan" in text
    assert "Paid in + KES 750.00 20 November" in text
    portal = Portal(bank)
    portal.log_in(bank.someone("newcomer"))
    assert "you need two savings accounts" in portal.open("/move").text
    assert "No loan. Ask at your branch" in portal.open("/accounts").text


def test_the_greeting_goes_by_the_institutions_clock(bank: Bank) -> None:
    def greeting(hour_utc: int) -> str:
        return _home(bank, "trader", datetime(2026, 11, 24, hour_utc, tzinfo=UTC)).split("Good ")[1].split(",")[0]

    assert [greeting(hour) for hour in (3, 8, 9, 13, 14, 22)] == [
        "morning", "morning", "afternoon", "afternoon", "evening", "evening",
    ]  # fmt: skip


def test_older_transactions_page_by_page_even_while_new_ones_come(bank: Bank) -> None:
    trader = bank.someone("trader")
    one, other = trader.savings
    portal = Portal(bank)
    portal.log_in(trader)
    for number in range(1, 26):
        portal.at = NOW + timedelta(minutes=number)
        portal.move(one, other, str(number))
    page = portal.open(f"/accounts/{other.id}")
    assert "+ KES 25.00" in page.text and "+ KES 6.00" in page.text and "+ KES 5.00" not in page.text
    older = next(link for link in page.links if link.startswith("?before="))
    portal.move(one, other, "99")
    page = portal.open(f"/accounts/{other.id}{older}")
    assert "+ KES 5.00" in page.text and "+ KES 1.00" in page.text and "+ KES 6,200.00" in page.text
    assert "+ KES 6.00" not in page.text
    assert not [link for link in page.links if link.startswith("?before=")]
    for odd in ("0", "-1", "abc", "9" * 30, "1;drop"):
        assert portal.open(f"/accounts/{other.id}?before={odd}").status == 200


def test_the_schedule_says_how_each_instalment_stands(bank: Bank) -> None:
    portal = Portal(bank)
    trader = bank.someone("trader")
    portal.log_in(trader)
    text = portal.open(f"/loans/{trader.loans[0].id}").text
    assert "6 24 Oct 2026 Paid 4,538.86" in text
    assert "7 24 Nov 2026 Today 4,538.86" in text
    assert "12 24 Apr 2027 Coming 4,538.85" in text
    assert "24.00 % a year" in text
    portal.repay(trader.loans[0], trader.savings[0], "1000")
    assert "7 24 Nov 2026 Today 4,538.86 KES 3,538.86 left" in portal.open(f"/loans/{trader.loans[0].id}").text
