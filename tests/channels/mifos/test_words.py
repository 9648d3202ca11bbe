"""The door's words: for every refusal that can reach it, in every language, with the same variables."""

from __future__ import annotations

import ast
import re
from typing import Any

from tests.house.source import modules


def offered() -> list[Any]:
    """The acts behind the door's addresses."""
    from dirisha import acts
    from dirisha.channels.mifos.urls import urlpatterns
    from dirisha.engine.act import ACTS

    acts.import_all()
    names = {name for pattern in urlpatterns for serves in pattern.callback.serves.values() for name in serves}
    return [ACTS[name] for name in sorted(names & ACTS.keys())]


def test_every_address_names_what_it_serves(house: object) -> None:
    from dirisha.channels.mifos.urls import urlpatterns
    from dirisha.engine.act import ACTS
    from dirisha.queries.ask import QUESTIONS

    assert [act.name for act in offered()] == ["access.login", "loans.repay", "transfers.own"]
    for pattern in urlpatterns:
        assert pattern.name
        for serves in pattern.callback.serves.values():
            assert serves
            assert set(serves) <= ACTS.keys() | QUESTIONS.keys()


def test_the_table_covers_every_refusal(house: object) -> None:
    from dirisha.channels.mifos.errors import WORDS
    from dirisha.channels.mifos.refusals import TABLE
    from dirisha.engine.refusals import common_to

    codes = {refusal.code for act in offered() for refusal in (*act.refusals, *common_to(act))}
    assert codes == TABLE.keys()
    for language in ("en", "sw"):
        said = WORDS.keys(language)
        assert [code for code in codes if f"refusal.{code}" not in said] == []


def test_a_refused_act_says_that_nothing_moved(house: object) -> None:
    """Login's refusals move nothing by nature, one tells that it is not known, and two name the first request."""
    from dirisha.channels.mifos.errors import WORDS

    silent = {"refusal.access.wrong_secret", "refusal.access.locked_out", "refusal.system.outcome_unknown",
              "refusal.command.in_progress", "refusal.command.conflict"}  # fmt: skip
    phrases = {"en": "Nothing was moved.", "sw": "Hakuna pesa iliyohamishwa."}
    for language, phrase in phrases.items():
        texts = {key: WORDS.template(language, key) for key in WORDS.keys(language) if key.startswith("refusal.")}
        assert {key for key, text in texts.items() if phrase not in text} == silent
        assert [key for key, text in texts.items() if "{help}" not in text] == []


def test_the_languages_say_the_same_things(house: object) -> None:
    from dirisha.channels.mifos.errors import WORDS

    assert sorted(WORDS.languages) == ["en", "sw"]
    assert WORDS.keys("en") == WORDS.keys("sw")
    for key in WORDS.keys("en"):
        assert WORDS.variables("en", key) == WORDS.variables("sw", key), key


def test_every_text_is_used_and_every_use_has_a_text(house: object) -> None:
    from dirisha.channels.mifos.errors import WORDS, Kind
    from dirisha.channels.mifos.refusals import TABLE

    used = {kind.text for kind in Kind} | {f"refusal.{code}" for code in TABLE}
    for module in modules("channels/mifos"):
        for node in ast.walk(module.tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and re.fullmatch(r"(item|refusal)\.[a-z_.]+", text):
                used.add(text)
    used |= {"told.nothing_moved", "told.not_known", "told.help"}
    used |= {f"item.{side}_details" for side in ("from", "to")}
    used |= {f"item.missing.{kind}" for kind in ("client", "loan", "saving_account")}
    assert used - {"item.missing."} == set(WORDS.keys())


def test_dates_are_read_as_java_reads_them() -> None:
    from datetime import date

    import pytest
    from babel import Locale

    from dirisha.wire.java_dates import BadPattern, read_date

    en, gb = Locale.parse("en"), Locale.parse("en_GB")
    day = date(2026, 9, 5)
    for text, pattern, locale in (
        ("05 September 2026", "dd MMMM yyyy", en), ("05 september 2026", "dd MMMM uuuu", gb),
        ("05 Sept 2026", "dd MMMM yyyy", gb), ("05 Sep 2026", "dd MMMM yyyy", gb), ("05 Sep. 2026", "dd MMM yyyy", en),
        ("5 9 26", "d M yy", en), ("2026-09-05", "yyyy-MM-dd", en), ("20260905", "yyyyMMdd", en),
        ("05 September 2026 23:59:59", "dd MMMM yyyy", en), ("05.09.2026 07:08", "dd.MM.yyyy HH:mm", en),
        ("le 05/09/2026", "'le' dd/MM/yyyy", en), ("5 o'clock 09 2026", "d 'o''clock' MM yyyy", en),
    ):  # fmt: skip
        assert read_date(text, pattern, locale) == day, (text, pattern)
    for text, pattern in (
        ("5 September 2026", "dd MMMM yyyy"), ("05  September 2026", "dd MMMM yyyy"), ("31 February 2026", "dd MMMM yyyy"),
        ("31 April 2026", "dd MMMM yyyy"), ("00 May 2026", "dd MMMM yyyy"), ("05 13 2026", "dd MM yyyy"),
        ("05 September 26", "dd MMMM yyyy"), ("\u0660\u0665 September 2026", "dd MMMM yyyy"), ("05 Sep 02026", "dd MMM yyyy"),
    ):  # fmt: skip
        assert read_date(text, pattern, en) is None, text
    for pattern in (
        "",
        "dd MMMM",
        "dd dd MM yyyy",
        "QQ dd MM yyyy",
        "ddd MM yyyy",
        "dd MM yyy",
        "dd 'MM yyyy",
        "d" * 99,
    ):
        with pytest.raises(BadPattern):
            read_date("05 09 2026", pattern, en)


def test_a_reference_is_one_whole_number() -> None:
    from uuid import UUID

    from dirisha.channels.mifos.references import number_of
    from dirisha.kit.ids import reference_for

    references = {reference_for(UUID(int=n * 0x9E3779B97F4A7C15 % 2**62)) for n in range(1, 2000)}
    numbers = {number_of(reference) for reference in references}
    assert len(numbers) == len(references)
    assert max(numbers) < 23**9 < 2**53
