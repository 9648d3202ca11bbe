"""The system's chromium, and the portal that it looks at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.bank import NOW, Bank, FarBank
from tests.browser.site import served

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("chromium is missing, and the portal can't be shown without it: apt-get install chromium")
    # Playwright's loop stands in this thread, and Django would refuse to ask the database beside it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            yield browser
            browser.close()
    finally:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
        if before is not None:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@dataclass(frozen=True)
class Site:
    """The first institution's portal, and the bank behind it."""

    browser: Browser
    bank: Bank
    port: int

    def address(self, path: str = "/") -> str:
        return f"http://{self.bank.institution.slug}.localhost:{self.port}{path}"

    def page(self, *, width: int = 360, height: int = 740, javascript: bool = True, language: str = "en") -> Page:
        """A new browser window without cookies."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=javascript, locale=language
        )
        context.set_default_timeout(10_000)
        return context.new_page()

    def logged_in(self, key: str, page: Page) -> Page:
        character = self.bank.someone(key).character
        page.goto(self.address("/login"))
        page.fill("#login_name", character.login)
        page.fill("#password", character.password)
        page.click("main button.main")
        page.wait_for_url(self.address("/"))
        return page


@pytest.fixture
def site(bank: Bank, chromium: Browser) -> Iterator[Site]:
    yield from _site_of(bank, chromium)


@pytest.fixture
def far_site(far_bank: FarBank, chromium: Browser) -> Iterator[Site]:
    """The same in front of a far core."""
    yield from _site_of(far_bank, chromium)


def _site_of(bank: Bank, chromium: Browser) -> Iterator[Site]:
    with served(NOW) as port:
        yield Site(chromium, bank, port)
        for context in chromium.contexts:
            context.close()
