"""The menu compiled: every conversation walked in every language over every edge case, without a database.

A screen that is too long, a page without a way out, a choice that leads nowhere, something personal before the PIN:
each fails here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.bank import FIRST, hook_of

if TYPE_CHECKING:
    from dirisha.channels.ussd.tape import Tape
    from tests.channels.ussd.paper import PaperDesk

MOST_SCREENS = 400
# Where a case first shows: what comes before it is walked in the others.
WHERE = {"quote:": ("2468", "3", "1"), "confirm:": ("2468", "3", "1"), "settings:": ("2468", "6")}
OPTION = re.compile(r"^(\d{1,2}) \S", re.MULTILINE)


@pytest.fixture(scope="module")
def institution() -> Any:
    """From its file alone: no server, no database, no Django settings are needed to walk a dialog."""
    from dirisha.tenants.institution import Institution

    text = FIRST.format(slug="tumaini", name="Tumaini Savings", hook=hook_of("tumaini"))
    return Institution.model_validate(tomllib.loads(text))


@dataclass(frozen=True)
class Seen:
    """A screen, how one came to it, and what it left on the tape."""

    path: tuple[str, ...]
    text: str
    ends: bool
    tape: Tape


def _turn(desk: PaperDesk, tape: Tape, answer: str | None, institution: Any, language: str) -> Any:
    from dirisha.channels.ussd.dialogs.entry import enter
    from dirisha.channels.ussd.replay import take_turn
    from dirisha.channels.ussd.tape import Tape, Typed
    from dirisha.tenants.current import use

    desk = replace(desk, known=False)
    with use(institution):
        # As it comes back from the database, for the tape is kept as JSON.
        return take_turn(enter, Tape.unpacked(tape.packed()), Typed(answer), desk, institution, language)


def _answers(text: str, tape: Tape) -> list[str]:
    """Everything of interest that may be typed: ways, first and last choice, an amount, right and wrong PINs, rubbish."""
    options = [number for number in OPTION.findall(text) if number not in ("0", "00", "98")]
    shown = options if len(options) <= 8 else [options[0], options[-1]]
    return [*shown, "0", "00", "98", "700", "2468", "1111", "x*y"]


def _walk(desk: PaperDesk, institution: Any, language: str, path: tuple[str, ...] = ()) -> Iterator[Seen]:
    """All screens from the one at the end of `path` on; where there is a path, not those before it again."""
    from dirisha.channels.ussd.tape import EMPTY

    start = _turn(desk, EMPTY, None, institution, language)
    for answer in path:
        start = _turn(desk, start.tape, answer, institution, language)
    first = Seen(path, start.text, start.ends, start.tape)
    yield first
    waiting, known = [first], {_kind(first)}
    while waiting:
        here = waiting.pop()
        if here.ends:
            continue
        for answer in _answers(here.text, here.tape):
            turned = _turn(desk, here.tape, answer, institution, language)
            seen = Seen((*here.path, answer), turned.text, turned.ends, turned.tape)
            if _kind(seen) in known or len(seen.tape.entries) < len(first.tape.entries):
                continue
            known.add(_kind(seen))
            assert len(known) < MOST_SCREENS, "a conversation without end"
            yield seen
            waiting.append(seen)


def _kind(seen: Seen) -> tuple[str, str]:
    """Screens that differ in their figures alone are walked once, at their longest or not: a page is a page."""
    shown = seen.tape.shown
    return (shown.step if shown else "", re.sub(r"[0-9]", "9", seen.text))


def _limit(text: str) -> tuple[int, int]:
    from dirisha.kit.gsm7 import is_gsm7, septets, ucs2_units

    return (septets(text), 160) if is_gsm7(text) else (ucs2_units(text), 70)


@pytest.mark.security("U-09")
@pytest.mark.security("U-02")
@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_screen_of_every_conversation(institution: Any, language: str) -> None:
    from tests.channels.ussd.paper import SECRETS, cases

    walked = ends = 0
    for name, desk in cases().items():
        desk = replace(desk, phone_language=None if desk.phone_language is None else language)
        path = next((path for begins, path in WHERE.items() if name.startswith(begins)), ())
        for seen in _walk(desk, institution, language, path):
            walked += 1
            ends += seen.ends
            where = f"{name}, {language}, {'*'.join(seen.path)}:\n{seen.text}"
            length, most = _limit(seen.text)
            assert length <= most, f"{length} > {most}: {where}"
            assert seen.text.strip() == seen.text, where
            assert seen.text, where
            if not seen.ends:
                foot = seen.text.splitlines()[-1]
                assert re.search(r"(^| )0 |^98 ", foot), f"no way out: {where}"
            if seen.tape.user is None and not name.startswith("many people"):
                assert [each for each in SECRETS if each in seen.text.replace("Amina's line", "")] == [], where
    print(f"{walked} screens in {language}, {ends} of them the last of a session")
    assert walked > 1000


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_page_can_be_left_and_every_choice_leads_somewhere(institution: Any, language: str) -> None:
    from tests.channels.ussd.paper import cases

    for name in ("plain", "many accounts", "letters beyond GSM-7", "late loan"):
        desk = replace(cases()[name], phone_language=language)
        for seen in _walk(desk, institution, language):
            if seen.ends:
                continue
            where = f"{name}: {seen.text}"
            for option in OPTION.findall(seen.text.rpartition("\n")[0]):
                after = _turn(desk, seen.tape, option, institution, language)
                assert after.text != seen.text, where
                assert "numbers" not in after.text, where
            out, steps = seen, 0
            while not out.ends:
                turned = _turn(desk, out.tape, "0", institution, language)
                if turned.text == out.text:  # a receipt's first page: read on
                    turned = _turn(desk, out.tape, "98", institution, language)
                out, steps = Seen((), turned.text, turned.ends, turned.tape), steps + 1
                assert steps < 30, where


@pytest.mark.parametrize("language", ["en", "sw"])
def test_terms_and_refusals_stand_on_one_page(institution: Any, language: str) -> None:
    """With names and amounts of everyday; the longest ones may take two."""
    from tests.channels.ussd.paper import PaperDesk, cases, money

    to_terms = ["2468", "3", "1", "700"]
    for name, desk in cases().items():
        if not name.startswith(("quote:", "confirm:", "changed terms", "small amount", "on its way", "balance not")):
            continue
        desk = replace(desk, phone_language=language)
        for refusal in filter(None, (desk.quoting, desk.confirming)):
            everyday = {fact: money("12345.50") for fact, value in refusal.facts.items() if hasattr(value, "minor")}
            refusal.facts = {**refusal.facts, **everyday}
        right = "2468" if desk.need.value == "pin" else "1"
        for answers in ([*to_terms], [*to_terms, "1111"], [*to_terms, "x"], [*to_terms, right]):
            if desk.quoting is not None and answers != to_terms:
                continue
            text = _screens(desk, answers, institution, language)[-1]
            assert "98 " not in text.splitlines()[-1], f"{name}, {len(text)}: {text}"
    assert "98 " not in _screens(PaperDesk(phone_language=language), ["2468"], institution, language)[-1]


def _screens(desk: PaperDesk, answers: list[str], institution: Any, language: str = "en") -> list[str]:
    from dirisha.channels.ussd.tape import EMPTY

    turned = _turn(desk, EMPTY, None, institution, language)
    screens = [turned.text]
    for answer in answers:
        assert not turned.ends, screens
        turned = _turn(desk, turned.tape, answer, institution, language)
        screens.append(turned.text)
    return screens


def test_the_table_has_every_refusal_in_every_language(institution: Any) -> None:
    from dirisha.acts.access.enter_pin import enter_pin
    from dirisha.acts.access.set_language import set_language
    from dirisha.acts.access.switch_sms import switch_sms
    from dirisha.acts.loans.repay import repay
    from dirisha.acts.transfers.own import own
    from dirisha.channels.ussd.refusals import SHOWN
    from dirisha.channels.ussd.words import WORDS
    from dirisha.engine.refusals import common_to

    acts = (enter_pin, set_language, switch_sms, repay, own)
    codes = {kind.code for act in acts for kind in (*common_to(act), *act.refusals)}
    assert codes <= SHOWN.keys()
    assert SHOWN.keys() <= codes, "words for what never happens"
    numbers = [shown.number for shown in SHOWN.values()]
    assert len(set(numbers)) == len(numbers)
    for language in institution.languages:
        assert {f"refusal.{code}" for code in codes} <= set(WORDS.keys(language))


def test_both_languages_say_the_same_things(institution: Any) -> None:
    from dirisha.channels.ussd.words import WORDS

    assert set(WORDS.keys("en")) == set(WORDS.keys("sw"))
    for key in WORDS.keys("en"):
        assert WORDS.variables("en", key) == WORDS.variables("sw", key), key


def test_every_word_is_used(institution: Any) -> None:
    """From the code's own keys: a text that nobody says is a text that nobody checks."""
    from dirisha.channels.ussd.dialogs.entry import MENU
    from dirisha.channels.ussd.refusals import SHOWN
    from dirisha.channels.ussd.words import WORDS
    from tests.house.source import modules

    code = "\n".join(module.path.read_text("utf-8") for module in modules("channels/ussd"))
    built = {f"refusal.{each}" for each in SHOWN} | {f"menu.{each}" for each in MENU}
    built |= {key for key in WORDS.keys("en") if key.startswith("kind.")}
    prefixes = {found.group(1) for found in re.finditer(r'f"([a-z_.]+)\{', code)}
    named = {"repay.confirm", "move.confirm"}
    unused = [
        key
        for key in WORDS.keys("en")
        if f'"{key}"' not in code and key not in built | named and not any(key.startswith(p) for p in prefixes)
    ]
    assert unused == []


def test_a_changed_dialog_restarts_and_never_acts(institution: Any) -> None:
    """A deploy in the middle of a session: the tape's steps are no longer those of the dialog."""
    from dirisha.channels.ussd.tape import EMPTY
    from tests.channels.ussd.paper import PaperDesk

    desk = PaperDesk()
    turned = _turn(desk, EMPTY, None, institution, "en")
    for answer in ("2468", "3", "1", "700"):
        turned = _turn(desk, turned.tape, answer, institution, "en")
    assert turned.text.startswith("Repay ")
    tape = turned.tape
    for place, entry in enumerate(tape.entries):
        entries = list(tape.entries)
        entries[place] = replace(entry, step=f"former.{entry.step}")
        after = _turn(desk, replace(tape, entries=tuple(entries)), "2468", institution, "en")
        assert after.text.startswith("Something changed. Please choose again.\n"), entry
        assert not after.ends
        assert after.tape.user is None or after.tape.entries == tape.entries[: tape.home]
    assert tape.shown is not None
    shown_otherwise = replace(tape, shown=replace(tape.shown, step="former"))
    assert _turn(desk, shown_otherwise, "2468", institution, "en").text.startswith("Something changed.")
    assert [call for call in desk.calls if call.startswith("confirm")] == []


def test_a_choice_is_what_was_shown_and_not_what_stands_there_now(institution: Any) -> None:
    """Accounts in another order by the time the answer comes: number 1 is still the one that was number 1."""
    from dirisha.channels.ussd.tape import EMPTY
    from tests.channels.ussd.paper import PaperDesk

    desk = PaperDesk()
    turned = _turn(desk, EMPTY, None, institution, "en")
    for answer in ("2468", "5"):
        turned = _turn(desk, turned.tape, answer, institution, "en")
    assert "1 Everyday savings ...0042" in turned.text
    turned_round = replace(desk, savings=desk.savings[::-1])
    assert _turn(turned_round, turned.tape, "1", institution, "en").text.startswith("Everyday savings ...0042\n")
    gone = replace(desk, savings=(desk.savings[1], replace(desk.savings[1], id=99)))
    assert _turn(gone, turned.tape, "1", institution, "en").text.startswith("Something changed.")


def test_the_pages_of_a_long_list(institution: Any) -> None:
    from tests.channels.ussd.paper import cases

    screens = _screens(cases()["many accounts"], ["2468", "5", "98", "98", "0", "98"], institution)
    first, second, third, back, again = screens[2:7]
    assert back == second
    assert again == third
    numbers = [int(n) for page in (first, second, third) for n in OPTION.findall(page.rpartition("\n")[0])]
    assert numbers == list(range(1, len(numbers) + 1))
    # A number that stands on another page is none of this one.
    assert _screens(cases()["many accounts"], ["2468", "5", "98", "1"], institution)[-1].startswith("Type one of")


def test_terms_on_two_pages_are_read_to_the_end_before_a_pin_counts(institution: Any) -> None:
    from tests.channels.ussd.paper import cases

    desk = cases()["letters beyond GSM-7"]
    door = ["2468", "3", "98", "1"]
    while "1 All due" not in _screens(desk, door, institution)[-1]:
        door.append("98")
    door.append("1")
    screens = _screens(desk, [*door, "2468"], institution)
    assert "98 More" in screens[-2]
    assert screens[-1].startswith("Read to the end first.")
    assert desk.calls == []
    while "98 More" in _screens(desk, door, institution)[-1]:
        door.append("98")
    paid = _screens(desk, [*door, "2468"], institution)[-1]
    assert paid.startswith("Paid KES 4,250.00")
    # The receipt takes more than one page in these letters: none of it is lost.
    rest = []
    while "98 More" in (page := _screens(desk, [*door, "2468", *rest], institution)[-1]):
        rest.append("98")
    assert page.endswith("Ref R7K4-9M3P-XC")
    assert [call for call in desk.calls if call.endswith(" pin")] != []


def test_a_small_payment_falls_back_to_the_pin_when_the_entry_is_too_old(institution: Any) -> None:
    from dirisha.engine.policy import Need
    from dirisha.engine.refusals import ProofNeeded
    from tests.channels.ussd.paper import PaperDesk

    stale = PaperDesk(need=Need.PRESSED, confirming=ProofNeeded(need="pin"))
    screens = _screens(stale, ["2468", "3", "1", "100", "1"], institution)
    assert screens[-1].startswith("Please type your PIN.\nRepay ")
    assert "Your PIN" in screens[-1] or "Type your PIN to confirm" in screens[-1]
    from dirisha.channels.ussd.tape import EMPTY

    turned = _turn(stale, EMPTY, None, institution, "en")
    for answer in ("2468", "3", "1", "100", "1"):
        turned = _turn(stale, turned.tape, answer, institution, "en")
    good = replace(stale, confirming=None)
    paid = _turn(good, turned.tape, "2468", institution, "en")
    assert paid.ends and paid.text.startswith("Paid ")
    assert good.calls[-1].endswith(" pin")
