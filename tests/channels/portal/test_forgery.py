"""What other people's pages can make a browser send: nothing that counts."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.bank import Bank
from tests.journeys.drivers.portal import Portal


@pytest.mark.security("I-17")
def test_a_form_without_the_token_does_nothing(trader: Portal, bank: Bank) -> None:
    who = bank.someone("trader")
    trader.open("/move")
    trader.submit("/move", amount="10", source_id=str(who.savings[0].id), target_id=str(who.savings[1].id))
    check = trader.page.address
    before, events = bank.movements(), len(bank.audit())
    forged = {
        "/login": {"login_name": "amina", "password": who.character.password},
        "/logout": {},
        f"/loans/{who.loans[0].id}/pay": {"amount": "10", "source_id": str(who.savings[0].id)},
        "/move": {"amount": "10", "source_id": str(who.savings[0].id), "target_id": str(who.savings[1].id)},
        check: {},
        f"{check}/code": {},
        "/settings/language": {"language": "sw"},
        "/settings/sms": {"link_id": "1", "on": "yes"},
    }
    for address, fields in forged.items():
        for token in ({}, {"csrfmiddlewaretoken": "a" * 64}):
            trader.post(address, fields | token)
            assert (trader.page.status, trader.page.code) == (403, "request.forged"), address
            assert "Nothing was done" in trader.page.text
    assert (bank.movements(), len(bank.audit())) == (before, events)
    assert trader.open("/").address == "/"
    assert trader.page.language == "en"


@pytest.mark.security("I-17")
def test_every_address_that_takes_a_post_is_guarded(house: object) -> None:
    """None of the portal's views is exempt, whatever is added later."""
    from dirisha.channels.portal.urls import urlpatterns

    assert [each.name for each in urlpatterns if getattr(each.callback, "csrf_exempt", False)] == []


@pytest.mark.security("I-17")
def test_cookies_are_for_this_site_and_no_script(trader: Portal) -> None:
    for name, same_site in (("session", "Lax"), ("csrf", "Strict")):
        cookie = trader.client.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == same_site
        assert cookie["path"] == "/"
        assert not cookie["domain"]


@pytest.mark.security("I-17")
@pytest.mark.security("P-01")
def test_with_tls_cookies_are_host_bound_and_browsers_are_told_to_stay(house: object) -> None:
    wanted = ("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE",
              "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS")  # fmt: skip
    program = f"from dirisha.server import settings\nfor name in {wanted!r}: print(getattr(settings, name))"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"DIRISHA_TLS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert answer.stdout.split() == ["__Host-session", "True", "__Host-csrf", "True", str(365 * 24 * 3600), "True"]
