from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.channels.sms.keywords import KEYWORDS, Wish, Word, wish_of


@pytest.mark.parametrize(("word", "keyword"), [(word, keyword) for word, each in KEYWORDS.items() for keyword in each])
def test_a_keyword_is_understood_however_it_is_written(word: Word, keyword: str) -> None:
    for text in (keyword, keyword.lower(), f"  {keyword.title()}. ", f"{keyword}!!", f'"{keyword}"'):
        assert wish_of(text) == Wish(word), text


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("PAY 500", "500", ""), ("pay 500.50", "500.50", ""), ("PAY KES 500", "500", "KES"), ("Lipa 1,500", "1,500", ""),
        ("pay500", "500", ""), ("PAY: 500.", "500", ""), ("lipa ksh. 500/=", "500", "KSH"), ("PAY", "", ""),
        ("PAY usd 3", "3", "USD"), ("PAY -5", "-5", ""), ("PAY 0", "0", ""), ("PAY 12,345,678.90", "12,345,678.90", ""),
    ],
)  # fmt: skip
def test_an_amount_to_pay(text: str, amount: str, currency: str) -> None:
    assert wish_of(text) == Wish(Word.PAY, amount=amount, currency=currency)


@pytest.mark.parametrize(
    "text",
    [
        "PAY 500 2468", "PAY 500 now", "PAYMENT 500", "PAY 1e400", "PAY 5,00", "PAY 1" + "0" * 20, "PAY ٥٠٠",
        "please pay 500", "PAY 500 PAY 500", "", "   ", "?", "stop it", "balance please", "my pin is 2468", "STOPSTOP",
    ],
)  # fmt: skip
def test_what_is_not_wholly_a_keyword_is_unknown(text: str) -> None:
    assert wish_of(text) == Wish(Word.UNKNOWN)


@pytest.mark.parametrize("text", ["123456", " 123456 ", "123 456", "123-456"])
def test_six_digits_are_a_code(text: str) -> None:
    assert wish_of(text) == Wish(Word.CODE, code="123456")


@pytest.mark.parametrize("text", ["1234", "12345", "1234567", "254700000118"])
def test_other_digits_are_no_code(text: str) -> None:
    assert wish_of(text) == Wish(Word.NUMBER)


@given(st.text(max_size=60) | st.from_regex(r"(?i)(pay|lipa)[ \w,.-]{0,20}", fullmatch=True))
def test_whatever_is_typed_only_an_amount_is_kept_of_it(text: str) -> None:
    understood = wish_of(text).understood
    assert len(understood) <= 40
    word, _, rest = understood.partition(" ")
    assert word in set(Word)
    assert not rest or (word == "pay" and rest in text and set(rest) <= set("0123456789,.-"))
