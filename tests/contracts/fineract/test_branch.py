"""What the branch decides at the core: accounts and clients in another state than a moment ago; fees; long histories."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.bank import Bank
from tests.contracts.fineract.conftest import Caller, standing
from tests.contracts.fineract.recorded import LATE, Stage, exchanges, read
from tests.contracts.fineract.recorded import RECORDINGS as RECORDED


def code(response: Any) -> str:
    return str(response.json()["errors"][0]["userMessageGlobalisationCode"])


def decide(core: Caller, **decided: Any) -> None:
    core.desk.branch = replace(core.desk.branch, **decided)


# --- states -----------------------------------------------------------------------------------------------------------


def test_a_blocked_account_refuses_as_recorded(bank: Bank) -> None:
    from dirisha.simulators.fineract.desk import Block

    with standing(bank, lambda: LATE) as core:
        stage = Stage(bank, core)
        account = stage.ids["savingsaccounts"][56]
        for block, number, flag in (
            (Block.DEBIT, 6, "blockDebit"),
            (Block.CREDIT, 10, "blockCredit"),
            (Block.ALL, 14, "block"),
        ):
            decide(core, blocked={account: block})
            (exchange,) = exchanges("savings-lives/block", number)
            before = bank.movements()
            refused = stage.play(exchange)
            assert (refused.status_code, code(refused)) == (
                exchange.response["status"],
                exchange.response["body"]["errors"][0]["userMessageGlobalisationCode"],
            )
            assert bank.movements() == before
            sub_status = core.get(f"/savingsaccounts/{account}")["subStatus"]
            assert sub_status in [
                step["picture"]["subStatus"] for step in read(RECORDED / "savings-lives/block.json")["steps"]
            ]
            assert sub_status[flag] is True


def test_a_closed_account_refuses_as_recorded(bank: Bank) -> None:
    with standing(bank, lambda: LATE) as core:
        stage = Stage(bank, core)
        stage.ids["savingsaccounts"][57] = account = stage.ids["savingsaccounts"][4]
        (exchange,) = (
            each
            for each in exchanges("savings-lives/close")
            if each.response["status"] == 400 and "deposit" in each.request["path"]
        )
        theirs = int(exchange.request["path"].split("/")[2])
        stage.ids["savingsaccounts"][theirs] = account
        decide(core, closed_savings=frozenset({account}))
        refused = stage.play(exchange)
        assert refused.status_code == 400
        assert code(refused) == exchange.response["body"]["errors"][0]["userMessageGlobalisationCode"]
        assert core.get(f"/savingsaccounts/{account}")["status"]["closed"] is True


def test_a_closed_client_moves_nothing(core: Caller, transfer: dict[str, Any], bank: Bank) -> None:
    client = transfer["fromClientId"]
    decide(core, closed_clients=frozenset({client}), phones={client: "+254700000999"})
    seen = core.get(f"/clients/{client}")
    assert (seen["status"]["code"], seen["active"], seen["mobileNo"]) == (
        "clientStatusType.closed",
        False,
        "+254700000999",
    )
    before = bank.movements()
    refused = core.post("/accounttransfers", transfer)
    assert (refused.status_code, code(refused)) == (403, "error.msg.client.not.active.exception")
    assert bank.movements() == before


@pytest.mark.parametrize("case", ["more than is left", "closed"])
def test_a_loan_is_never_overpaid_here(case: str, core: Caller, transfer: dict[str, Any], bank: Bank) -> None:
    """Where a Fineract would take it: the difference that the package's docstring names."""
    loan = bank.someone("trader").loans[0]
    to_loan = transfer | {"toAccountId": loan.id, "toAccountType": 1}
    if case == "closed":
        decide(core, closed_loans=frozenset({loan.id}))
        assert core.get(f"/loans/{loan.id}")["status"]["closedObligationsMet"] is True
    else:
        to_loan["transferAmount"] = float(loan.outstanding.plain()) + 0.01
    before = bank.movements()
    refused = core.post("/accounttransfers", to_loan)
    assert (refused.status_code, code(refused)) == (403, "error.msg.stand.in.keeps.no.overpaid.loans")
    assert bank.movements() == before


# --- money ------------------------------------------------------------------------------------------------------------


def test_a_repayment_is_the_same_transfer_at_both_ends(core: Caller, transfer: dict[str, Any], bank: Bank) -> None:
    """One withdrawal in the account, one repayment of the loan with its split, both under the answer's number."""
    loan = bank.someone("trader").loans[0]
    made = core.post(
        "/accounttransfers", transfer | {"toAccountId": loan.id, "toAccountType": 1, "transferAmount": 2500}
    ).json()
    source = core.get(f"/savingsaccounts/{transfer['fromAccountId']}/transactions/search?limit=1")["content"][0]
    repaid = core.get(f"/loans/{loan.id}?associations=transactions")["transactions"][-1]
    assert source["id"] == source["transfer"]["id"] == repaid["transfer"]["id"] == made["resourceId"]
    assert (
        source["transfer"]["transferDescription"] == repaid["transfer"]["transferDescription"] == "Dirisha R7K4-9M2P-XC"
    )
    assert source["amount"] == repaid["amount"] == repaid["principalPortion"] + repaid["interestPortion"] == 2500
    assert repaid["interestPortion"] > 0 and repaid["principalPortion"] > 0
    assert core.get(f"/loans/{loan.id}/transactions/{repaid['id']}") == repaid
    assert core.get(f"/savingsaccounts/{transfer['fromAccountId']}/transactions/{source['id']}") == source


def test_cash_paid_on_a_loan_comes_from_no_account(core: Caller, bank: Bank) -> None:
    from dirisha.ledger import verify

    loan = bank.someone("farmer").loans[0]
    made = core.post(
        f"/loans/{loan.id}/transactions?command=repayment",
        {
            "transactionDate": "24 November 2026",
            "transactionAmount": 1500,
            "locale": "en",
            "dateFormat": "dd MMMM yyyy",
        },
    ).json()
    paid = core.get(f"/loans/{loan.id}?associations=transactions")["transactions"][-1]
    assert paid["id"] == made["resourceId"]
    assert (paid["amount"], "paymentDetailData" in paid, "transfer" in paid) == (1500, True, False)
    assert core.get(f"/loans/{loan.id}")["summary"]["totalOutstanding"] == float(loan.outstanding.plain()) - 1500
    assert verify.findings() == []


def test_a_transfer_to_itself_goes_out_and_comes_back(core: Caller, transfer: dict[str, Any], bank: Bank) -> None:
    account = transfer["fromAccountId"]
    before = bank.balance(account)
    assert core.post("/accounttransfers", transfer | {"toAccountId": account}).status_code == 200
    back, out = core.get(f"/savingsaccounts/{account}/transactions/search?limit=2")["content"]
    assert (back["entryType"], out["entryType"]) == ("CREDIT", "DEBIT")
    assert back["transfer"] == out["transfer"]
    assert bank.balance(account) == before


def test_a_withdrawal_fee_is_taken_with_the_transfer(bank: Bank, transfer: dict[str, Any]) -> None:
    """As a transaction of its own, after the withdrawal; the account says so before."""
    bank.change(demo="demo", **{"demo = true": 'demo = true\n\n[fees]\n"transfers.own" = { console = "12.50" }'})
    account = transfer["fromAccountId"]
    from django.conf import settings

    institution = settings.DIRISHA_REGISTRY.by_slug(bank.institution.slug)
    assert institution is not None
    from dirisha.tenants.current import use

    with use(institution), standing(bank) as core:
        before = core.get(f"/savingsaccounts/{account}?associations=charges")
        assert before["withdrawalFeeForTransfers"] is True
        recorded = read(RECORDED / "savings-lives/transfer.json")["steps"][-1]["picture"]
        assert before["charges"][0].keys() == recorded["charges"][0].keys()
        assert before["charges"][0]["amount"] == 12.5
        core.post("/accounttransfers", transfer)
        fee, withdrawal = core.get(f"/savingsaccounts/{account}/transactions/search?limit=2")["content"]
        assert [line["transactionType"]["value"] for line in (fee, withdrawal)] == ["Withdrawal fee", "Withdrawal"]
        assert (fee["amount"], withdrawal["amount"], "transfer" in fee) == (12.5, 100, False)
        after = core.get(f"/savingsaccounts/{account}")["summary"]
        assert before["summary"]["accountBalance"] - after["accountBalance"] == 112.5
        assert after["totalWithdrawalFees"] == 12.5
        # The whole of it, or nothing.
        rest = Decimal(str(after["accountBalance"])) - 5
        refused = core.post("/accounttransfers", transfer | {"transferAmount": float(rest)})
        assert code(refused) == "error.msg.savingsaccount.transaction.insufficient.account.balance"


# --- long histories ---------------------------------------------------------------------------------------------------


def test_ten_thousand_transactions_are_paged_without_reading_them(
    core: Caller, transfer: dict[str, Any], bank: Bank
) -> None:
    """Every one of them on one page only, newest first; a page costs no more than its own lines and the count."""
    account = transfer["fromAccountId"]
    there = core.get(f"/savingsaccounts/{account}/transactions/search?limit=1")["total"]
    bank.sql(
        """with made as (
               insert into journal (id, kind, business_date, booked_at, command, reference)
               select gen_random_uuid(), 'savings.deposit', '2026-11-24', '2026-11-24 09:00+00', gen_random_uuid(), 'many ' || n
               from generate_series(1, 10000) n
               returning id, reference
           ), numbered as (
               select id, row_number() over (order by reference) as n from made
           )
           insert into movement (journal, seq, debit, credit, amount_minor, credit_line, credit_balance)
           select m.id, 1, 1, b.account, 100, b.lines + m.n, b.minor + 100 * m.n
           from numbered m, balance b where b.account = %s""",
        account,
    )
    bank.sql("update balance set lines = lines + 10000, minor = minor + 1000000 where account = %s", account)
    bank.sql("analyze movement, journal")
    seen: list[int] = []
    for offset in range(0, 10_000 + there + 3000, 3000):
        page = core.get(f"/savingsaccounts/{account}/transactions/search?limit=3000&offset={offset}")
        assert page["total"] == 10_000 + there
        seen += [line["id"] for line in page["content"]]
    assert len(seen) == len(set(seen)) == 10_000 + there
    assert seen == sorted(seen, reverse=True)

    started = time.monotonic()
    for _ in range(20):
        core.get(f"/savingsaccounts/{account}/transactions/search?fromDate=2026-01-01&toDate=2026-12-31&limit=20")
    assert (time.monotonic() - started) / 20 < 0.2
