"""The control page and its JSON: what is pressed there shows at the core, and nobody else's page may press."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.bank import Bank
from tests.contracts.fineract.conftest import Caller


@pytest.fixture
def page(core: Caller) -> str:
    return core.url.removesuffix("/fineract-provider/api/v1") + "/control"


def press(core: Caller, page: str, **form: str) -> httpx.Response:
    return core.http.post(page, data=form)


def test_what_is_pressed_is_how_it_answers_then(core: Caller, page: str, transfer: dict[str, Any]) -> None:
    for preset, status in (("maintenance", 503), ("heal", 200)):
        assert press(core, page, preset=preset).status_code == 303
        assert core.post("/accounttransfers", transfer).status_code == status
        assert f'value="{preset}" aria-pressed="true"' in core.http.get(page).text
    press(core, page, preset="deaf")
    with pytest.raises(httpx.RemoteProtocolError):
        core.get("/offices")
    assert "Broken on purpose" in core.http.get(page).text  # the page itself stays


def test_the_state_is_read_and_changed_as_json(core: Caller, page: str) -> None:
    wished = {
        "faults": {"reads": {"delay": 100, "delay_ms": 5}, "money": {"cut_after": 30, "delay_ms": 0}, "seed": 7},
        "business_date": "2026-11-26",
        "checked": ["CREATE_ACCOUNTTRANSFER"],
        "blocked": {"1001": "blockDebit"},
        "phones": {"1": "+254700000999"},
        "closed_clients": [3],
        "closed_savings": [1002],
        "closed_loans": [1003],
    }
    before = core.http.get(f"{page}/state").json()
    assert core.http.post(f"{page}/state", json=wished).json() == core.http.get(f"{page}/state").json() == wished
    assert core.http.post(f"{page}/state", json={"business_date": None}).json() == wished | {"business_date": None}
    for wrong in (
        {"faults": {"money": {"cut_after": 70, "cut_before": 70}}},
        {"blocked": {"1": "pigeon"}},
        {"business_date": "soon"},
    ):
        assert core.http.post(f"{page}/state", json=wrong | {"closed_clients": [9]}).status_code == 400
    assert core.http.get(f"{page}/state").json()["closed_clients"] == [3]
    assert before.keys() == wished.keys()


def test_what_waits_is_approved_or_rejected_there(
    core: Caller, page: str, transfer: dict[str, Any], bank: Bank
) -> None:
    press(core, page, checking="on")
    numbers = [core.post("/accounttransfers", transfer, user="gold.svc").json()["commandId"] for _ in range(3)]
    assert all(str(number) in core.http.get(page).text for number in numbers)
    before = len(bank.movements())
    press(core, page, approve=str(numbers[0]))
    press(core, page, reject=str(numbers[1]))
    approved = core.http.post(f"{page}/commands/{numbers[2]}", json={"command": "approve"})
    assert approved.json()["commandId"] == numbers[2]
    assert len(bank.movements()) == before + 2
    assert core.get("/makercheckers") == []


def test_the_branch_decides_and_takes_it_back(core: Caller, page: str, transfer: dict[str, Any]) -> None:
    account = str(transfer["fromAccountId"])
    for form in ({"block": "block"}, {"close": "closed_savings"}):
        press(core, page, number=account, **form)
        assert account in core.http.get(page).text
        assert core.post("/accounttransfers", transfer).status_code in (400, 403)
        press(core, page, undo="everything")
        assert core.post("/accounttransfers", transfer).status_code == 200
    press(core, page, number=str(transfer["fromClientId"]), call="1", phone="+254700000999")
    assert core.get(f"/clients/{transfer['fromClientId']}")["mobileNo"] == "+254700000999"
    press(core, page, set_date="1", business_date="2026-11-20")
    assert core.get("/businessdate/BUSINESS_DATE")["date"] == [2026, 11, 20]
    press(core, page, own_day="1")
    assert core.get("/businessdate/BUSINESS_DATE")["date"] == [2026, 11, 24]


def test_another_sites_page_can_press_nothing(core: Caller, page: str) -> None:
    for headers in ({"Origin": "http://elsewhere.example"}, {"Origin": "null"}):
        assert core.http.post(page, data={"preset": "deaf"}, headers=headers).status_code == 404
    # A form can't send JSON without asking first, and it is not taken as anything else.
    assert (
        core.http.post(
            f"{page}/state", content=b'{"checked": ["X"]}', headers={"Content-Type": "text/plain"}
        ).status_code
        == 404
    )
    assert core.http.get(f"{page}/state").json()["checked"] == []
    # A name that somebody else chose, and that leads here.
    rebound = {"Host": "evil.example", "Origin": "http://evil.example"}
    assert core.http.post(page, data={"preset": "deaf"}, headers=rebound).status_code == 404
    assert core.desk.faults.reads.of == {}


def test_the_page_writes_nothing_unescaped_and_runs_no_script(core: Caller, page: str) -> None:
    core.desk.branch = replace(core.desk.branch, phones={1: "<script>alert(1)</script>"})
    shown = core.http.get(page)
    assert "<script" not in shown.text
    assert "&lt;script&gt;" in shown.text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert not re.search(r"https?://(?!www\.w3\.org)", shown.text.replace(page, ""))


def test_the_latest_calls_are_told_with_what_they_suffered(core: Caller, page: str, transfer: dict[str, Any]) -> None:
    core.post("/accounttransfers", transfer, key="told")
    core.post("/accounttransfers", transfer, key="told")
    press(core, page, preset="forgetful")
    with pytest.raises(httpx.RemoteProtocolError):
        core.post("/accounttransfers", transfer)
    shown = core.http.get(page).text
    assert "answered from its store" in shown
    assert "hangs up, done" in shown
