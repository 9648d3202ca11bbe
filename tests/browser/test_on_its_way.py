"""Money on its way in a real browser: the page becomes the receipt by itself, and is read out; or by loading it again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect

from tests.bank import FarBank
from tests.browser.conftest import Site
from tests.channels import core_days

HEAVIEST = 50 * 1000
# By itself within the first few looks: they come after 1.5, 2, 3 and 4.5 s.
BY_ITSELF_MS = 15_000


def _on_its_way(site: Site, page: Page, amount: str = "250") -> Page:
    """The trader's payment, sent to a core that takes nothing now."""
    core_days.closed_for_money(_bank(site))
    loan = site.bank.someone("trader").loans[0].id
    page.goto(site.address(f"/loans/{loan}/pay"))
    page.fill("#amount", amount)
    page.click("main button.main")
    page.click("main button.main")
    page.wait_for_url("**/receipts/*")
    return page


def _bank(site: Site) -> FarBank:
    assert isinstance(site.bank, FarBank)
    return site.bank


def _spent(site: Site) -> None:
    core_days.has_spent_all(_bank(site), site.bank.someone("trader").savings[0])


def test_it_turns_into_the_receipt_by_itself_and_is_read_out(far_site: Site) -> None:
    page = _on_its_way(far_site, far_site.logged_in("trader", far_site.page()))
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    expect(page.locator(".stamp")).to_have_text("On its way")
    address = page.url
    told = page.get_by_role("status")
    expect(told).to_be_empty()
    core_days.well_again(_bank(far_site))
    expect(page.locator(".stamp")).to_have_text("Paid", timeout=BY_ITSELF_MS)
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt")
    expect(told).to_contain_text("Paid")
    expect(told).to_contain_text("KES 250.00".replace(" ", "\u00a0"))
    assert page.title().startswith("Receipt ") and page.url == address
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    assert said == []


def test_it_stops_asking_when_there_is_nothing_more_to_learn(far_site: Site) -> None:
    page = _on_its_way(far_site, far_site.logged_in("trader", far_site.page()))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response("**?still") as first:
        pass
    assert first.value.status == 204
    core_days.well_again(_bank(far_site))
    expect(page.locator(".stamp")).to_have_text("Paid", timeout=BY_ITSELF_MS)
    count = len(asked)
    # Looked at again, which asks at once while there is something to ask for.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.goto(far_site.address("/"))
    assert [url for url in asked[count:] if url.endswith("?still")] == []


def test_a_late_refusal_comes_by_itself_as_an_alert(far_site: Site) -> None:
    page = _on_its_way(far_site, far_site.logged_in("trader", far_site.page()))
    _spent(far_site)
    core_days.well_again(_bank(far_site))
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("There is not enough money", timeout=BY_ITSELF_MS)
    expect(alert).to_contain_text("No money has moved.")
    expect(page.get_by_role("status")).to_contain_text("It was not done")
    page.get_by_role("link", name="Start again").click()
    expect(page.get_by_label("Amount")).to_have_value("250.00")


def test_without_a_script_it_turns_when_it_is_loaded_again(far_site: Site) -> None:
    page = _on_its_way(far_site, far_site.logged_in("trader", far_site.page(javascript=False)))
    core_days.well_again(_bank(far_site))
    expect(page.locator(".stamp")).to_have_text("On its way")
    page.get_by_role("link", name="Look again").click()
    expect(page.locator(".stamp")).to_have_text("Paid")


def test_who_was_logged_out_meanwhile_is_led_to_the_login_and_back(far_site: Site) -> None:
    page = _on_its_way(far_site, far_site.logged_in("trader", far_site.page()))
    receipt = page.url
    page.context.clear_cookies()
    page.wait_for_url("**/login?next=*", timeout=BY_ITSELF_MS)
    character = far_site.bank.someone("trader").character
    page.fill("#login_name", character.login)
    page.fill("#password", character.password)
    page.click("main button.main")
    page.wait_for_url(receipt)


@pytest.mark.parametrize("language", ["en", "sw"])
def test_nobody_is_kept_out_and_nothing_is_too_wide(far_site: Site, language: str) -> None:
    """axe-core finds nothing on the pages of money on its way, moved and not moved, and they fit on 240 px."""
    axe, found, wide = Axe(), {}, {}
    page = far_site.logged_in("trader", far_site.page(language=language))
    page.goto(far_site.address("/settings"))
    page.check(f"input[value={language}]")
    page.click("main form[action='/settings/language'] button")

    def look(name: str) -> None:
        for width, height in ((1280, 800), (240, 480), (360, 740)):
            page.set_viewport_size({"width": width, "height": height})
            result = axe.run(page)
            if result.violations_count:
                found[f"{name} {width}"] = result.generate_report()
            if (measured := page.evaluate("document.documentElement.scrollWidth")) > width:
                wide[f"{name} {width}"] = measured
        assert page.locator("html").get_attribute("lang") == language
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{language}.png", full_page=True)

    _on_its_way(far_site, page, "250")
    look("on-its-way")
    receipt = page.url
    page.goto(far_site.address("/"))
    look("home")
    core_days.well_again(_bank(far_site))
    page.goto(receipt)
    look("receipt")
    _on_its_way(far_site, page, "260")
    receipt = page.url
    _spent(far_site)
    core_days.well_again(_bank(far_site))
    page.goto(receipt)
    look("not-made")
    core_days.blocked(_bank(far_site), far_site.bank.someone("trader").savings[0])
    page.goto(far_site.address("/accounts"))
    look("blocked")
    assert found == {} and wide == {}


def test_the_page_is_light_and_asking_is_lighter(far_site: Site) -> None:
    """All that is fetched, headers included, without compression."""
    first = _on_its_way(far_site, far_site.logged_in("trader", far_site.page()))
    page = far_site.page()
    page.context.add_cookies(first.context.cookies())
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    with page.expect_response("**?still") as still:
        page.goto(first.url)
    sizes = [each.request.sizes() for each in responses]
    whole = sum(each["responseBodySize"] + each["responseHeadersSize"] for each in sizes)
    assert whole <= HEAVIEST, whole
    assert still.value.request.sizes()["responseHeadersSize"] < 1_500
