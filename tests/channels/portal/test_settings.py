from __future__ import annotations

from tests.bank import Bank
from tests.journeys.drivers.portal import Portal


def test_the_language_changes_for_good(trader: Portal, bank: Bank) -> None:
    trader.open("/settings")
    trader.submit("/settings/language", language="sw")
    assert trader.page.language == "sw"
    assert "Lugha imebadilishwa" in trader.page.text
    again = Portal(bank)
    again.log_in(bank.someone("trader"))
    assert "Habari za mchana, Amina" in again.page.text


def test_a_language_that_is_not_spoken_is_refused(trader: Portal, bank: Bank) -> None:
    for language in ("fr", "", "../en", "e\0n"):
        trader.open("/settings")
        trader.submit("/settings/language", language=language)
        assert (trader.page.status, trader.page.code) == (422, "input.bad")
    assert bank.sql("select language from app_user where login_name = 'amina'") == [("en",)]


def test_sms_banking_goes_on_and_off(trader: Portal, bank: Bank) -> None:
    state = "select sms_on from phone_link where msisdn = '+254700000118'"
    trader.open("/settings")
    trader.submit("/settings/sms")
    assert "SMS banking is on" in trader.page.text
    assert bank.sql(state) == [(True,)]
    trader.submit("/settings/sms")
    assert "SMS banking is off" in trader.page.text
    assert bank.sql(state) == [(False,)]


def test_one_person_a_phone_has_sms_banking(bank: Bank) -> None:
    first, second = Portal(bank), Portal(bank)
    first.log_in(bank.someone("shared_a"))
    first.open("/settings")
    first.submit("/settings/sms")
    second.log_in(bank.someone("shared_b"))
    second.open("/settings")
    second.submit("/settings/sms")
    assert (second.page.status, second.page.code) == (422, "access.sms_taken")
    assert "Another person of this phone" in second.page.text


def test_anothers_phone_is_nowhere(trader: Portal, bank: Bank) -> None:
    other = bank.sql("select id from phone_link where msisdn = '+254700000222'")[0][0]
    for link in (str(other), "999999"):
        trader.open("/settings")
        assert trader.submit("/settings/sms", link_id=link).code == "object.not_found"
    for link, on in (("abc", "yes"), ("", "yes"), ("1", "maybe"), ("9" * 30, "no")):
        trader.open("/settings")
        assert trader.submit("/settings/sms", link_id=link, on=on).code == "input.bad"
    assert bank.sql("select count(*) from phone_link where sms_on") == [(0,)]


def test_a_visitor_reads_in_the_language_that_the_browser_or_the_link_asks_for(bank: Bank) -> None:
    assert Portal(bank).open("/login").language == "en"
    assert Portal(bank, HTTP_ACCEPT_LANGUAGE="sw-KE,sw;q=0.9").open("/login").language == "sw"
    assert Portal(bank, HTTP_ACCEPT_LANGUAGE="fr").open("/login").language == "en"
    assert Portal(bank).open("/login?lang=sw").language == "sw"
    assert Portal(bank).open("/login?lang=fr").language == "en"
