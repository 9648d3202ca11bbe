"""Money through the Mifos door: what moves, what is refused with nothing moved, and what a repeated call does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.bank import NOW, Bank
from tests.journeys.drivers.mifos import App, MifosDoor
from tests.parallel import at_once

Wish = Callable[..., dict[str, Any]]
PATH = "/accounttransfers"


@contextmanager
def nothing_moves(bank: Bank) -> Iterator[None]:
    def books() -> list[Any]:
        return [
            bank.movements(),
            bank.sql("select account, minor, lines from balance order by account"),
            bank.sql("select count(*) from limit_use"),
            bank.sql("select count(*) from outbox where event in ('repaid', 'transferred')"),
        ]

    before = books()
    yield
    assert books() == before


def denials(bank: Bank) -> list[tuple[Any, ...]]:
    return bank.sql(
        "select act, outcome, code from audit_event where channel = 'mifos' and code is not null order by xid, id"
    )


def test_between_own_savings(bank: Bank, app: App, wish: Wish) -> None:
    first, second = bank.someone("trader").savings
    before = bank.movements()
    reply = app.post(PATH, wish(transferAmount="1,000.25"))
    assert reply.status == 200
    assert bank.movements()[len(before) :] == [(first.id, second.id, 100025)]
    assert reply.body["savingsId"] == first.id
    assert 0 < reply.body["resourceId"] < 2**53
    newest = app.get(f"/savingsaccounts/{first.id}?associations=transactions").body["transactions"][0]
    assert newest["transfer"]["id"] == reply.body["resourceId"]
    assert newest["note"] == reply.body["transactionId"]
    assert newest["amount"] == Decimal("1000.25")


def test_to_an_own_loan(bank: Bank, app: App, wish: Wish) -> None:
    trader = bank.someone("trader")
    before = bank.movements()
    reply = app.post(PATH, wish("loan", transferAmount=1000))
    assert reply.status == 200
    moved = bank.movements()[len(before) :]
    assert sum(minor for _, _, minor in moved) == 100000
    assert {debit for debit, _, _ in moved} == {trader.savings[0].id}
    line = app.get(f"/loans/{trader.loans[0].id}?associations=transactions").body["transactions"][-1]
    assert line["externalId"] == reply.body["transactionId"]
    assert line["principalPortion"] + line["interestPortion"] == line["amount"] == Decimal("1000.00")


def test_the_verbs_of_the_driver(bank: Bank) -> None:
    trader, door = bank.someone("trader"), MifosDoor(bank)
    assert door.log_in(trader).status == 200
    repaid = door.repay(trader.loans[0], trader.savings[0], "250.50")
    moved = door.move(*trader.savings, "10")
    assert repaid.reference and moved.reference
    assert door.reads_back(repaid.reference) and door.reads_back(moved.reference)
    assert not door.reads_back("AAAA-AAAA-AA")
    assert door.move(*trader.savings, "30001").code == "limit.transaction"


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_refusals_of_the_acts_reach_the_app(bank: Bank, app: App, wish: Wish) -> None:
    """Each once: status, Fineract's code where it has one, our own code, words with what is possible; all audited."""
    newcomer = bank.someone("newcomer")
    cases: list[tuple[dict[str, Any], int, str, str, str]] = [
        (wish(transferAmount=19000, **_turned(wish)), 403,
         "error.msg.savingsaccount.transaction.insufficient.account.balance", "account.not_enough_money", "6,200.00"),
        (wish("loan", transferAmount=19000, fromAccountId=wish()["toAccountId"]), 403,
         "error.msg.savingsaccount.transaction.insufficient.account.balance", "account.not_enough_money", "6,200.00"),
        (wish(toAccountId=wish()["fromAccountId"]), 400,
         "validation.msg.accounttransfer.null.same.from.to.account.details", "transfer.same_account", "same"),
        (wish(transferAmount=20000), 403, "proof.not_on_this_channel", "proof.not_on_this_channel", "20,000.00"),
        (wish(transferAmount=30001), 403, "limit.transaction", "limit.transaction", "30,000.00"),
        (wish(fromAccountId=newcomer.savings[0].id), 400,
         "validation.msg.accounttransfer.null.invalid.from.account.details", "object.not_found", "yours"),
        (wish(toAccountId=newcomer.savings[0].id), 400,
         "validation.msg.accounttransfer.null.invalid.to.account.details", "object.not_found", "yours"),
        (wish("loan", toAccountId=bank.someone("farmer").loans[0].id), 400,
         "validation.msg.accounttransfer.null.invalid.to.account.details", "object.not_found", "yours"),
    ]  # fmt: skip
    with nothing_moves(bank):
        for body, status, code, ours, words in cases:
            before = denials(bank)
            reply = app.post(PATH, body)
            assert (reply.status, reply.codes, reply.item["code"]) == (status, [code], ours), reply.text
            assert words in reply.item["defaultUserMessage"]
            assert "Nothing was moved." in reply.item["defaultUserMessage"]
            assert [row[2] for row in denials(bank)[len(before) :]] == [ours], body


def test_more_than_is_owed_is_refused(bank: Bank, app: App, wish: Wish) -> None:
    farmer = App.of(bank, "farmer")
    someone = bank.someone("farmer")
    owed = sum(i.outstanding_minor for i in someone.loans[0].installments)
    body = wish(
        "loan", fromClientId=someone.client, toClientId=someone.client, fromAccountId=someone.savings[0].id,
        toAccountId=someone.loans[0].id, transferAmount=f"{Decimal(owed + 1) / 100:.2f}",
    )  # fmt: skip
    with nothing_moves(bank):
        reply = farmer.post(PATH, body)
    assert (reply.status, reply.codes) == (403, ["loan.more_than_outstanding"])
    assert "Hakuna pesa iliyohamishwa." in reply.item["defaultUserMessage"]


def test_accounts_that_are_closed_take_no_part(bank: Bank, app: App, wish: Wish) -> None:
    trader = bank.someone("trader")
    bank.sql("update savings set status = 'closed' where id = %s", trader.savings[1].id)
    bank.sql("update loan set status = 'closed', closed_on = disbursed_on where id = %s", trader.loans[0].id)
    with nothing_moves(bank):
        replies = [app.post(PATH, wish()), app.post(PATH, wish("loan"))]
    assert [reply.codes for reply in replies] == [
        ["error.msg.savingsaccount.transaction.account.is.not.active"],
        ["error.msg.loan.must.be.active.fully.paid.or.overpaid"],
    ]
    targets = app.get("/accounttransfers/template").body["toAccountOptions"]
    assert [option["accountId"] for option in targets] == [trader.savings[0].id]


def test_the_daily_limit_holds_over_both_kinds(bank: Bank, app: App, wish: Wish) -> None:
    bank.change(**{'"30000", day = "60000"': '"30000", day = "1000"'})
    assert app.post(PATH, wish("loan", transferAmount=600)).status == 200
    with nothing_moves(bank):
        reply = app.post(PATH, wish(transferAmount="400.01"))
    assert (reply.status, reply.item["code"]) == (403, "limit.day")
    assert "400.00" in reply.item["defaultUserMessage"]


def test_the_tuple_must_fit_the_account(bank: Bank, app: App, wish: Wish) -> None:
    """Own accounts with another's client or office beside them, an account of the other kind, third parties."""
    other = bank.someone("newcomer").client
    good = wish()
    sides = {
        "from": [{"fromClientId": other}, {"fromOfficeId": 2}, {"fromAccountId": wish("loan")["toAccountId"]}],
        "to": [{"toClientId": other}, {"toOfficeId": 2}, {"toAccountType": 1}],
    }
    with nothing_moves(bank):
        for side, changes in sides.items():
            for change in changes:
                reply = app.post(PATH, good | change)
                code = f"validation.msg.accounttransfer.null.invalid.{side}.account.details"
                assert (reply.status, reply.codes) == (400, [code]), change
        third = app.post(f"{PATH}?type=tpt", good)
        assert third.codes == ["validation.msg.accounttransfer.null.invalid.to.account.details"]
    assert app.get("/accounttransfers/template?type=tpt").body["toAccountOptions"] == []
    assert app.post(f'{PATH}?type="tpt"', good).status == 200  # with quotes it is another word: an app sends it so


def test_nothing_is_moved_out_of_a_loan(bank: Bank, app: App, wish: Wish) -> None:
    loan = wish("loan")["toAccountId"]
    foreign = bank.someone("farmer").loans[0].id
    with nothing_moves(bank):
        out = app.post(PATH, wish(fromAccountType=1, fromAccountId=loan))
        between = app.post(PATH, wish("loan", fromAccountType=1, fromAccountId=loan))
        not_mine = app.post(PATH, wish(fromAccountType=1, fromAccountId=foreign))
    assert (out.status, out.codes) == (403, ["error.msg.loan.transaction.is.not.a.overpaid.loan"])
    assert between.codes == ["validation.msg.accounttransfer.null.loan.to.loan.transfer.not.allowed"]
    assert not_mine.codes == ["validation.msg.accounttransfer.null.invalid.from.account.details"]


# --- bad input --------------------------------------------------------------------------------------------------------

AMOUNT, DATE = "validation.msg.accounttransfer.transferAmount", "validation.msg.invalid.dateFormat.format"
BLANK, ZERO = "cannot.be.blank", "not.greater.than.zero"

BAD: list[tuple[dict[str, Any], str]] = [
    ({"transferAmount": 0}, f"{AMOUNT}.{ZERO}"),
    ({"transferAmount": -5}, f"{AMOUNT}.{ZERO}"),
    ({"transferAmount": "-5"}, f"{AMOUNT}.{ZERO}"),
    ({"transferAmount": "0.00"}, f"{AMOUNT}.{ZERO}"),
    ({"transferAmount": "10.001"}, f"{AMOUNT}.scale.is.greater.than.currency"),
    ({"transferAmount": 10**17}, f"{AMOUNT}.is.greater.than.max"),
    ({"transferAmount": 10**60}, "validation.msg.invalid.decimal.format"),
    ({"transferAmount": "12,00"}, "validation.msg.invalid.decimal.format"),
    ({"transferAmount": "1.000,25"}, "validation.msg.invalid.decimal.format"),
    ({"transferAmount": "ten"}, "validation.msg.invalid.decimal.format"),
    ({"transferAmount": "1e3"}, "validation.msg.invalid.decimal.format"),
    ({"transferAmount": "NaN"}, "validation.msg.invalid.decimal.format"),
    ({"transferAmount": "\u0661\u0660"}, "validation.msg.invalid.decimal.format"),
    ({"transferAmount": True}, "validation.msg.invalid.decimal.format"),
    ({"transferAmount": [100]}, "validation.msg.invalid.decimal.format"),
    ({"transferAmount": {"a": 1}}, "validation.msg.invalid.decimal.format"),
    ({"transferAmount": None}, f"{AMOUNT}.{BLANK}"),
    ({"transferAmount": " "}, f"{AMOUNT}.{BLANK}"),
    ({"transferAmount": "100", "locale": ...}, "validation.msg.missing.locale.parameter"),
    ({"transferDate": "2026-11-24"}, DATE),
    ({"transferDate": "31 February 2026"}, DATE),
    ({"transferDate": "24 Novembre 2026"}, DATE),
    ({"transferDate": 20261124}, DATE),
    ({"transferDate": "24 November 2026 and more"}, DATE),
    ({"transferDate": "24 November 2026", "dateFormat": "%d %B %Y"}, DATE),
    ({"transferDate": "24 November 2026", "dateFormat": "dd MMMM"}, DATE),
    ({"transferDate": "24 November 2026", "dateFormat": "d" * 5000}, DATE),
    ({"transferDate": [2026, 11, 24]}, "validation.msg.accounttransfer.transferDate.cannot.be.blank"),
    ({"transferDate": ...}, "validation.msg.accounttransfer.transferDate.cannot.be.blank"),
    ({"dateFormat": ...}, "validation.msg.missing.dateFormat.parameter"),
    ({"locale": ...}, "validation.msg.missing.locale.parameter"),
    ({"locale": "tlh_XX"}, "validation.msg.invalid.locale.format"),
    ({"locale": "English"}, "validation.msg.invalid.locale.format"),
    ({"locale": 7}, "validation.msg.invalid.locale.format"),
    ({"transferDate": "25 November 2026"}, "error.msg.savingsaccount.transaction.in.the.future"),
    ({"transferDate": "23 November 2026"}, "validation.msg.accounttransfer.transferDate.is.not.today"),
    ({"transferDescription": ...}, "validation.msg.accounttransfer.transferDescription.cannot.be.blank"),
    ({"transferDescription": "x" * 201}, "validation.msg.accounttransfer.transferDescription.exceeds.max.length"),
    ({"transferDescription": 12}, "validation.msg.accounttransfer.transferDescription.format.is.invalid"),
    ({"fromAccountId": ...}, "validation.msg.accounttransfer.fromAccountId.cannot.be.blank"),
    ({"fromAccountId": 0}, "validation.msg.accounttransfer.fromAccountId.not.greater.than.zero"),
    ({"fromAccountId": -1}, "validation.msg.accounttransfer.fromAccountId.not.greater.than.zero"),
    ({"fromAccountId": "abc"}, "validation.msg.invalid.integer"),
    ({"fromAccountId": True}, "validation.msg.invalid.integer"),
    ({"fromAccountId": 2**64}, "validation.msg.invalid.integer"),
    ({"fromAccountId": 10**100}, "validation.msg.invalid.integer"),
    ({"fromAccountType": 3}, "validation.msg.accounttransfer.fromAccountType.is.not.one.of.expected.enumerations"),
    ({"fromAccountType": "savings"}, "validation.msg.accounttransfer.fromAccountType.is.not.one.of.expected.enumerations"),
    ({"toClientId": {}}, "validation.msg.invalid.integer"),
    ({"foo": 1}, "error.msg.parameter.unsupported"),
]  # fmt: skip


def test_bad_members_are_named_and_move_nothing(bank: Bank, app: App, wish: Wish) -> None:
    with nothing_moves(bank):
        for change, code in BAD:
            reply = app.post(PATH, wish(**change))
            assert (reply.status, reply.codes) == (400, [code]), (change, reply.text)
            assert reply.body["userMessageGlobalisationCode"] == "validation.msg.validation.errors.exist"
            assert reply.item["code"] == "input.bad"
            assert reply.item["parameterName"]
    assert denials(bank) == []


def test_numbers_that_only_text_can_carry(bank: Bank, app: App, wish: Wish) -> None:
    """What Python's JSON writer would not write: fractions by their digits, huge exponents, things that are no JSON."""
    import json

    def with_amount(text: str) -> str:
        return json.dumps(wish(transferAmount="#")).replace('"#"', text)

    decimal, body = "validation.msg.invalid.decimal.format", "error.msg.invalid.request.body"
    expected = {
        "1e400": f"{AMOUNT}.is.greater.than.max", "1e999999999999999999999": decimal, "-1e400": f"{AMOUNT}.{ZERO}",
        "1e-400": f"{AMOUNT}.scale.is.greater.than.currency", "0.1" + "0" * 60: decimal,
        "0.01000000000000000000000000000000001": f"{AMOUNT}.scale.is.greater.than.currency",
        "NaN": body, "Infinity": body, "-Infinity": body, "1_000": body, "01": body, "0x10": body, "": body,
    }  # fmt: skip
    with nothing_moves(bank):
        for text, code in expected.items():
            reply = app.post(PATH, with_amount(text))
            assert (reply.status, reply.codes) == (400, [code]), text
    for text, minor in (("25.10", 2510), ("1e2", 10000), ("0.010", 1), ("7.0", 700)):
        before = bank.movements()
        assert app.post(PATH, with_amount(text)).status == 200, text
        assert [m[2] for m in bank.movements()[len(before) :]] == [minor]


def test_bodies_that_are_no_object(bank: Bank, app: App, wish: Wish) -> None:
    import json

    twice = json.dumps(wish())[:-1] + ', "transferAmount": 1}'
    bodies: list[Any] = ["", "[]", "1", "null", '"x"', "{", '{"a":', twice, b"\xff\xfe", "{" * 5000, "[" * 200_000]
    with nothing_moves(bank):
        for body in bodies:
            reply = app.post(PATH, body)
            assert (reply.status, reply.codes) == (400, ["error.msg.invalid.request.body"]), str(body)[:60]
        assert app.post(PATH, b" " * 10_000_000).status == 413


def test_all_that_is_missing_is_told_at_once(app: App) -> None:
    reply = app.post(PATH, {"locale": "en", "dateFormat": "dd MMMM yyyy"})
    assert [item["parameterName"] for item in reply.body["errors"]] == [
        "fromOfficeId", "fromClientId", "fromAccountId", "fromAccountType", "toOfficeId", "toClientId", "toAccountId",
        "toAccountType", "transferDate", "transferAmount", "transferDescription",
    ]  # fmt: skip


def test_what_the_published_apps_send_is_understood(bank: Bank, app: App, wish: Wish) -> None:
    for change in (
        {"transferAmount": "1"},
        {"transferAmount": 1.0, "locale": "en_GB", "transferDate": "24 Nov 2026"},
        {"fromClientId": str(wish()["fromClientId"]), "fromAccountType": "2"},
        {"transferAmount": "1.000,50", "locale": "de", "transferDate": "24 november 2026"},
        {"transferDate": "24/11/2026", "dateFormat": "dd/MM/yyyy"},
        {"transferDate": "2026-11-24", "dateFormat": "yyyy-MM-dd"},
        {"transferDate": "24 November 2026 10:00:00"},
        {"transferDate": "24 Novemba 2026", "locale": "sw"},
    ):
        assert app.post(PATH, wish(**change)).status == 200, change


# --- repeated calls ---------------------------------------------------------------------------------------------------


@pytest.mark.security("M-01")
def test_the_same_key_is_the_same_transfer(bank: Bank, app: App, wish: Wish) -> None:
    for to in ("savings", "loan"):
        before = bank.movements()
        first = app.post(PATH, wish(to), Idempotency_Key=f"k-{to}")
        moved = bank.movements()[len(before) :]
        again = app.post(PATH, wish(to), Idempotency_Key=f"k-{to}")
        assert (first.status, again.status) == (200, 200)
        assert first.body == again.body
        assert "x-served-from-cache" not in first.headers
        assert again.headers["x-served-from-cache"] == "true"
        assert bank.movements()[len(before) :] == moved != []


@pytest.mark.security("M-01")
def test_the_same_key_for_another_wish_is_a_conflict(bank: Bank, app: App, wish: Wish) -> None:
    """Another amount, another account, another kind of target: none of them moves anything."""
    assert app.post(PATH, wish(), Idempotency_Key="k").status == 200
    others = [wish(transferAmount=99), wish("loan"), wish(**_turned(wish))]
    with nothing_moves(bank):
        replies = [app.post(PATH, other, Idempotency_Key="k") for other in others]
    assert [(reply.status, reply.item["code"]) for reply in replies] == [(409, "command.conflict")] * 3


def _turned(wish: Wish) -> dict[str, Any]:
    good = wish()
    return {"fromAccountId": good["toAccountId"], "toAccountId": good["fromAccountId"]}


@pytest.mark.security("M-01")
def test_a_refusal_stays_under_its_key(bank: Bank, app: App, wish: Wish) -> None:
    poor = wish(transferAmount=19000, **_turned(wish))
    first = app.post(PATH, poor, Idempotency_Key="k")
    assert first.item["code"] == "account.not_enough_money"
    assert app.post(PATH, wish(transferAmount=15000)).status == 200
    with nothing_moves(bank):
        again = app.post(PATH, poor, Idempotency_Key="k")
    assert again.headers["x-served-from-cache"] == "true"
    assert again.body["errors"] == first.body["errors"]
    assert app.post(PATH, poor, Idempotency_Key="another").status == 200


@pytest.mark.security("M-01")
def test_a_repetition_after_midnight_is_told_what_came_of_it(bank: Bank, app: App, wish: Wish) -> None:
    first = app.post(PATH, wish(), Idempotency_Key="k")
    app.at = NOW + timedelta(hours=20)
    with nothing_moves(bank):
        again = app.post(PATH, wish(), Idempotency_Key="k")
        assert (again.status, again.body) == (200, first.body)
        assert app.post(PATH, wish(transferAmount=99), Idempotency_Key="k").status == 409
        assert app.post(PATH, wish(), Idempotency_Key="another").item["code"] == "input.bad"


def test_a_repayment_that_closed_the_loan_is_still_told(bank: Bank, app: App, wish: Wish) -> None:
    trader = bank.someone("trader")
    bank.change(**{'mifos_refused_from = "20000"': 'mifos_refused_from = "90000"'})
    owed = sum(i.outstanding_minor for i in trader.loans[0].installments)
    body = wish("loan", transferAmount=f"{Decimal(owed) / 100:.2f}")
    first = app.post(PATH, body, Idempotency_Key="k")
    assert first.status == 200, first.text
    loan = app.get(f"/loans/{trader.loans[0].id}").body
    assert (loan["status"]["id"], loan["status"]["closedObligationsMet"]) == (600, True)
    assert app.post(PATH, body, Idempotency_Key="k").body == first.body


@pytest.mark.security("M-01")
def test_a_key_belongs_to_its_user(bank: Bank, app: App, wish: Wish) -> None:
    someone = bank.someone("farmer")
    body = wish("loan", fromClientId=someone.client, toClientId=someone.client, fromAccountId=someone.savings[0].id,
                toAccountId=someone.loans[0].id)  # fmt: skip
    first = app.post(PATH, wish(), Idempotency_Key="k")
    other = App.of(bank, "farmer").post(PATH, body, Idempotency_Key="k")
    assert (first.status, other.status) == (200, 200)
    assert "x-served-from-cache" not in other.headers


@pytest.mark.security("M-01")
def test_of_many_at_once_under_one_key_one_moves(bank: Bank, app: App, wish: Wish) -> None:
    assert app.get("/clients").status == 200
    before = bank.movements()
    replies: list[Any] = at_once([lambda: app.post(PATH, wish(), Idempotency_Key="k")] * 8)
    assert {reply.status for reply in replies} <= {200, 425}
    assert len({reply.text for reply in replies if reply.status == 200}) == 1
    assert len(bank.movements()) - len(before) == 1


def test_while_the_first_is_under_way_the_second_is_told_so(bank: Bank, app: App, wish: Wish) -> None:
    """The first holds its claim in another session for as long as the block lasts."""
    from dirisha.engine.commands import Key

    lock = Key(f"user:{bank.someone('trader').user}", "transfers.own", "k").lock
    with psycopg.connect(bank.house.cluster.admin, dbname=bank.institution.database) as first:
        first.execute("select pg_advisory_xact_lock(%s)", [lock])
        with nothing_moves(bank):
            reply = app.post(PATH, wish(), Idempotency_Key="k")
            old = app.post(PATH, wish(transferDate="23 November 2026"), Idempotency_Key="k")
    assert [(r.status, r.item["code"]) for r in (reply, old)] == [(425, "command.in_progress")] * 2
    assert app.post(PATH, wish(), Idempotency_Key="k").status == 200


def test_keys_that_are_no_keys(bank: Bank, app: App, wish: Wish) -> None:
    with nothing_moves(bank):
        for key, status in (("k" * 51, 403), ("", 400), (" ", 400), ("\u00e9", 400)):
            reply = app.post(PATH, wish(), Idempotency_Key=key)
            assert (reply.status, reply.item["parameterName"]) == (status, "Idempotency-Key"), key
    assert app.post(PATH, wish(), Idempotency_Key="k" * 50).status == 200


def test_without_a_key_each_call_is_a_wish_of_its_own(bank: Bank, app: App, wish: Wish) -> None:
    before = bank.movements()
    first, second = app.post(PATH, wish()), app.post(PATH, wish())
    assert first.body["resourceId"] != second.body["resourceId"]
    assert len(bank.movements()) - len(before) == 2


def test_a_day_is_the_institutions_and_not_the_servers(bank: Bank, app: App, wish: Wish) -> None:
    """At 21:30 in London it is tomorrow in Nairobi."""
    app.at = datetime.fromisoformat("2026-11-24T21:30:00+00:00")
    with nothing_moves(bank):
        assert app.post(PATH, wish()).codes == ["validation.msg.accounttransfer.transferDate.is.not.today"]
    assert app.post(PATH, wish(transferDate="25 November 2026")).status == 200


@pytest.mark.security("P-03")
def test_whatever_refuses_a_transfer_says_that_nothing_moved_whom_to_call_and_its_reference(
    bank: Bank, app: App, wish: Wish
) -> None:
    """Before the act as well: fields, keys, forms of bodies, the login. One thing that is wrong is also said on top."""
    stranger = App(login=app.login, password="wrong-one")
    one = [
        *(app.post(PATH, wish(transferAmount=amount)) for amount in (-1, 0, "0.001", "x", 10**20)),
        app.post(PATH, wish(transferDate="23 November 2026")),
        app.post(PATH, wish(unknown=1)),
        app.post(PATH, wish(), Idempotency_Key=" "),
        app.post(PATH, wish(fromAccountId=999_999)),
        app.post(PATH, wish(transferAmount=30001)),
        app.post(PATH, "{"),
        app.post(PATH, "x" * 10_000_000),
        App().post(PATH, wish()),
        stranger.post(PATH, wish()),
    ]
    several = app.post(PATH, {})
    before = bank.movements()
    for reply in [*one, several]:
        assert reply.status >= 400
        for said in (reply.body["defaultUserMessage"], *(item["defaultUserMessage"] for item in reply.body["errors"])):
            assert "Nothing was moved." in said, reply.text
            assert said.count("Nothing was moved.") == said.count("+254 20 123 4567") == 1, reply.text
        assert reply.body["reference"]
    for reply in one:
        assert reply.body["defaultUserMessage"] == reply.item["defaultUserMessage"]
    assert len(several.body["errors"]) > 1
    assert several.body["defaultUserMessage"].startswith("Something in the request is not right; see what is listed.")
    assert bank.movements() == before
