"""The door's one table of refusals: complete, in every language, and honest about money."""

from __future__ import annotations

import pytest

from dirisha.channels.sms.sender import WORDS

LANGUAGES = ("en", "sw")


def codes() -> list[str]:
    from dirisha.acts.access.send_code import send_code
    from dirisha.acts.loans.repay import repay
    from dirisha.acts.messaging.start import start
    from dirisha.acts.messaging.stop import stop
    from dirisha.engine.refusals import common_to

    acts = (repay, send_code, stop, start)
    return sorted({refusal.code for act in acts for refusal in (*common_to(act), *act.refusals)})


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_of_every_act_of_this_door_has_its_words(language: str) -> None:
    told = set(WORDS.keys(language))
    missing = [code for code in codes() if f"refusal.{code}" not in told]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_refusal_says_whether_money_moved_whom_to_call_and_its_reference(language: str) -> None:
    nothing_moved = {
        "en": ("Nothing was paid", "Nothing was done"), "sw": ("akuna kilicholipwa", "Hakuna kilichofanyika"),
    }[language]  # fmt: skip
    not_known_yet = {"refusal.command.in_progress", "refusal.system.try_later"}
    for key in WORDS.keys(language):
        if key.startswith("refusal."):
            text = WORDS.template(language, key)
            assert "{help}" in text and "{reference}" in text, key
            assert (key in not_known_yet) or any(words in text for words in nothing_moved), key


@pytest.mark.usefixtures("house")
def test_no_words_are_left_over() -> None:
    from dirisha.kit.refusal import NotPermitted

    known = {f"refusal.{code}" for code in codes()} | {f"refusal.{NotPermitted.code}", "refusal.access.code_over"}
    told = WORDS.keys("en")
    assert {key for key in told if key.startswith("refusal.")} <= known
