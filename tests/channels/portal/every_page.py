"""Each page there is, as somebody comes to it: for promises that every page has to keep."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bank import Bank
from tests.journeys.drivers.page import WebPage
from tests.journeys.drivers.portal import Portal


def every_page(bank: Bank, language: str) -> Iterator[tuple[str, WebPage]]:
    """Names of routes with a page of each, in states that differ, in one language."""
    trader, newcomer = bank.someone("trader"), bank.someone("newcomer")
    loan, (first, second) = trader.loans[0].id, trader.savings
    portal = Portal(bank, HTTP_ACCEPT_LANGUAGE=language)
    yield "portal.login", portal.open("/login")
    yield "portal.login", portal.log_in_as("amina", "wrong-password")
    yield "portal.login", portal.log_in_as("", "")
    portal.log_in(trader)
    portal.open("/settings")
    yield "portal.language", portal.submit("/settings/language", language=language)
    yield "portal.home", portal.open("/")
    yield "portal.accounts", portal.open("/accounts")
    yield "portal.account", portal.open(f"/accounts/{first.id}")
    yield "portal.account", portal.open(f"/accounts/{first.id}?before=1")
    yield "portal.loan", portal.open(f"/loans/{loan}")
    yield "portal.repay", portal.open(f"/loans/{loan}/pay")
    yield "portal.repay", portal.submit("/pay", amount="abc")
    yield "portal.repay", portal.submit("/pay", amount="90000", source_id=str(first.id))
    yield "portal.check", portal.submit("/pay", amount="6000", source_id=str(first.id))
    yield "portal.check", portal.submit(portal.check_form().action, code="12")
    wrong = "000000" if portal.newest_code() != "000000" else "111111"
    yield "portal.check", portal.submit(portal.check_form().action, code=wrong)
    yield "portal.send_again", portal.submit("/code")
    portal.confirm()
    yield "portal.receipt", portal.page
    yield "portal.move", portal.open("/move")
    yield "portal.check", portal.submit("/move", amount="1", source_id=str(first.id), target_id=str(second.id))
    portal.confirm()
    yield "portal.receipt", portal.page
    yield "portal.settings", portal.open("/settings")
    yield "portal.sms", portal.submit("/settings/sms")
    yield "not_found", portal.open("/no-such-page")
    yield "not_found", portal.open("/loans/999999")
    yield "forged", portal.post("/move", {})
    portal.open("/")
    yield "portal.logout", portal.log_out()
    portal = Portal(bank, HTTP_ACCEPT_LANGUAGE=language)
    portal.log_in(newcomer)
    portal.open("/settings")
    portal.submit("/settings/language", language=language)
    yield "portal.home", portal.open("/")
    yield "portal.accounts", portal.open("/accounts")
    yield "portal.move", portal.open("/move")
    portal = Portal(bank, HTTP_ACCEPT_LANGUAGE=language)
    portal.log_in(bank.someone("farmer"))
    portal.open("/settings")
    portal.submit("/settings/language", language=language)
    yield "portal.home", portal.open("/")
    yield "portal.loan", portal.open(f"/loans/{bank.someone('farmer').loans[0].id}")
