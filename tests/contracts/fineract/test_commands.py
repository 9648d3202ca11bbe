"""Idempotency and maker-checker, played step by step against what was recorded, and what they must never allow."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest

from tests.bank import Bank
from tests.contracts.fineract.conftest import PASSWORDS, Caller, standing
from tests.contracts.fineract.recorded import LATE, Exchange, Stage, exchanges

CHECKED = "CREATE_ACCOUNTTRANSFER"


@pytest.fixture
def stage(bank: Bank) -> Iterator[Stage]:
    with standing(bank, lambda: LATE) as core:
        yield Stage(bank, core)


def cached(response: httpx.Response) -> bool:
    return bool(response.headers.get("x-served-from-cache") == "true")


# --- idempotency ------------------------------------------------------------------------------------------------------

# Its other steps are of calls that the stand-in has not: a client written down, a schedule worked out, two fields read.
PLAYED = [n for n in range(1, 27) if n not in (1, 9, 18, 19, 20, 21)]


def test_idempotency_is_as_recorded_step_by_step(stage: Stage, bank: Bank) -> None:
    """First calls, replays with another body, account and user, stored failures, too long and empty keys, a race."""
    before = bank.balance(stage.ids["savingsaccounts"][4]), bank.balance(stage.ids["savingsaccounts"][5])
    named: dict[int, int] = {}  # their transactions as ours
    for exchange in exchanges("staff-api/idempotency", *PLAYED):
        response, recorded = stage.play(exchange), exchange.response
        assert response.status_code == recorded["status"], exchange
        assert cached(response) is ("x-served-from-cache" in recorded["headers"]), exchange
        if recorded["status"] == 200:
            theirs, ours = recorded["body"]["resourceId"], response.json()["resourceId"]
            assert named.setdefault(theirs, ours) == ours, f"{exchange}: another transaction than before"
            assert response.json()["savingsId"] == stage.ids["savingsaccounts"][recorded["body"]["savingsId"]]
        else:
            theirs_said, said = recorded["body"], response.json()
            assert said["userMessageGlobalisationCode"] == theirs_said["userMessageGlobalisationCode"], exchange
            assert [each["userMessageGlobalisationCode"] for each in said["errors"]] == [
                each["userMessageGlobalisationCode"] for each in theirs_said["errors"]
            ], exchange
    assert len(set(named.values())) == len(named)
    # Deposits of 3, 3, 0.01 and 3, one withdrawal of 3: nothing on the other account.
    after = bank.balance(stage.ids["savingsaccounts"][4]), bank.balance(stage.ids["savingsaccounts"][5])
    assert (after[0] - before[0], after[1] - before[1]) == (601, 0)


def test_a_key_in_progress_is_answered_425_with_what_was_sent(stage: Stage, bank: Bank) -> None:
    """The recorded command was set back by hand; here another connection holds its key."""
    from dirisha.simulators.fineract.commands import Command

    (exchange,) = exchanges("staff-api/idempotency", 28)
    key = Command("DEPOSIT", "SAVINGSACCOUNT", None, "").key(exchange.request["headers"]["Idempotency-Key"])
    with psycopg.connect(bank.house.cluster.admin, dbname=bank.institution.database) as other:
        other.execute("select pg_advisory_xact_lock(%s)", [key.lock])
        before = bank.movements()
        response = stage.play(exchange)
    assert response.status_code == exchange.response["status"] == 425
    assert cached(response)
    assert response.json().keys() == exchange.response["body"].keys()
    assert bank.movements() == before
    assert stage.play(exchange).status_code == 200


def test_sixteen_calls_at_once_under_one_key_move_money_once(
    core: Caller, transfer: dict[str, Any], bank: Bank
) -> None:
    before = len(bank.movements())
    start = threading.Barrier(16)

    def call(_: int) -> httpx.Response:
        with httpx.Client(timeout=20) as http:
            start.wait()
            return replace(core, http=http).post("/accounttransfers", transfer, key="at once")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(call, range(16)))
    assert {answer.status_code for answer in answers} <= {200, 425}
    assert len({answer.json()["resourceId"] for answer in answers if answer.status_code == 200}) == 1
    assert [answer.status_code for answer in answers if not cached(answer)] == [200]
    assert len(bank.movements()) == before + 1


def test_a_refusal_is_answered_again_to_the_letter(core: Caller, transfer: dict[str, Any], bank: Bank) -> None:
    too_much = transfer | {"transferAmount": 999_999.99}
    first = core.post("/accounttransfers", too_much, key="too much")
    again = core.post("/accounttransfers", transfer, key="too much")
    assert first.status_code == again.status_code == 403
    assert first.content == again.content
    assert cached(again) and not cached(first)


def test_without_a_key_each_call_is_a_command_of_its_own(core: Caller, transfer: dict[str, Any], bank: Bank) -> None:
    numbers = {core.post("/accounttransfers", transfer).json()["resourceId"] for _ in range(3)}
    assert len(numbers) == 3


def test_every_command_is_in_the_institutions_own_trail(core: Caller, transfer: dict[str, Any]) -> None:
    from dirisha.engine.verify import commands_without_event
    from dirisha.ledger import verify

    core.post("/accounttransfers", transfer, key="one")
    core.post("/accounttransfers", transfer | {"toAccountId": transfer["fromAccountId"]}, key="to itself")
    core.post("/accounttransfers", transfer | {"transferAmount": 10**9}, key="refused")
    assert commands_without_event() == 0
    assert verify.findings() == []


# --- maker-checker ----------------------------------------------------------------------------------------------------


def as_transfer(exchange: Exchange, transfer: dict[str, Any]) -> Exchange:
    """The recorded maker wrote down clients; ours moves money. An incomplete body stays one."""
    request = exchange.request
    if request["path"] != "/clients":
        return exchange
    body = transfer if "firstname" in request["body"] else {"locale": "en", "dateFormat": "dd MMMM yyyy"}
    return replace(exchange, request=request | {"path": "/accounttransfers", "body": body})


def test_maker_checker_is_as_recorded_step_by_step(stage: Stage, bank: Bank, transfer: dict[str, Any]) -> None:
    """The maker's command waits, is listed, is not his to approve; one is approved, one rejected, one kept by its key."""
    core = stage.core
    core.desk.branch = replace(core.desk.branch, checked=frozenset({CHECKED}))
    before, moved = len(bank.movements()), 0
    numbers: dict[int, int] = {}  # their commands as ours
    for exchange in exchanges("staff-api/maker-checker", 3, 4, 5, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18):
        played = as_transfer(exchange, transfer)
        for theirs, ours in numbers.items():
            path = played.request["path"].replace(f"/{theirs}", f"/{ours}").replace("CLIENT", "ACCOUNTTRANSFER")
            played = replace(played, request=played.request | {"path": path})
        body = dict(played.request.get("body", {}))
        response = core.call(
            played.request["method"], played.request["path"], body if played.request["method"] == "POST" else None,
            user=played.request["user"], headers=played.request["headers"],
        )  # fmt: skip
        recorded = exchange.response["body"]
        assert response.status_code == exchange.response["status"], exchange
        assert cached(response) is ("x-served-from-cache" in exchange.response["headers"]), exchange
        if isinstance(recorded, dict) and "rollbackTransaction" in recorded:
            assert response.json().keys() == recorded.keys(), exchange
            numbers[recorded["commandId"]] = response.json()["commandId"]
        if exchange.n in (10, 15):
            moved += 1
        assert len(bank.movements()) == before + moved, exchange
        match exchange.n:
            case 7 | 8:
                # The third of them was deleted in the recording; here it was never made.
                assert [each["id"] for each in response.json()] == sorted(numbers.values()), exchange
                assert {*response.json()[0]} == {*recorded[0]}, exchange
                assert response.json()[0]["maker"] == "gold.maker"
            case 9 | 11 | 14:
                assert (
                    response.json()["errors"][0]["userMessageGlobalisationCode"]
                    == recorded["errors"][0]["userMessageGlobalisationCode"]
                ), exchange
            case 10:
                assert {"commandId", "savingsId", "resourceId"} == {*response.json()}
            case 16:
                assert {*recorded} - {*response.json()} == {"officeName", "clientName", "clientId"}
                assert response.json()["checker"] == "mifos"
            case 18:
                assert response.json() == transfer  # it echoes what was sent
    assert moved == 2


def test_an_approved_command_is_answered_by_its_key(core: Caller, transfer: dict[str, Any], bank: Bank) -> None:
    core.desk.branch = replace(core.desk.branch, checked=frozenset({CHECKED}))
    waiting = core.post("/accounttransfers", transfer, key="approve me", user="gold.maker").json()
    approved = core.call("POST", f"/makercheckers/{waiting['commandId']}?command=approve", {})
    again = core.post("/accounttransfers", transfer, key="approve me", user="gold.maker")
    assert again.status_code == 200 and cached(again)
    assert again.json()["resourceId"] == approved.json()["resourceId"]


def test_a_rejected_command_stays_in_progress_and_its_trail_tells(
    core: Caller, transfer: dict[str, Any], bank: Bank
) -> None:
    core.desk.branch = replace(core.desk.branch, checked=frozenset({CHECKED}))
    before = bank.movements()
    number = core.post("/accounttransfers", transfer, key="reject me", user="gold.maker").json()["commandId"]
    assert "checkedOnDate" not in core.get(f"/audits/{number}")
    assert core.call("POST", f"/makercheckers/{number}?command=reject", {}).json() == {"commandId": number}
    audit = core.get(f"/audits/{number}")
    assert audit["checker"] == "mifos" and "resourceId" not in audit
    assert core.post("/accounttransfers", transfer, key="reject me", user="gold.maker").status_code == 425
    assert core.get("/makercheckers") == []
    assert bank.movements() == before


def test_what_can_no_longer_be_done_is_refused_at_its_approval(
    core: Caller, transfer: dict[str, Any], bank: Bank
) -> None:
    core.desk.branch = replace(core.desk.branch, checked=frozenset({CHECKED}))
    number = core.post("/accounttransfers", transfer, user="gold.maker").json()["commandId"]
    core.desk.branch = replace(core.desk.branch, closed_savings=frozenset({transfer["toAccountId"]}))
    before = bank.movements()
    refused = core.call("POST", f"/makercheckers/{number}?command=approve", {})
    assert refused.status_code == 400
    assert bank.movements() == before


# --- permissions ------------------------------------------------------------------------------------------------------


def test_a_missing_permission_is_refused_by_its_name(core: Caller, transfer: dict[str, Any], bank: Bank) -> None:
    from dirisha.simulators.fineract.users import User, Users

    core.desk.users = Users(User(10, "gold.svc", PASSWORDS["gold.svc"], frozenset({"READ_CLIENT"})))
    before = bank.movements()
    for method, path, body, text in (
        ("GET", "/loans/3", None, "User has no authority to READ loans"),
        ("GET", "/savingsaccounts/3/transactions/search", None, "User has no authority to READ savingsaccounts"),
        ("GET", "/offices", None, "User has no authority to READ offices"),
        ("POST", "/accounttransfers", transfer, "User has no authority to: CREATE_ACCOUNTTRANSFER"),
        (
            "POST",
            "/savingsaccounts/3/transactions?command=deposit",
            transfer,
            "User has no authority to: DEPOSIT_SAVINGSACCOUNT",
        ),
    ):
        refused = core.call(method, path, body, user="gold.svc")
        assert refused.status_code == 403
        assert refused.json()["userMessageGlobalisationCode"] == "error.msg.not.authorized"
        assert refused.json()["errors"][0]["defaultUserMessage"] == text
    assert core.call("GET", f"/clients/{transfer['fromClientId']}", user="gold.svc").status_code == 200
    assert bank.movements() == before


def test_a_refusal_for_want_of_a_permission_is_not_stored(core: Caller, transfer: dict[str, Any]) -> None:
    from dirisha.simulators.fineract.users import SUPER_USER, User, Users

    without = User(10, "gold.svc", PASSWORDS["gold.svc"], frozenset({"READ_CLIENT"}))
    core.desk.users = Users(SUPER_USER, without)
    assert core.post("/accounttransfers", transfer, key="k", user="gold.svc").status_code == 403
    assert core.post("/accounttransfers", transfer, key="k").status_code == 200
