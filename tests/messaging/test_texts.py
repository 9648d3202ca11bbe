"""Each notice is one SMS with the longest values that may stand in it, in each language; no links, always a number."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any, get_type_hints

import pytest

from dirisha.channels.sms.sender import WORDS as ANSWERS
from dirisha.kit.gsm7 import is_gsm7, sms_parts
from dirisha.kit.money import Money
from dirisha.messaging.events import EVENTS, Event
from dirisha.messaging.wording import NOT_MADE, WORDS, say_sms, text_of
from dirisha.tenants.institution import Carrier, Institution

LANGUAGES = ("en", "sw")
INSTITUTION = Institution(
    slug="long", name="The Longest Named Savings and Credit Cooperative of All", country="KE", currency_code="KES",
    currency_name="Kenyan Shilling", currency_symbol="KSh", time_zone="Africa/Nairobi", languages=LANGUAGES,
    help_number="+254 20 123 4567", core="none",
    carrier=Carrier(driver="", username="", api_key="", api_url="", sender="", service_code="*384*1234#", hooks=()),
)  # fmt: skip
LONGEST_MONEY = INSTITUTION.money(Decimal("999999999.99"))
# The 28th of September at its longest in both languages.
LONGEST_DAY, LATEST = date(2028, 9, 28), datetime(2028, 9, 28, 20, 59, tzinfo=UTC)
MASKED, REFERENCE = "...0042", "WWWW-WWWW-WW"
LONG_NAME = "Business Development And Growth Loan ...0042"

TEXTS = {
    "loan": (MASKED,), "account": (MASKED,), "source": (MASKED,), "target": (MASKED,), "reference": (REFERENCE,),
    "payee": (LONG_NAME,), "login": ("m" * 60,), "dial": ("*384*1234#",), "secret": ("pin", "password"),
    "channel": ("portal", "sms", "ussd", "mifos"), "code": ("888888",), "why": (*NOT_MADE, "a.reason_to_come"),
}  # fmt: skip


def longest(event: type[Event]) -> list[dict[str, Any]]:
    """Each combination of what picks a text, with the longest value of everything else."""
    hints = get_type_hints(event)
    names = [field.name for field in dataclasses.fields(event) if field.name not in ("user", "client")]
    return [dict(zip(names, values, strict=True)) for values in product(*(_values(n, hints[n]) for n in names))]


def _values(name: str, kind: Any) -> tuple[Any, ...]:
    if name == "fee":
        return (Money(0, INSTITUTION.currency), INSTITUTION.money(Decimal("9999.99")))
    by_kind: dict[Any, tuple[Any, ...]] = {
        Money: (LONGEST_MONEY,), bool: (True, False), datetime: (LATEST,), date: (LONGEST_DAY,),
    }  # fmt: skip
    return by_kind[kind] if kind in by_kind else TEXTS[name]


def texts_of(event: type[Event], language: str) -> list[str]:
    return [
        text_of(event.name, given, institution=INSTITUTION, language=language, code=given.pop("code", None))
        for given in longest(event)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_every_notice_is_one_sms_in_every_language(event: type[Event], language: str) -> None:
    for text in texts_of(event, language):
        assert is_gsm7(text) and sms_parts(text) == 1, (len(text), text)
        assert "{" not in text


@pytest.mark.security("U-11")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_no_notice_has_a_link_and_each_says_whom_to_call(event: type[Event], language: str) -> None:
    for text in texts_of(event, language):
        assert not re.search(r"https?:|www\.|[a-z]\.(com|org|net|ke|co|io)\b", text), text
        assert INSTITUTION.help_number in text


def test_every_text_belongs_to_an_event_and_is_written_in_every_language() -> None:
    said = {text for event in EVENTS for language in LANGUAGES for text in texts_of(event, language)}
    for language, key in product(LANGUAGES, WORDS.keys("en")):
        start = WORDS.template(language, key).split("{")
        piece = max(start, key=lambda part: len(part.split("}")[-1])).split("}")[-1]
        assert any(piece in text for text in said), f"{language}: nothing says {key}"
    assert WORDS.keys("sw") == WORDS.keys("en")
    for key in WORDS.keys("en"):
        assert WORDS.variables("sw", key) == WORDS.variables("en", key), key


# What stands in an answer of the SMS door, at its longest.
ANSWER_VALUES: dict[str, Any] = {
    **dict.fromkeys(
        ("amount", "available", "outstanding", "limit", "cap", "from_amount", "due", "next", "balance"), LONGEST_MONEY
    ),
    "account": MASKED, "target": MASKED, "reference": REFERENCE, "until": LATEST, "since": LONGEST_DAY, "on": LONGEST_DAY,
    "plain": LONGEST_MONEY.plain(), "currency": "KES", "more": 99, "count": 9,
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ANSWERS.keys())
def test_every_answer_of_the_sms_door_is_one_sms_in_every_language(key: str, language: str) -> None:
    values = ANSWER_VALUES | {
        "loan": LONG_NAME if key.startswith("loan.") else MASKED,
        "left": 4 if key == "refusal.access.wrong_code" else LONGEST_MONEY,
    }
    text = say_sms(ANSWERS, key, values, institution=INSTITUTION, language=language)
    if key in ("loan.late", "loan.due", "loan.next"):
        text += say_sms(ANSWERS, "loan.more", values, institution=INSTITUTION, language=language)
    assert is_gsm7(text) and sms_parts(text) == 1, (len(text), text)
    assert ANSWERS.variables(language, key) == ANSWERS.variables("en", key)
    assert key in ANSWERS.keys(language)


def test_a_name_in_letters_that_no_sms_has_costs_no_second_message() -> None:
    given = {"channel": "sms", "amount": LONGEST_MONEY, "fee": Money(0, INSTITUTION.currency), "source": MASKED}
    for payee in ("Crédit à la Façon ŁÓDŹ ...0042", "漢字" * 20, "{[~]}" * 8, "O\u2019Brien \u2013 “x” ...0042"):
        text = text_of("code", given | {"payee": payee}, institution=INSTITUTION, language="en", code="888888")
        assert is_gsm7(text) and sms_parts(text) == 1, text
