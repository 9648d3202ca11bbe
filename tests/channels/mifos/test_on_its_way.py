"""Money on its way at the Mifos door: told as a command under maker and checker is, and how it stands under its key."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bank import FarBank
from tests.channels import core_days
from tests.journeys.drivers.mifos import App, Outcome

PATH = "/accounttransfers"
KEY = "a-wish-of-today"


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the one for institutions with books of their own: clones of one template have the same hashes."""
    from dirisha.channels.mifos import remembered

    monkeypatch.setattr(remembered, "remembered", remembered.Remembered())


@pytest.fixture
def app(far_bank: FarBank) -> App:
    return App.of(far_bank, "trader")


def _wish(bank: FarBank, to: str = "savings", amount: float = 100) -> dict[str, Any]:
    trader = bank.someone("trader")
    office = bank.sql("select office from client where id = %s", trader.client)[0][0]
    target = trader.loans[0].id if to == "loan" else trader.savings[1].id
    return {
        "fromOfficeId": office, "fromClientId": trader.client, "fromAccountId": trader.savings[0].id,
        "fromAccountType": 2, "toOfficeId": office, "toClientId": trader.client, "toAccountId": target,
        "toAccountType": 1 if to == "loan" else 2, "transferAmount": amount, "transferDate": "24 November 2026",
        "transferDescription": "school", "locale": "en", "dateFormat": "dd MMMM yyyy",
    }  # fmt: skip


def test_what_the_core_books_at_once_has_its_resource_id(far_bank: FarBank, app: App) -> None:
    reply = app.post(PATH, _wish(far_bank))
    assert reply.status == 200
    assert reply.body.keys() == {"savingsId", "resourceId", "transactionId"}
    assert far_bank.instructions() == [(reply.body["transactionId"], "posted", None)]


@pytest.mark.parametrize("to", ["savings", "loan"])
def test_on_its_way_is_a_command_without_a_resource(far_bank: FarBank, app: App, to: str) -> None:
    before = far_bank.movements()
    core_days.closed_for_money(far_bank)
    reply = app.post(PATH, _wish(far_bank, to), Idempotency_Key=KEY)
    assert reply.status == 200
    body = reply.body
    assert body.keys() == {"savingsId", "commandId", "rollbackTransaction", "transactionId"}
    assert body["rollbackTransaction"] is True
    assert type(body["commandId"]) is int and 0 < body["commandId"] < 2**53
    assert body["savingsId"] == far_bank.someone("trader").savings[0].id
    assert far_bank.instructions() == [(body["transactionId"], "unknown", None)]
    assert far_bank.movements() == before


def test_the_same_key_tells_how_it_stands_then(far_bank: FarBank, app: App) -> None:
    before = far_bank.movements()
    core_days.closed_for_money(far_bank)
    first = app.post(PATH, _wish(far_bank), Idempotency_Key=KEY)
    again = app.post(PATH, _wish(far_bank), Idempotency_Key=KEY)
    assert again.body == first.body and again.headers["x-served-from-cache"] == "true"
    core_days.well_again(far_bank)
    ended = app.post(PATH, _wish(far_bank), Idempotency_Key=KEY)
    assert ended.status == 200 and ended.headers["x-served-from-cache"] == "true"
    assert ended.body == {
        "savingsId": first.body["savingsId"],
        # The number that the command had is the transfer's now: the app need not learn another.
        "resourceId": first.body["commandId"],
        "transactionId": first.body["transactionId"],
    }
    assert [minor for *_, minor in far_bank.movements()[len(before) :]] == [10000]


def test_refused_late_is_the_error_that_it_would_have_been(far_bank: FarBank, app: App) -> None:
    core_days.closed_for_money(far_bank)
    app.post(PATH, _wish(far_bank), Idempotency_Key=KEY)
    core_days.has_spent_all(far_bank, far_bank.someone("trader").savings[0])
    before = far_bank.movements()
    core_days.well_again(far_bank)
    reply = app.post(PATH, _wish(far_bank), Idempotency_Key=KEY)
    assert reply.status == 403 and reply.headers["x-served-from-cache"] == "true"
    assert reply.item["code"] == "account.not_enough_money"
    assert reply.codes == ["error.msg.savingsaccount.transaction.insufficient.account.balance"]
    assert "The account has KES 1.00" in reply.item["defaultUserMessage"].replace("\u00a0", " ")
    assert far_bank.movements() == before


def test_a_reason_that_we_have_no_code_for_is_told_with_reference_and_number(far_bank: FarBank, app: App) -> None:
    core_days.closed_for_money(far_bank)
    reference = app.post(PATH, _wish(far_bank), Idempotency_Key=KEY).body["transactionId"]
    core_days.is_a_day_behind(far_bank)
    core_days.well_again(far_bank)
    core_days.is_a_day_like_ours(far_bank)
    refused = Outcome.of(app.post(PATH, _wish(far_bank), Idempotency_Key=KEY))
    assert refused.code == "core.refused"
    assert refused.said == (
        "Your branch's system refused this. Nothing was moved. Ask your branch, or call "
        f"{far_bank.institution.help_number} and read out {reference}."
    )


def test_another_wish_under_the_key_of_one_on_its_way_is_a_conflict(far_bank: FarBank, app: App) -> None:
    core_days.closed_for_money(far_bank)
    app.post(PATH, _wish(far_bank), Idempotency_Key=KEY)
    assert app.post(PATH, _wish(far_bank, amount=101), Idempotency_Key=KEY).item["code"] == "command.conflict"
    assert len(far_bank.instructions()) == 1


def test_a_core_that_is_away_is_unavailable_and_what_ended_is_told_all_the_same(far_bank: FarBank, app: App) -> None:
    wish, other = _wish(far_bank), _wish(far_bank, amount=20)
    done = app.post(PATH, wish, Idempotency_Key=KEY)
    core_days.closed_for_money(far_bank)
    waiting = app.post(PATH, other, Idempotency_Key="another")
    core_days.away(far_bank)
    for reply in (app.post(PATH, wish), app.get("/clients"), app.get(f"{PATH}/template")):
        assert (reply.status, reply.item["code"]) == (503, "system.try_later")
        assert "Nothing was moved." in reply.item["defaultUserMessage"]
        assert int(reply.headers["Retry-After"]) > 0
    assert app.post(PATH, wish, Idempotency_Key=KEY).body == done.body
    assert app.post(PATH, other, Idempotency_Key="another").body == waiting.body
    assert [state for _, state, _ in far_bank.instructions()] == ["posted", "unknown"]


def test_lines_carry_the_cores_own_numbers(far_bank: FarBank, app: App) -> None:
    """Those of the cast's deposits have no reference of ours; the transfer has, and its `resourceId`."""
    first = far_bank.someone("trader").savings[0]
    sent = app.post(PATH, _wish(far_bank)).body
    lines = app.get(f"/savingsaccounts/{first.id}?associations=transactions").body["transactions"]
    assert len({line["id"] for line in lines}) == len(lines) > 1
    assert lines[0]["transfer"]["id"] == sent["resourceId"]
    assert lines[0]["note"] == sent["transactionId"]
    assert all("note" not in line and "transfer" not in line for line in lines[1:]), lines


def test_a_blocked_account_is_active_and_blocked_as_fineract_has_it_and_no_source(far_bank: FarBank, app: App) -> None:
    trader = far_bank.someone("trader")
    first = trader.savings[0]
    core_days.blocked(far_bank, first)
    shown = app.get(f"/savingsaccounts/{first.id}").body
    [listed] = [
        each for each in app.get(f"/clients/{trader.client}/accounts").body["savingsAccounts"] if each["id"] == first.id
    ]
    for account in (shown, listed):
        assert account["status"]["active"] is True
        assert account["subStatus"]["block"] is True and account["subStatus"]["none"] is False
    options = app.get(f"{PATH}/template").body
    assert first.id not in [each["accountId"] for each in options["fromAccountOptions"]]
