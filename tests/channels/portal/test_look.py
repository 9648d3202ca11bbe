"""An institution's colours, and that nobody can choose ones that can't be read."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.bank import FIRST, Bank, hook_of
from tests.journeys.drivers.portal import Portal

BLUE = {"[limits]": '[theme]\ngreen = "#1d4f8c"\ndeep = "#12325a"\nsun = "#ffc94d"\n\n[limits]'}


def test_contrast_is_wcags(house: object) -> None:
    from dirisha.tenants.contrast import contrast

    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#777777") == 1
    assert round(contrast("#767676", "#ffffff"), 2) == Decimal("4.54")  # the well-known lightest grey for text
    assert round(contrast("#ff0000", "#ffffff"), 2) == Decimal("4.00")


def test_our_own_colours_can_be_read(house: object) -> None:
    """Every pair of text and ground of the style sheet."""
    from dirisha.tenants.contrast import TEXT, contrast

    grounds = ("#f7f5ef", "#ffffff", "#e6f0ec", "#fdf3dc", "#fbeae7")
    for text in ("#16241f", "#54625c", "#a4271b", "#0b6b3a"):
        for ground in grounds:
            assert contrast(text, ground) >= TEXT, (text, ground)


def test_an_institution_has_its_own_colours(bank: Bank) -> None:
    portal = Portal(bank)
    before = next(
        given["href"] for tag, given in portal.open("/login").tags if given.get("href", "").startswith("/look")
    )
    assert "#0b5d4e" in portal.client.get(before).content.decode()
    bank.change(**BLUE)
    after = next(
        given["href"] for tag, given in portal.open("/login").tags if given.get("href", "").startswith("/look")
    )
    assert after != before
    answer = portal.client.get(after)
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.content.decode() == ":root{--green:#1d4f8c;--deep:#12325a;--sun:#ffc94d}\n"
    mark = portal.client.get("/mark.svg")
    assert mark.headers["Content-Type"] == "image/svg+xml"
    assert "#12325a" in mark.content.decode()


@pytest.mark.parametrize(
    ("colours", "said"),
    [
        ('green = "#7fc8a9"', "green #7fc8a9 can't be read on #f7f5ef: its contrast is 1.8, and 4.5 is needed"),
        ('deep = "#f2b134"', "deep #f2b134 can't be read on"),
        ('sun = "#0b5d4e"', "sun #0b5d4e can't be read on #083f36"),
        ('green = "red;} body{display:none"', "theme.green"),
    ],
)
def test_colours_that_cant_be_read_are_refused_when_the_file_is_read(
    house: object, tmp_path: Path, colours: str, said: str
) -> None:
    from dirisha.tenants.institution import BadInstitution, read_institution

    text = FIRST.format(slug="tumaini", name="Tumaini", hook=hook_of("tumaini"))
    path = tmp_path / "tumaini.toml"
    path.write_text(text.replace("[limits]", f"[theme]\n{colours}\n\n[limits]"))
    with pytest.raises(BadInstitution) as refused:
        read_institution(path)
    assert "tumaini.toml: theme" in str(refused.value)
    assert said in str(refused.value)
