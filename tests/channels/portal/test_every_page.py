"""What every page promises, in both languages."""

from __future__ import annotations

import pytest

from tests.bank import Bank
from tests.channels.portal.every_page import every_page
from tests.journeys.drivers.page import WebPage
from tests.journeys.drivers.portal import Portal

POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "font-src": "'self'",
    "connect-src": "'self'", "manifest-src": "'self'", "form-action": "'self'", "base-uri": "'none'",
    "frame-ancestors": "'none'",
}  # fmt: skip


def _keeps_its_promises(page: WebPage, language: str) -> None:
    where = f"{page.address} ({page.status})"
    headers = page.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy == POLICY, where
    assert headers["X-Content-Type-Options"] == "nosniff", where
    assert headers["X-Frame-Options"] == "DENY", where
    assert headers["Referrer-Policy"] == "same-origin", where
    assert "no-store" in headers["Cache-Control"], where
    assert page.language == headers["Content-Language"] == language, where
    assert page.title.endswith(" · Tumaini Savings"), where
    _has_nothing_inline(page, where)
    _can_be_used_by_keyboard_and_ear(page, where)


def _has_nothing_inline(page: WebPage, where: str) -> None:
    for tag, given in page.tags:
        assert "style" not in given and tag != "style", where
        assert not [name for name in given if name.startswith("on")], where
        assert tag != "script" or given["src"].startswith("/static/"), where


def _can_be_used_by_keyboard_and_ear(page: WebPage, where: str) -> None:
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids)), where
    assert "#content" in page.links and "content" in ids, where
    targets = [link[1:] for link in page.links if link.startswith("#")]
    assert set(targets) <= set(ids), where
    assert len([tag for tag, _ in page.tags if tag == "h1"]) == 1, where
    described = [name for _, given in page.tags for name in given.get("aria-describedby", "").split()]
    assert set(described) <= set(ids), where
    assert {form.method for form in page.forms} <= {"post"}, where


@pytest.mark.security("P-01")
@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_page_keeps_its_promises(bank: Bank, language: str) -> None:
    from dirisha.channels.portal.urls import urlpatterns

    seen = set()
    for name, page in every_page(bank, language):
        _keeps_its_promises(page, language)
        assert "+254 20 123 4567" in page.text
        seen.add(name)
    files = {"portal.colours", "portal.mark"}
    assert {each.name for each in urlpatterns} - files <= seen


@pytest.mark.parametrize("here", ["home", "accounts", "move", "settings"])
def test_the_menu_says_where_one_is(trader: Portal, here: str) -> None:
    trader.open("/" if here == "home" else f"/{here}")
    current = [given["href"] for tag, given in trader.page.tags if tag == "a" and given.get("aria-current") == "page"]
    assert current == ["/" if here == "home" else f"/{here}"]


def test_every_route_says_which_acts_and_questions_stand_behind_it(house: object) -> None:
    from dirisha.channels.portal.urls import urlpatterns
    from dirisha.engine.act import ACTS
    from dirisha.queries.ask import QUESTIONS

    behind = {name for each in urlpatterns for name in each.callback.performs}
    assert behind <= set(ACTS) | set(QUESTIONS)
    assert behind >= {"loans.repay", "transfers.own", "access.login", "access.send_code"}
