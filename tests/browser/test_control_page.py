"""The control page of the stand-in core in a real browser: without JavaScript, read out, and on small screens."""

from __future__ import annotations

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.bank import NOW, Bank


def test_the_core_is_broken_and_healed_by_hand(bank: Bank, chromium: Browser) -> None:
    from dirisha.simulators.fineract.server import standing_in

    with standing_in(bank.institution, clock=lambda: NOW) as server:
        page = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False).new_page()
        page.goto(server.control_url)
        expect(page.get_by_text("All is well")).to_be_visible()
        page.get_by_role("button", name="Shut").click()
        expect(page.get_by_text("Broken on purpose")).to_be_visible()
        assert httpx.get(f"{server.url}/api/v1/offices").status_code == 503
        page.get_by_role("button", name="Heal").click()
        expect(page.get_by_text("All is well")).to_be_visible()
        page.get_by_role("button", name="Let transfers wait for a checker").click()
        expect(page.get_by_role("button", name="Let transfers through")).to_be_visible()
        page.get_by_label("Number of an account, a loan or a client").fill(str(bank.someone("trader").savings[0].id))
        page.get_by_role("button", name="Block account").click()
        expect(page.get_by_text("blocked", exact=False).first).to_be_visible()
        page.context.close()


def test_it_fits_small_screens_and_can_be_read_out(bank: Bank, chromium: Browser) -> None:
    from dirisha.simulators.fineract.server import standing_in

    with standing_in(bank.institution, clock=lambda: NOW) as server:
        page = chromium.new_context().new_page()
        for width in (240, 360, 1100):
            page.set_viewport_size({"width": width, "height": 740})
            page.goto(server.control_url)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.get_by_text("By the hundred").click()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.context.close()
