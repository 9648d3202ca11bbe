"""What the apps read, against the facts of the books."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.bank import NOW, Bank
from tests.journeys.drivers.mifos import App


def amount(minor: int) -> Decimal:
    return Decimal(minor) / 100


def test_clients_and_their_query(bank: Bank, app: App) -> None:
    page = app.get("/clients").body
    assert (page["totalFilteredRecords"], len(page["pageItems"])) == (1, 1)
    assert page["pageItems"][0]["displayName"] == "Amina Wanjiru"
    assert page["pageItems"][0]["activationDate"] == [2026, 4, 4]
    finds = {
        "displayName=min": 1, "displayName=juma": 0, "firstName=Am%25": 1, "firstName=min": 0, "lastName=_anjiru": 1,
        "status=active": 1, "status=closed": 0, "offset=1": 0, "limit=1": 1, "orderBy=displayName&sortOrder=DESC": 1,
    }  # fmt: skip
    assert {query: len(app.get(f"/clients?{query}").body["pageItems"]) for query in finds} == finds
    for query in ("status=nonsense", "orderBy=nonsense", "sortOrder=up", "limit=abc", "offset=-1", "fields=id,bogus"):
        assert app.get(f"/clients?{query}").status == 400, query


def test_fields_choose_members(bank: Bank, app: App) -> None:
    trader = bank.someone("trader")
    client, loan, savings = trader.client, trader.loans[0].id, trader.savings[0].id
    assert list(app.get("/clients?fields=id,accountNo").body["pageItems"][0]) == ["id", "accountNo"]
    assert list(app.get(f"/clients/{client}?fields=id,displayName").body) == ["id", "displayName"]
    assert list(app.get(f"/clients/{client}/accounts?fields=savingsAccounts").body) == ["savingsAccounts"]
    assert list(app.get(f"/loans/{loan}?fields=id,status,summary").body) == ["id", "status", "summary"]
    assert app.get(f"/loans/{loan}?fields=status").body["status"]["id"] == 300
    assert list(app.get(f"/savingsaccounts/{savings}?fields=id,transactions").body) == ["id"]
    bogus = app.get(f"/savingsaccounts/{savings}?fields=bogus,worse")
    assert (bogus.status, bogus.codes) == (400, ["error.msg.parameter.unsupported"] * 2)


def test_the_overview_agrees_with_the_books(bank: Bank, app: App) -> None:
    trader = bank.someone("trader")
    body = app.get(f"/clients/{trader.client}/accounts").body
    assert {a["id"]: a["accountBalance"] for a in body["savingsAccounts"]} == {
        s.id: amount(bank.balance(s.id)) for s in trader.savings
    }
    (item,) = body["loanAccounts"]
    left = sum(i.outstanding_minor for i in trader.loans[0].installments)
    assert (item["loanBalance"], item["originalLoan"], item["inArrears"]) == (amount(left), Decimal("48000.00"), False)
    assert body["shareAccounts"] == []
    newcomer = App.of(bank, "newcomer")
    assert newcomer.get(f"/clients/{bank.someone('newcomer').client}/accounts").body["loanAccounts"] == []


def test_a_savings_account_with_its_transactions(bank: Bank, app: App) -> None:
    first = bank.someone("trader").savings[0]
    body = app.get(f"/savingsaccounts/{first.id}?associations=transactions,charges").body
    lines = body["transactions"]
    assert [line["id"] for line in lines] == sorted((line["id"] for line in lines), reverse=True)
    assert lines[0]["runningBalance"] == body["summary"]["accountBalance"] == amount(bank.balance(first.id))
    total = sum(line["amount"] if line["entryType"] == "CREDIT" else -line["amount"] for line in lines)
    assert total == body["summary"]["accountBalance"]
    summary = body["summary"]
    assert summary["totalDeposits"] - summary["totalWithdrawals"] == summary["accountBalance"]
    assert body["lastActiveTransactionDate"] == lines[0]["date"]
    assert body["charges"] == []
    assert lines[0]["transactionType"]["withdrawal"] is True
    assert lines[-1]["transactionType"]["deposit"] is True
    assert "transactions" not in app.get(f"/savingsaccounts/{first.id}").body


def test_a_loan_with_its_schedule(bank: Bank, app: App) -> None:
    loan = bank.someone("trader").loans[0]
    body = app.get(f"/loans/{loan.id}?associations=repaymentSchedule,transactions").body
    first, *periods = body["repaymentSchedule"]["periods"]
    assert first["principalDisbursed"] == Decimal("48000.00")
    assert len(periods) == 12
    for period, installment in zip(periods, loan.installments, strict=True):
        assert period["dueDate"] == [installment.due_date.year, installment.due_date.month, installment.due_date.day]
        assert period["principalDue"] == amount(installment.due.principal)
        assert period["interestDue"] == amount(installment.due.interest)
        assert period["totalOutstandingForPeriod"] == amount(installment.outstanding_minor)
        assert period["complete"] is installment.is_met
        assert ("totalOverdue" in period) is (installment.due_date < NOW.date())
    assert periods[-1]["principalLoanBalanceOutstanding"] == 0
    summary = body["summary"]
    assert summary["totalExpectedRepayment"] == summary["totalRepayment"] + summary["totalOutstanding"]
    assert sum(p["totalDueForPeriod"] for p in periods) == summary["totalExpectedRepayment"]
    types = [line["type"]["code"] for line in body["transactions"]]
    assert types == ["loanTransactionType.disbursement"] + ["loanTransactionType.repayment"] * 6
    assert sum(line["amount"] for line in body["transactions"][1:]) == summary["totalRepayment"]
    assert body["delinquent"]["nextPaymentDueDate"] == [2026, 11, 24]
    assert body["delinquent"]["pastDueDays"] == 0


def test_a_late_loan_says_since_when(bank: Bank) -> None:
    farmer = App.of(bank, "farmer")
    body = farmer.get(f"/loans/{bank.someone('farmer').loans[0].id}?associations=repaymentSchedule").body
    since = (NOW - timedelta(days=12)).date()
    assert body["inArrears"] is True
    assert body["summary"]["overdueSinceDate"] == [since.year, since.month, since.day]
    assert body["delinquent"]["pastDueDays"] == body["delinquent"]["delinquentDays"] == 12
    assert body["summary"]["totalOverdue"] == body["delinquent"]["delinquentAmount"] > 0
    late = [p for p in body["repaymentSchedule"]["periods"] if p.get("totalOverdue")]
    assert [p["totalOverdue"] for p in late] == [body["summary"]["totalOverdue"]]


def test_paid_early_and_late_is_shown(bank: Bank) -> None:
    """The farmer pays the late installment and more: what was late is late, what is ahead is ahead."""
    someone, farmer = bank.someone("farmer"), App.of(bank, "farmer")
    loan = someone.loans[0]
    late = next(i for i in loan.installments if not i.is_met).outstanding_minor
    office = bank.sql("select office from client where id = %s", someone.client)[0][0]
    body = {
        "fromOfficeId": office, "fromClientId": someone.client, "fromAccountId": someone.savings[0].id,
        "fromAccountType": 2, "toOfficeId": office, "toClientId": someone.client, "toAccountId": loan.id,
        "toAccountType": 1, "transferAmount": str(amount(late + 5000)), "transferDate": "24 November 2026",
        "transferDescription": "late", "locale": "en", "dateFormat": "dd MMMM yyyy",
    }  # fmt: skip
    assert farmer.post("/accounttransfers", body).status == 200
    read = farmer.get(f"/loans/{loan.id}?associations=repaymentSchedule").body
    schedule = read["repaymentSchedule"]
    assert (schedule["totalPaidLate"], schedule["totalPaidInAdvance"]) == (amount(late), Decimal("50.00"))
    assert read["paidInAdvance"] == {"paidInAdvance": Decimal("50.00")}
    assert read["inArrears"] is False
    assert "overdueSinceDate" not in read["summary"]


def test_associations_are_a_list_of_what_there_is(bank: Bank, app: App) -> None:
    trader = bank.someone("trader")
    loan, savings = f"/loans/{trader.loans[0].id}", f"/savingsaccounts/{trader.savings[0].id}"
    assert {"repaymentSchedule", "transactions", "charges", "guarantors"} <= app.get(
        f"{loan}?associations=all"
    ).body.keys()
    assert "transactions" in app.get(f"{savings}?associations=all").body
    for query in ("associations=bogus", "associations=notes,transactions", "exclude=guarantors", "template=true"):
        for path in (loan, savings):
            reply = app.get(f"{path}?{query}")
            assert (reply.status, reply.codes) == (400, ["error.msg.parameter.unsupported"]), (path, query)
    assert app.get(f"{savings}?chargeStatus=bogus").status == 400
    assert app.get(f"/clients/{trader.client}?template=true").status == 400


@pytest.mark.security("A-01")
def test_another_persons_things_look_like_nothing(bank: Bank, app: App) -> None:
    farmer = bank.someone("farmer")
    cases = {
        "/clients/{}": (farmer.client, "client"), "/clients/{}/accounts": (farmer.client, "client"),
        "/loans/{}": (farmer.loans[0].id, "loan"), "/savingsaccounts/{}": (farmer.savings[0].id, "saving.account"),
    }  # fmt: skip
    for path, (foreign, kind) in cases.items():
        answers = []
        for identifier in (foreign, 987654321987654321, 0, -1):
            reply = app.get(path.format(identifier) + "?associations=transactions")
            assert (reply.status, reply.codes) == (404, [f"error.msg.{kind}.id.invalid"]), (path, identifier)
            assert reply.item["args"] == [{"value": identifier}]
            said = reply.item["defaultUserMessage"].replace(f" {identifier} ", " # ")
            answers.append((said, sorted(reply.body), sorted(reply.item), sorted(reply.headers)))
        assert answers == answers[:1] * 4
    for path in ("/clients/abc", "/loans/9999999999999999999999", "/loans/1e3", "/savingsaccounts"):
        assert app.get(path).status == 404, path


@pytest.mark.security("A-05")
def test_accounts_of_another_institution_look_like_nothing(bank: Bank) -> None:
    """The other institution has a client of the same name and ids; what is read there is its own."""
    from dirisha.tenants.current import use

    trader = bank.someone("trader")
    with use(bank.house.institution("jirani")):
        bank.sql("update account set number = 'OTHER-' || id where id = %s", trader.savings[0].id)
    here = App.of(bank, "trader").get(f"/savingsaccounts/{trader.savings[0].id}").body
    there = App.of(bank, "trader", tenant="jirani").get(f"/savingsaccounts/{trader.savings[0].id}").body
    assert here["accountNo"] == trader.savings[0].number
    assert there["accountNo"] == f"OTHER-{trader.savings[0].id}"


# --- cost -------------------------------------------------------------------------------------------------------------

# Statements with begin, roles and commit: one transaction finds the login, one reads the page.
LOGIN = 4
STATEMENTS = {
    "/clients": LOGIN + 5,
    "/clients/{client}": LOGIN + 5,
    "/clients/{client}/accounts": LOGIN + 9,
    "/loans/{loan}": LOGIN + 8,
    "/loans/{loan}?associations=all": LOGIN + 8,
    "/savingsaccounts/{savings}": LOGIN + 6,
    "/savingsaccounts/{savings}?associations=all": LOGIN + 7,
    "/accounttransfers/template": LOGIN + 9,
}


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every statement that goes to the server, controls included."""
    from dirisha.db import pipe

    seen: list[Any] = []
    for name in ("queue", "queue_control"):
        original = getattr(pipe.Pipe, name)

        def count(self: Any, *arguments: Any, _original: Any = original) -> Any:
            seen.append(arguments[0])
            return _original(self, *arguments)

        monkeypatch.setattr(pipe.Pipe, name, count)
    yield seen
    monkeypatch.undo()


def test_statements_a_page_are_constant(bank: Bank, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many for a client with one account and nothing else as for one with a year behind it."""
    from dirisha.channels.mifos.remembered import Remembered

    newcomer = App.of(bank, "newcomer")
    memory = Remembered()
    for who, someone in ((app, bank.someone("trader")), (newcomer, bank.someone("newcomer"))):
        monkeypatch.setattr("dirisha.channels.mifos.remembered.remembered", memory)
        assert who.get("/clients").status == 200
        ids = {
            "client": someone.client,
            "savings": someone.savings[0].id,
            "loan": someone.loans[0].id if someone.loans else 0,
        }
        found = {}
        for path in STATEMENTS:
            if "{loan}" in path and not someone.loans:
                continue
            monkeypatch.setattr("dirisha.channels.mifos.remembered.remembered", memory)
            with counted(monkeypatch) as seen:
                monkeypatch.setattr("dirisha.channels.mifos.remembered.remembered", memory)
                assert who.get(path.format(**ids)).status == 200
                found[path] = len(seen)
        assert found == {path: STATEMENTS[path] for path in found}
