"""Money, ids, packed values: nothing is lost, made up or rounded on the way."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.kit.gsm7 import is_gsm7, sms_parts
from dirisha.kit.ids import read_reference, reference_for, time_ordered_id
from dirisha.kit.money import Currency, Money, NotMoney
from dirisha.kit.packed import pack, unpack
from dirisha.kit.phone import NotAPhone, masked, parse_msisdn

KES = Currency("KES")
currencies = st.builds(Currency, st.just("XTS"), st.integers(0, 4))
minors = st.integers(-(2**62), 2**62)


@given(minors, currencies)
def test_money_as_text_and_back(minor: int, currency: Currency) -> None:
    money = Money(minor, currency)
    assert Money.parse(money.plain(), currency) == money
    assert Money.of(money.decimal, currency) == money


@pytest.mark.parametrize(
    "text",
    ["", " ", "abc", "1e400", "1e2", "NaN", "Infinity", "12.345", "1.2.3", "--1", "1_000", "\u0661\u0662", "9" * 30, "0x10", "1/2", "+5", "2500,50", "1,2", "1 2", "12,3456"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(NotMoney):
        Money.parse(text, KES)


@pytest.mark.parametrize(
    "amount", [Decimal("1e400"), Decimal("1e-400"), Decimal("NaN"), Decimal("1." + "0" * 40 + "1"), Decimal("0.001")]
)
def test_a_number_that_does_not_fit_is_never_rounded(amount: Decimal) -> None:
    with pytest.raises(NotMoney):
        Money.of(amount, KES)


@pytest.mark.parametrize(
    ("text", "minor"), [("2500", 250000), ("2,500", 250000), ("2 500.50", 250050), (" 7 ", 700), ("0.1", 10)]
)
def test_amounts_as_people_type_them(text: str, minor: int) -> None:
    assert Money.parse(text, KES).minor == minor


def test_an_amount_as_it_is_shown() -> None:
    assert Money(425000, KES).text("en") == "KES\u00a04,250.00"
    assert Money(-425000, KES).text("en") == "\u2212KES\u00a04,250.00"
    assert Money(1250, Currency("JPY", 0)).text("en") == "JPY\u00a01,250"
    assert is_gsm7(Money(-425000, KES).gsm_text("sw"))


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        Money(1, KES) + Money(1, Currency("UGX", 0))


@given(st.uuids())
def test_a_reference_is_read_back_and_a_wrong_letter_is_seen(identifier: UUID) -> None:
    reference = reference_for(identifier)
    assert read_reference(reference.lower().replace("-", " ")) == reference
    letters = reference.replace("-", "")
    for place in range(9):
        wrong = "A" if letters[place] != "A" else "C"
        assert read_reference(letters[:place] + wrong + letters[place + 1 :]) != reference
    if letters[0] != letters[1]:
        assert read_reference(letters[1] + letters[0] + letters[2:]) is None


def test_ids_are_in_the_order_of_their_moments() -> None:
    early, late = time_ordered_id(datetime(2026, 1, 1, tzinfo=UTC)), time_ordered_id(datetime(2026, 1, 2, tzinfo=UTC))
    assert early < late
    assert (early.version, early.variant) == (7, UUID(int=0, version=4).variant)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.dates()
        | st.uuids()
        | st.builds(Money, minors, currencies),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(st.characters(exclude_characters="~")), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_what_is_packed_comes_back(value: object) -> None:
    assert unpack(pack(value)) == value


def test_days_and_moments_stay_apart() -> None:
    assert unpack(pack({"a": date(2026, 1, 2), "b": datetime(2026, 1, 2, tzinfo=UTC)})) == {
        "a": date(2026, 1, 2), "b": datetime(2026, 1, 2, tzinfo=UTC),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("A" * 160, 1),
        ("A" * 161, 2),
        ("A" * 306, 2),
        ("A" * 307, 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("ç" * 70, 1),
        ("ç" * 71, 2),
    ],
)
def test_parts_of_a_message(text: str, parts: int) -> None:
    assert sms_parts(text) == parts


def test_phone_numbers() -> None:
    assert parse_msisdn("0712 345 678", "KE") == "+254712345678"
    assert parse_msisdn("+254712345678", "UG") == "+254712345678"
    assert masked("+254712345678") == "+2547•• ••• 678"
    for text in ("", "hello", "12", "0" * 40):
        with pytest.raises(NotAPhone):
            parse_msisdn(text, "KE")
