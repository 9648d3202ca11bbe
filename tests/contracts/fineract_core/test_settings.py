"""The section [fineract] of an institution's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from dirisha.tenants.institution import FINERACT, NATIVE, BadInstitution, Institution, read_institution
from tests.contracts.fineract_core.conftest import an_institution

SETTINGS = {"url": "https://core.example/fineract-provider", "user": "dirisha", "password_env": "FINERACT_PASSWORD"}


def test_cores_have_short_names() -> None:
    assert an_institution("ziwa", SETTINGS).core == FINERACT
    plain = an_institution("ziwa", SETTINGS).model_dump(exclude={"fineract"})
    assert Institution.model_validate(plain | {"core": "native"}).core == NATIVE


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://core.example", "https://core.example/fineract-provider"),
        ("https://core.example/", "https://core.example/fineract-provider"),
        ("https://core.example:8443/fineract-provider/", "https://core.example:8443/fineract-provider"),
        ("https://core.example/fineract-provider/api/v1", "https://core.example/fineract-provider"),
        ("https://core.example/bank/fineract-provider", "https://core.example/bank/fineract-provider"),
        ("http://127.0.0.1:8080/fineract-provider", "http://127.0.0.1:8080/fineract-provider"),
        ("http://[::1]:8080/fineract-provider", "http://[::1]:8080/fineract-provider"),
    ],
)
def test_the_address_is_read_as_people_write_it(url: str, read: str) -> None:
    settings = an_institution("ziwa", SETTINGS | {"url": url}).fineract

    assert settings is not None
    assert settings.url == read


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"url": "http://core.example/fineract-provider"}, "https"),
        ({"url": "ftp://core.example"}, "must read"),
        ({"url": "core.example"}, "must read"),
        ({"url": "https://user:word@core.example"}, "no user and no password"),
        ({"url": "https://core.example/?tenantIdentifier=x"}, "must read"),
        ({"password_env": None}, "password_file or password_env"),
        ({"password_file": "/run/secrets/fineract"}, "password_file or password_env"),
        ({"password_file": "secret", "password_env": None}, "absolute"),
        ({"ca_file": "ca.pem"}, "absolute"),
        ({"password": "in the file"}, "Extra inputs"),
        ({"connections": 1}, "greater than or equal"),
        ({"user": " "}, "at least 1 character"),
    ],
)
def test_what_is_wrong_is_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        an_institution("ziwa", SETTINGS | change)


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({"fees": {"loans.repay": {"portal": "10"}}}, "withdrawal fee"),
        ({"catalogue": {"offices": ["Town"]}}, "catalogue"),
        ({"core": "native"}, "belong together"),
    ],
)
def test_what_is_fineracts_own_is_not_said_twice(named: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        an_institution("ziwa", SETTINGS, **named)


def test_a_file_without_the_section_says_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "ziwa.toml"
    file.write_text(
        'slug = "ziwa"\nname = "Ziwa"\ncountry = "KE"\ncurrency_code = "KES"\ncurrency_name = "Shilling"\n'
        'currency_symbol = "KSh"\ntime_zone = "Africa/Nairobi"\nhelp_number = "+254 20 1"\ncore = "fineract"\n'
    )

    with pytest.raises(BadInstitution, match=r"ziwa\.toml: .*\[fineract\]"):
        read_institution(file)


def test_the_password_comes_from_a_file_and_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "password"
    settings = an_institution("ziwa", SETTINGS | {"password_env": None, "password_file": str(file)}).fineract
    assert settings is not None

    for password in ("first", "zweites Wort"):
        file.write_text(password + "\n", "utf-8")
        assert settings.password() == password


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_file_without_a_password_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    settings = an_institution("ziwa", SETTINGS | {"password_env": None, "password_file": str(file)}).fineract
    assert settings is not None

    with pytest.raises(BadInstitution, match="password"):
        settings.password()


def test_a_variable_that_is_not_set_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FINERACT_PASSWORD", raising=False)
    settings = an_institution("ziwa", SETTINGS).fineract
    assert settings is not None

    with pytest.raises(BadInstitution, match="FINERACT_PASSWORD"):
        settings.password()


def test_nothing_of_the_password_is_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINERACT_PASSWORD", "hush")
    settings = an_institution("ziwa", SETTINGS).fineract
    assert settings is not None

    settings.password()

    assert "hush" not in repr(settings) + settings.model_dump_json()
