"""The portal in a real browser: with and without JavaScript, by keyboard alone, read out, on small screens, by weight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import Site

HEAVIEST = 50 * 1000


def _repay(page: Page, amount: str) -> None:
    page.get_by_role("link", name="Pay now").click()
    page.get_by_label("Amount").fill(amount)
    page.get_by_role("button", name="Go on").click()


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_somebody_pays_an_instalment(site: Site, javascript: bool) -> None:
    who = site.bank.someone("trader")
    before = site.bank.movements()
    page = site.logged_in("trader", site.page(javascript=javascript))
    _repay(page, "4538.86")
    expect(page.get_by_role("heading", name="Check before you pay")).to_be_visible()
    page.get_by_role("button", name="Pay KES 4,538.86").click()
    expect(page.get_by_text("Next payment")).to_be_visible()
    assert page.url.startswith(site.address("/receipts/"))
    assert page.get_by_role("button", name="Print").is_visible() == javascript
    moved = site.bank.movements()[len(before) :]
    assert [(debit, minor) for debit, _, minor in moved] == [
        (who.savings[0].id, who.loans[0].installments[6].due.principal),
        (who.savings[0].id, who.loans[0].installments[6].due.interest),
    ]
    receipt = page.url
    page.go_back()
    page.reload()
    expect(page.locator(".ticket")).to_be_visible()
    assert page.url == receipt
    assert len(site.bank.movements()) == len(before) + 2


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_a_larger_one_takes_the_code_from_the_sms(site: Site, javascript: bool) -> None:
    from dirisha.access.keys import decrypt

    page = site.logged_in("trader", site.page(javascript=javascript))
    _repay(page, "6,000")
    page.get_by_label("Code from the SMS").fill("12")
    page.get_by_role("button", name="Pay KES 6,000.00").click()
    summary = page.locator("#alert")
    expect(summary).to_contain_text("The code has six digits")
    if javascript:
        expect(summary).to_be_focused()
    summary.get_by_role("link").click()
    expect(page.get_by_label("Code from the SMS")).to_be_focused()
    sealed = site.bank.sql("select sealed from outbox where event = 'code'")[0][0]
    page.keyboard.type(decrypt(bytes(sealed)).decode())
    page.keyboard.press("Enter")
    expect(page.locator(".ticket")).to_contain_text("KES 6,000.00")


def test_a_double_click_is_one_payment(site: Site) -> None:
    before = site.bank.movements()
    page = site.logged_in("trader", site.page())
    _repay(page, "100")
    page.get_by_role("button", name="Pay KES 100.00").dblclick()
    expect(page.locator(".ticket")).to_contain_text("KES 100.00")
    assert len(site.bank.movements()) == len(before) + 1


def test_from_login_to_receipt_by_keyboard_alone(site: Site) -> None:
    who = site.bank.someone("trader").character
    page = site.page()
    page.goto(site.address("/login"))

    def tab_to(is_there: Callable[[str], bool]) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            focused = page.evaluate("document.activeElement.innerText || document.activeElement.id || ''")
            ring = page.evaluate(
                "(e => { const s = getComputedStyle(e.closest('.choice') || e);"
                " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 3 })(document.activeElement)"
            )
            assert ring, f"no ring around {focused!r}"
            if is_there(focused):
                return
        raise AssertionError("not reached in forty steps")

    tab_to(lambda text: text == "Skip to the content")
    page.keyboard.press("Enter")
    tab_to(lambda text: text == "login_name")
    page.keyboard.type(who.login)
    tab_to(lambda text: text == "password")
    page.keyboard.type(who.password)
    page.keyboard.press("Enter")
    page.wait_for_url(site.address("/"))
    tab_to(lambda text: text == "Pay now")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pay")
    tab_to(lambda text: text == "amount")
    page.keyboard.press("Control+A")
    page.keyboard.type("1000")
    tab_to(lambda text: text == "Go on")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pay/*-*")
    tab_to(lambda text: text.replace("\u00a0", " ") == "Pay KES 1,000.00")
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipts/*")


def _every_view(site: Site, page: Page, language: str) -> list[str]:
    """Addresses of each kind of page for somebody logged in who speaks the language; some lead through a form."""
    trader = site.bank.someone("trader")
    loan, source = trader.loans[0].id, trader.savings[0].id
    site.logged_in("trader", page)
    page.goto(site.address("/settings"))
    page.check(f"input[value={language}]")
    page.click("main form[action='/settings/language'] button")
    addresses = ["/", "/accounts", f"/accounts/{source}", f"/loans/{loan}", f"/loans/{loan}/pay", "/move", "/settings"]
    for amount in ("6000", "10"):
        page.goto(site.address(f"/loans/{loan}/pay"))
        page.fill("#amount", amount)
        page.click("main button.main")
        addresses.append(page.url.removeprefix(site.address("")))
    page.click("main button.main")
    addresses += [page.url.removeprefix(site.address("")), "/no-such-page"]
    return addresses


def _wrong_inputs(site: Site, page: Page) -> list[Callable[[], None]]:
    trader = site.bank.someone("trader")

    def amount(text: str) -> None:
        page.goto(site.address(f"/loans/{trader.loans[0].id}/pay"))
        page.fill("#amount", text)
        page.click("main button.main")

    return [lambda: amount("abc"), lambda: amount("59000")]


@pytest.mark.parametrize("language", ["en", "sw"])
def test_nobody_is_kept_out(site: Site, language: str) -> None:
    """axe-core finds nothing on any page, phone and laptop."""
    axe, found = Axe(), {}

    def look(page: Page, name: str) -> None:
        result = axe.run(page)
        assert page.locator("html").get_attribute("lang") == language
        if result.violations_count:
            found[name] = result.generate_report()

    for width in (360, 1280):
        page = site.page(width=width, language=language)
        page.goto(site.address("/login"))
        look(page, f"login {width}")
        page.click("main button.main")
        look(page, f"login with errors {width}")
        for address in _every_view(site, page, language):
            page.goto(site.address(address))
            look(page, f"{address} {width}")
        for number, wrong in enumerate(_wrong_inputs(site, page)):
            wrong()
            look(page, f"wrong input {number} {width}")
    assert found == {}


@pytest.mark.parametrize("language", ["en", "sw"])
def test_small_screens_never_scroll_sideways(site: Site, language: str) -> None:
    too_wide = {}
    pages = {width: site.page(width=width, height=480, language=language) for width in (320, 240)}
    addresses = _every_view(site, pages[320], language)
    pages[240].context.add_cookies(pages[320].context.cookies())
    for width, page in pages.items():
        for address in addresses:
            page.goto(site.address(address))
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                too_wide[f"{address} at {width}"] = wide
    assert too_wide == {}


def test_what_is_touched_is_large_enough(site: Site) -> None:
    page = site.page()
    small = {}
    for address in _every_view(site, page, "en"):
        page.goto(site.address(address))
        for box in page.locator("main a.main, main a.other, main button, .menu a, .choice, .line, input.amount").all():
            if box.is_visible() and (bounds := box.bounding_box()) and bounds["height"] < 48:
                small[f"{address} {box.inner_text()[:30]}"] = bounds["height"]
    assert small == {}


def test_amounts_never_break(site: Site) -> None:
    page = site.page(width=240, height=480)
    broken = {}
    for address in _every_view(site, page, "en"):
        page.goto(site.address(address))
        for amount in page.locator(".money").all():
            if len(amount.evaluate("e => [...e.getClientRects()].map(r => r.top)")) > 1:
                broken[address] = amount.inner_text()
    assert broken == {}


@pytest.mark.parametrize("address", ["/login", "/", "/loans/1003"])
def test_a_page_is_light_even_for_a_browser_with_an_empty_memory(site: Site, address: str) -> None:
    """All that is fetched, headers included, without compression."""
    first = site.logged_in("trader", site.page())
    page = site.page()
    if address != "/login":
        page.context.add_cookies(first.context.cookies())
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto(site.address(address), wait_until="networkidle")
    asked = {response.url: response.status for response in responses}
    assert set(asked.values()) == {200}
    assert all(url.startswith(site.address("/")) for url in asked), asked
    assert len(asked) >= 4, asked  # the page, two style sheets and a script at least
    weight = sum(len(each.body()) + each.request.sizes()["responseHeadersSize"] for each in responses)
    assert weight <= HEAVIEST, (weight, asked)


def test_nothing_is_blocked_or_broken_on_the_way(site: Site) -> None:
    """The policy blocks nothing of our own, and no script fails."""
    page = site.page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in _every_view(site, page, "en"):
        if address != "/no-such-page":
            page.goto(site.address(address))
    assert said == []


def test_older_transactions_come_below_without_leaving_the_page(site: Site) -> None:
    from datetime import timedelta

    from tests.bank import NOW
    from tests.journeys.drivers.portal import Portal

    trader = site.bank.someone("trader")
    one, other = trader.savings
    portal = Portal(site.bank, at=NOW - timedelta(minutes=60))
    portal.log_in(trader)
    for number in range(1, 26):
        portal.at = NOW - timedelta(minutes=60 - number)
        portal.move(one, other, str(number))
    page = site.logged_in("trader", site.page())
    page.goto(site.address(f"/accounts/{other.id}"))
    expect(page.locator(".line")).to_have_count(20)
    page.get_by_role("link", name="Older").click()
    expect(page.locator(".line")).to_have_count(26)
    expect(page.locator(".line").nth(20)).to_be_focused()
    expect(page.get_by_role("link", name="Older")).to_have_count(0)
    plain = site.logged_in("trader", site.page(javascript=False))
    plain.goto(site.address(f"/accounts/{other.id}"))
    plain.get_by_role("link", name="Older").click()
    expect(plain.locator(".line")).to_have_count(6)


def test_print_prints_the_ticket_alone(site: Site) -> None:
    page = site.logged_in("trader", site.page())
    _repay(page, "10")
    page.click("main button.main")
    page.emulate_media(media="print")
    expect(page.locator(".reference")).to_be_visible()
    for hidden in (".top", ".menu", "main a.main", ".help"):
        expect(page.locator(hidden)).to_be_hidden()
