"""The portal's words: complete in every language, and there for everything that can be refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.bank import Bank


def test_every_language_says_everything_with_the_same_variables(house: object) -> None:
    from dirisha.channels.portal.speech import NAMES, WORDS

    assert set(WORDS.languages) == set(NAMES)
    for language in WORDS.languages:
        assert set(WORDS.keys(language)) == set(WORDS.keys("en")), language
        for key in WORDS.keys("en"):
            assert WORDS.variables(language, key) == WORDS.variables("en", key), (language, key)


def test_every_key_in_the_pages_is_a_text_and_every_text_is_said(house: object) -> None:
    from dirisha.channels import portal
    from dirisha.channels.portal.speech import WORDS

    room = Path(portal.__file__).parent
    sources = {path: path.read_text() for path in [*room.rglob("*.html"), *room.rglob("*.py")]}
    said = {key for text in sources.values() for key in re.findall(r'say[ (]"([a-z_0-9.]+)"', text)}
    assert said - set(WORDS.keys()) == set()
    made = ("refusal.", "input.", "error.", "kind.", "home.good_", "money.", "day.")  # put together where they are said
    assert {key for key in WORDS.keys("en") if key not in said and not key.startswith(made)} == set()


def test_every_refusal_of_every_act_of_this_door_has_its_words(house: object) -> None:
    from dirisha.channels.portal.refusals import key_of
    from dirisha.channels.portal.speech import WORDS
    from dirisha.channels.portal.urls import urlpatterns
    from dirisha.engine.act import ACTS
    from dirisha.engine.refusals import TryLater, common_to

    acts = [ACTS[name] for each in urlpatterns for name in each.callback.performs if name in ACTS]
    assert len({act.name for act in acts}) == 7
    refusals = {refusal for act in acts for refusal in (*common_to(act), *act.refusals)}
    keys = {key_of(refusal()) for refusal in refusals} | {key_of(TryLater(known=False))}
    for key in sorted(keys):
        for part in ("said", "next"):
            for language in WORDS.languages:
                assert f"{key}.{part}" in WORDS.keys(language), (language, key, part)
    for name in (
        "error.not_found",
        "error.forged",
        "error.too_large",
        "error.bad_request",
        "error.fault",
        "error.away",
    ):
        assert WORDS.has(f"{name}.title") and WORDS.has(f"{name}.said") and WORDS.has(f"{name}.next")


def test_every_kind_of_journal_has_a_name(house: object) -> None:
    from dirisha.channels.portal.speech import WORDS
    from dirisha.engine.act import ACTS, MoneyAct

    assert [act.name for act in ACTS.values() if isinstance(act, MoneyAct) and not WORDS.has(f"kind.{act.name}")] == []


@pytest.mark.parametrize(
    ("language", "day", "moment", "money", "out"),
    [
        ("en", "Saturday 28 November", "Tuesday 24 November 2026, 12:00", "KES 1,234,567.80", "− KES 12.00"),
        ("sw", "Jumamosi 28 Novemba", "Jumanne 24 Novemba 2026, 12:00", "KES 1,234,567.80", "− KES 12.00"),
    ],
)
def test_amounts_and_dates_as_people_say_them(
    bank: Bank, language: str, day: str, moment: str, money: str, out: str
) -> None:
    from dirisha.channels.portal.speech import Speech

    at = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    speech = Speech(language, bank.institution, at)
    assert speech.day(date(2026, 11, 28)) == day
    assert speech.day(date(2027, 1, 4)).endswith(" 2027")
    assert speech.moment(at) == moment
    assert speech.money(bank.money("1234567.80")) == money.replace(" ", "\u00a0")
    assert speech.signed(bank.money("-12")) == out.replace(" ", "\u00a0")
    assert speech.signed(bank.money("12")) == out.replace("−", "+").replace(" ", "\u00a0")


def test_the_day_changes_with_the_institutions_midnight(bank: Bank) -> None:
    from dirisha.channels.portal.speech import Speech

    speech = Speech("en", bank.institution, datetime(2026, 11, 24, 21, 30, tzinfo=UTC))  # 00:30 of the 25th in Nairobi
    assert speech.when(datetime(2026, 11, 24, 21, 10, tzinfo=UTC)) == "Today 00:10"
    assert speech.when(datetime(2026, 11, 24, 20, 59, tzinfo=UTC)) == "Yesterday 23:59"
    # A far core tells the day of a booking and no time: its first instant, in Nairobi, stands for it.
    assert speech.when(datetime(2026, 11, 24, 21, 0, tzinfo=UTC)) == "Today"
    assert speech.when(datetime(2026, 11, 23, 21, 0, tzinfo=UTC)) == "Yesterday"
    assert speech.when(datetime(2026, 11, 20, 9, 0, tzinfo=UTC)) == "20 November"
    assert speech.when(datetime(2025, 11, 20, 9, 0, tzinfo=UTC)) == "20 November 2025"
