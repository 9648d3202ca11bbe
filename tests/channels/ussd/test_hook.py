"""The gateway's hook: who may call it, what it takes, and that it answers nobody else."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from tests.bank import Bank, hook_of
from tests.journeys.drivers.ussd import Phone

FORM = {"sessionId": "s-1", "serviceCode": "*384#", "phoneNumber": "+254700000118", "networkCode": "63902", "text": ""}


def _post(path: str, form: dict[str, str] | None = None, **other: Any) -> Any:
    from django.test import Client

    return Client().post(path, FORM if form is None else form, **other)


def _hook(secret: str = hook_of("tumaini"), tail: str = "africastalking/ussd") -> str:
    return f"/hooks/{secret}/{tail}"


def test_who_does_not_know_the_secret_finds_nothing(bank: Bank) -> None:
    for path in (
        _hook("x" * 40),
        _hook(hook_of("tumaini")[:-1]),
        _hook(tail="othergateway/ussd"),
        _hook("x" * 40, "africastalking/ussd/ended"),
    ):
        answer = _post(path)
        assert (answer.status_code, answer.content) == (404, b"")
    assert bank.sql("select count(*) from ussd_session") == [(0,)]


def test_who_calls_from_elsewhere_finds_nothing(bank: Bank) -> None:
    bank.change(**{'service_code = "*384#"': 'service_code = "*384#"\nallowed_from = ["10.9.0.0/16"]'})
    answer = _post(_hook(), REMOTE_ADDR="10.8.0.1")
    assert (answer.status_code, answer.content) == (404, b"")
    assert _post(_hook(), REMOTE_ADDR="10.9.0.1").status_code == 200


def test_nothing_but_a_post(bank: Bank) -> None:
    from django.test import Client

    assert Client().get(_hook()).status_code == 405


@pytest.mark.parametrize(
    "wrong",
    [
        {"sessionId": ""},
        {"sessionId": "a b"},
        {"sessionId": "s\0"},
        {"sessionId": "s" * 129},
        {"phoneNumber": ""},
        {"phoneNumber": "Amina"},
        {"phoneNumber": "+" + "1" * 40},
        {"text": "1*" * 5000},
    ],
)
def test_what_the_gateway_never_sends_is_refused(bank: Bank, wrong: dict[str, str]) -> None:
    answer = _post(_hook(), FORM | wrong)
    assert answer.status_code == 400
    assert answer.content.decode() == (
        "input.bad: this is not what the gateway sends. Nothing was done. "
        f"Reference {answer.headers['X-Correlation-ID']}\n"
    )
    assert bank.sql("select count(*) from ussd_session") == [(0,)]


def test_a_body_that_is_no_form_and_one_that_is_too_large(bank: Bank) -> None:
    from django.test import Client

    assert Client().post(_hook(), "{", content_type="application/json").status_code == 400
    larger = Client().post(
        _hook(), b"text=" + b"1" * 10_000_000, content_type="application/x-www-form-urlencoded"
    )  # fmt: skip
    assert larger.status_code == 413
    assert larger.content.decode().startswith("request.too_large: ")
    assert f"Nothing was done. Reference {larger.headers['X-Correlation-ID']}" in larger.content.decode()


def test_a_plus_that_was_not_escaped(bank: Bank) -> None:
    assert _post(_hook(), FORM | {"phoneNumber": " 254700000118"}).content.startswith(b"CON Choose")


@pytest.mark.security("A-05")
def test_the_secret_says_whose_people_these_are(bank: Bank) -> None:
    """The same phone is another person's at the neighbour's: a session here, and a lock there, mean nothing elsewhere."""
    here, there = Phone("+254700000118", "tumaini"), Phone("+254700000118", "jirani")
    here.dial()
    here.pick("English")
    assert here.type("2468").startswith("Tumaini Savings\n1 Balances")
    there.session, there.typed = here.session, here.typed + "*1"
    assert there.send().startswith("Choose your language")  # a session of its own, with a long code dialled
    there.dial()
    assert there.pick("English").startswith("Jirani Savings\n")
    for wrong in ("1111", "2222", "3333"):
        there.type(wrong)
    assert "locked" in there.screen
    assert here.type("1").startswith("Everyday savings")
    here.dial()
    assert here.type("2468").startswith("Tumaini Savings\n1 Balances")


@pytest.mark.security("A-08")
def test_neither_secret_nor_pin_is_in_a_log(bank: Bank, capsys: Any, caplog: Any) -> None:
    from dirisha.server import logs

    logs.configure("web")
    caplog.set_level(logging.DEBUG)
    try:
        phone = Phone("+254700000118")
        phone.dial("9182")
        phone.pick("English")
        phone.type("9182")
        phone.type("2468")
        phone.post("x" * 9000)
        _post(_hook("y" * 41))
        _post(
            _hook(tail="africastalking/ussd/ended"),
            {
                "sessionId": phone.session,
                "status": "Success",
                "input": "2468",
                "lastAppResponse": "KES 99",
                "hopsCount": "3",
            },
        )
    finally:
        import structlog

        structlog.reset_defaults()
    written = capsys.readouterr().err + caplog.text
    assert '"route":"hooks.ussd"' in written
    assert any(json.loads(line).get("hops") == 3 for line in written.splitlines() if "ussd.ended" in line)
    for canary in (hook_of("tumaini"), "y" * 41, "2468", "9182", "KES 99", "254700000118"):
        assert canary not in written


def test_the_gateways_word_that_it_is_over_closes_the_session(bank: Bank) -> None:
    phone = Phone("+254700000118")
    phone.dial()
    phone.pick("English")
    answer = _post(_hook(tail="africastalking/ussd/ended"), {"sessionId": phone.session, "status": "Incomplete"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert bank.sql("select tape is null, ended_at is null from ussd_session") == [(True, False)]
    assert (
        _post(_hook(tail="africastalking/ussd/ended"), {"sessionId": "unknown", "status": "Failed"}).status_code == 200
    )
    assert _post(_hook(tail="africastalking/ussd/ended"), {"status": "Failed"}).status_code == 400
