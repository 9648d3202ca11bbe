"""The gateway inside the demo's web process, and the messages on its phones."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from dirisha.simulators.africastalking import inbox as inboxes
from dirisha.simulators.africastalking.inbox import FileInbox, SimulatedSms
from tests.bank import NOW, Bank

PHONE, OTHER = "+254700000118", "+254700000222"


def message(number: int, to: str = PHONE) -> SimulatedSms:
    return SimulatedSms(
        f"AT{number}", to, "DIRISHA", f"text {number} for {OTHER}", None, NOW + timedelta(seconds=number)
    )


def test_messages_are_there_after_a_restart_the_newest_first(tmp_path: Path) -> None:
    path = tmp_path / "phones" / "tumaini.jsonl"
    FileInbox(path).deliver([message(1), message(2, OTHER)])
    FileInbox(path).deliver([message(3)])
    assert FileInbox(path).of(PHONE) == [message(3), message(1)]
    assert FileInbox(path).of(PHONE, newest=1) == [message(3)]
    assert FileInbox(path).of(OTHER) == [message(2, OTHER)]
    assert path.stat().st_mode & 0o077 == 0


def test_a_line_that_a_crash_cut_short_hides_nothing_else(tmp_path: Path) -> None:
    inbox = FileInbox(tmp_path / "tumaini.jsonl")
    inbox.deliver([message(1)])
    with inbox.path.open("ab") as file:
        file.write(b'{"carrier_id": "AT2", "to": "' + PHONE.encode() + b'"\n')
    inbox.deliver([message(3)])
    assert inbox.of(PHONE) == [message(3), message(1)]


def test_the_messages_take_bounded_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inboxes, "MOST_BYTES_IN_FILE", 2000)
    inbox = FileInbox(tmp_path / "tumaini.jsonl")
    for number in range(100):
        inbox.deliver([message(number)])
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2 * 2300
    assert inbox.of(PHONE)[0] == message(99)


def test_the_key_says_whose_messages_they_are(bank: Bank) -> None:
    from dirisha.simulators.africastalking.demo import inbox_of

    tumaini, jirani = (bank.house.institution(slug) for slug in ("tumaini", "jirani"))
    before = [len(inbox_of(each).of(PHONE)) for each in (tumaini, jirani)]
    answer = posts(tumaini.carrier.username, jirani.carrier.api_key)
    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/json"
    assert orjson.loads(answer.content)["SMSMessageData"]["Recipients"][0]["statusCode"] == 101
    assert [len(inbox_of(each).of(PHONE)) for each in (tumaini, jirani)] == [before[0], before[1] + 1]


def test_without_a_key_nobody_gets_in(bank: Bank) -> None:
    for username, key in (("sandbox", "wrong"), ("", ""), ("sandbox", "")):
        answer = posts(username, key)
        assert (answer.status_code, answer.content) == (401, b"The supplied authentication is invalid")


def posts(username: str, api_key: str) -> Any:
    from django.test import Client

    form = {"username": username, "to": PHONE, "message": "text", "from": "DIRISHA"}
    return Client().post(
        "/demo/africastalking/version1/messaging", form, headers={"apiKey": api_key, "host": "tumaini.localhost"}
    )
