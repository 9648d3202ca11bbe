"""`/demo/phone`: a handset in the browser that speaks the gateway's wire to our hooks; by script, by keys, by forms alone."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.bank import NOW, Bank
from tests.browser.conftest import Site, chromium, site

__all__ = ["chromium", "site"]


@pytest.fixture
def phones(site: Site) -> Iterator[Site]:
    """The institution's gateway is the simulated one on this very server, and no phone has a message yet."""
    from dirisha.simulators.africastalking.demo import inbox_of

    site.bank.change(
        **{
            "http://127.0.0.1:9/version1": f"http://127.0.0.1:{site.port}/demo/africastalking/version1",
            "demo = true": 'demo = true\nhosts = ["127.0.0.1"]',
        }
    )
    inbox_of(site.bank.institution).path.unlink(missing_ok=True)
    return site


def _screen(page: Page) -> str:
    return page.locator("#handset .text").inner_text()


def _type(page: Page, text: str, then: str) -> None:
    page.get_by_label("Answer").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("#handset .text")).to_contain_text(then)


def _to_the_menu(page: Page, pin: str) -> None:
    page.keyboard.press("Enter")  # the code stands there to be dialled
    expect(page.locator("#handset .text")).to_contain_text("1 English")
    _type(page, "1", "Type your PIN")
    _type(page, pin, "1 Balances")


def _messages_go_out(phones: Site) -> None:
    """What the worker does: by the institution's file as it stands now."""
    from dirisha.messaging.relay import relay
    from dirisha.tenants.current import use

    with use(phones.bank.house.institution("tumaini")):
        relay(NOW)


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_somebody_repays_and_the_notice_arrives(phones: Site, javascript: bool) -> None:
    before = phones.bank.movements()
    page = phones.page(javascript=javascript)
    page.goto(phones.address("/demo/phone"))
    _to_the_menu(page, "2468")
    _type(page, "3", "Pay from?")
    _type(page, "1", "Type an amount")
    _type(page, "1200", "Type your PIN to confirm")
    assert "2468" not in unquote(page.content()).replace('<b class="number">2468</b>', "")
    _type(page, "2468", "Paid KES 1,200.00")
    assert sum(minor for _, _, minor in phones.bank.movements()[len(before) :]) == 120000
    _messages_go_out(phones)
    if not javascript:
        page.reload()
    expect(page.locator("#messages")).to_contain_text("KES 1,200.00 paid to loan")
    # The other end of the same wire: what the page showed was a session at the hook.
    assert phones.bank.sql("select msisdn, turn, answer_ends from ussd_session") == [("+254700000118", 7, True)]


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_keys_type_clear_and_hang_up(phones: Site, javascript: bool) -> None:
    page = phones.page(javascript=javascript)
    page.goto(phones.address("/demo/phone?who=farmer"))
    number = page.locator("#typed")
    for _ in range(5):
        page.get_by_role("button", name="Clear").click()
    expect(number).to_have_value("")
    for sign in "*384#":
        page.locator(f"[name=key][value='{sign}']").click()
    expect(number).to_have_value("*384#")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.locator("#handset .text")).to_contain_text("2 Kiswahili")
    page.locator("[name=key][value='2']").click()
    page.get_by_role("button", name="Send", exact=True).first.click()
    expect(page.locator("#handset .text")).to_contain_text("Andika PIN yako")
    page.get_by_role("button", name="End call").click()
    expect(page.locator("#handset .text")).to_have_text("Tumaini Savings")
    expect(number).to_have_value("*384#")


def test_codes_that_are_dialled_whole_and_those_of_nobody(phones: Site) -> None:
    page = phones.page()
    page.goto(phones.address("/demo/phone"))
    page.locator("#typed").fill("*100#")
    page.keyboard.press("Enter")
    expect(page.locator("#handset .text")).to_have_text("This code is not in service. Dial *384#")
    page.locator("#typed").fill("*384*1#")
    page.keyboard.press("Enter")
    expect(page.locator("#handset .text")).to_contain_text("1 English")
    _type(page, "1", "Type your PIN")
    _type(page, "2468", "Everyday savings")


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_an_sms_to_the_short_code_is_answered(phones: Site, javascript: bool) -> None:
    page = phones.page(javascript=javascript)
    page.goto(phones.address("/demo/phone"))
    page.get_by_role("button", name="HELP").click()
    expect(page.locator("#said")).to_have_text("Sent to 384: HELP")
    page.get_by_label("Write to 384").fill("LOAN")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Sent to 384: LOAN")
    _messages_go_out(phones)
    if not javascript:
        page.reload()
    expect(page.locator("#messages li")).to_have_count(2)


def test_each_institution_has_its_own_people_and_phones(phones: Site) -> None:
    page = phones.page()
    page.goto(phones.address("/demo/phone"))
    expect(page.locator(".who-is")).to_contain_text("Amina Wanjiru")
    page.goto(phones.address("/demo/phone").replace("tumaini", "jirani"))
    expect(page.locator(".who-is")).to_contain_text("Mercy Chebet")
    expect(page.locator(".who-is")).to_contain_text("+254700000118")
    page.get_by_role("link", name="Kiprono").click()
    expect(page.locator(".who-is")).to_contain_text("Kiprono Ruto")


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_it_is_read_out_and_fits(phones: Site, width: int) -> None:
    page = phones.page(width=width)
    page.goto(phones.address("/demo/phone"))
    _to_the_menu(page, "2468")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    handset = page.locator("#handset").bounding_box()
    assert handset is not None
    assert handset["x"] >= 0 and handset["x"] + handset["width"] <= width
    text = page.locator("#handset .text")
    inner, outer = text.evaluate("each => [each.scrollHeight, each.clientHeight]")
    assert inner <= outer, "the menu does not fit the small screen"


def test_a_network_that_is_away_is_said_so(bank: Bank) -> None:
    from django.test import Client

    page = Client().post(
        "/demo/phone", {"who": "trader", "line": "", "typed": "*384#", "key": "call"}, HTTP_HOST="tumaini.localhost"
    )
    assert page.status_code == 200
    assert "No network. Nothing was sent." in page.content.decode()
    assert "Content-Security-Policy" in page.headers


def test_wrong_requests_do_nothing(bank: Bank) -> None:
    from django.test import Client

    client = Client(HTTP_HOST="tumaini.localhost")
    assert client.get("/demo/phone?who=staff").status_code == 404
    assert client.post("/demo/phone", {"key": "x"}).status_code == 404
    assert client.get("/demo/phone/sms").status_code == 405
    assert client.post("/demo/phone", {"line": "forged", "key": "clear", "typed": "12"}).status_code == 200
    forger = Client(HTTP_HOST="tumaini.localhost", enforce_csrf_checks=True)
    assert forger.post("/demo/phone", {"typed": "*384#"}).status_code == 403


def test_a_line_sealed_at_one_institution_is_none_at_another(bank: Bank) -> None:
    from dirisha.demo.handset.line import IDLE, Line
    from dirisha.tenants.current import use

    line = Line("ATUid_1", ("1", "2468"), "Tumaini Savings", is_open=True)
    sealed = line.sealed()
    assert "2468" not in sealed
    assert Line.unsealed(sealed) == line
    with use(bank.house.institution("jirani")):
        assert Line.unsealed(sealed) == IDLE


def test_outside_of_the_demo_there_is_no_such_page(bank: Bank) -> None:
    from django.test import override_settings
    from django.urls import clear_url_caches

    from dirisha.server import urls

    def names() -> set[str]:
        flat = re.findall(r"demo\.[a-z.]+", " ".join(str(each.url_patterns) for each in urls.urlpatterns))  # type: ignore[union-attr]
        return set(flat)

    assert "demo.handset" in names()
    try:
        with override_settings(DIRISHA_DEMO=False):
            importlib.reload(urls)
            assert names() == set()
    finally:
        importlib.reload(urls)
        clear_url_caches()
