"""The steps of a recorded savings life as events; ids of the server are translated by what its pictures showed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dirisha.core.native.savings import events
from dirisha.core.native.savings.state import SubStatus
from dirisha.kit.money import Currency
from tests.contracts.goldens.reading import day, minor
from tests.contracts.goldens.savings_terms import NotTold, charge_of

Step = dict[str, Any]

# Looks at this account, another, a product or a list: nothing happens to the account.
LOOKS = frozenset({
    "look", "final-look", "linked-savings", "other-account", "transfer-read", "transfer-list", "client-accounts",
    "product-read",
})  # fmt: skip

_JOBS: dict[str, Callable[[date], events.Event]] = {
    "Pay Due Savings Charges": events.PayDueCharges,
    "Apply Annual Fee For Savings": events.ApplyAnnualFees,
    "Update Savings Dormant Accounts": events.UpdateDormancy,
    "Update Deposit Accounts Maturity details": events.Mature,
    "Transfer Interest To Savings": events.TransferInterest,
    "Post Interest For Savings": events.PostInterest,
}

_BLOCKS = {
    "block": SubStatus.BLOCKED, "blockCredit": SubStatus.CREDITS_BLOCKED, "blockDebit": SubStatus.DEBITS_BLOCKED,
}  # fmt: skip

_TRANSACTION = re.compile(r"/transactions/(\d+)")
_CHARGE = re.compile(r"/charges/(\d+)")


@dataclass(frozen=True, slots=True)
class Known:
    """Which of our numbers a transaction or charge of the server has; -1 where it has none of ours."""

    account: int
    currency: Currency
    transactions: Mapping[int, int]
    charges: Mapping[int, int]

    def amount(self, body: Mapping[str, Any], member: str) -> int:
        return minor(body[member], self.currency)


def event_of(step: Step, known: Known) -> events.Event:
    """Raises `NotTold` for a step of an unknown kind."""
    on = date.fromisoformat(step["businessDate"])
    body = (step.get("request") or {}).get("body") or {}
    path = (step.get("request") or {}).get("path", "")
    act = step["do"]
    for acts in (_plain, _money, _corrections, _charges):
        event = acts(act, on, body, path, known)
        if event is not None:
            return event
    if act == "job":
        return _job(step, on)
    raise NotTold(f"a step of another kind: {act}")


def _job(step: Step, on: date) -> events.Event:
    for name, job in _JOBS.items():
        if (step.get("note") or "").startswith(name):
            return job(on)
    raise NotTold(f"a job of another kind: {step.get('note')}")


def _plain(act: str, on: date, body: dict[str, Any], path: str, known: Known) -> events.Event | None:
    """What needs a day and nothing else."""
    if act.startswith("unblock"):
        return events.Unblock(on, _BLOCKS["b" + act.removeprefix("unb")])
    if act in _BLOCKS:
        return events.Block(on, _BLOCKS[act])
    match act:
        case "approve":
            return events.Approve(day(body["approvedOnDate"]))
        case "undoapproval":
            return events.UndoApproval(on)
        case "reject":
            return events.Reject(day(body["rejectedOnDate"]))
        case "withdrawnByApplicant":
            return events.WithdrawApplication(day(body["withdrawnOnDate"]))
        case "activate":
            return events.Activate(day(body["activatedOnDate"]))
        case "calculateInterest":
            return events.CalculateInterest(on)
        case "postInterest":
            return events.PostInterest(on)
    return None


def _money(act: str, on: date, body: dict[str, Any], path: str, known: Known) -> events.Event | None:
    match act:
        case "deposit":
            return events.Deposit(on, day(body["transactionDate"]), known.amount(body, "transactionAmount"))
        case "withdrawal":
            return events.Withdraw(on, day(body["transactionDate"]), known.amount(body, "transactionAmount"))
        case "account-transfer":
            amount = known.amount(body, "transferAmount")
            made = events.Withdraw if body["fromAccountId"] == known.account else events.Deposit
            return made(on, day(body["transferDate"]), amount, of_transfer=True)
        case "postInterestAsOn":
            return events.PostInterestAsOn(on, day(body["transactionDate"]))
        case "holdAmount":
            amount = known.amount(body, "transactionAmount")
            return events.Hold(on, day(body["transactionDate"]), amount, lien=bool(body.get("lienAllowed")))
        case "close":
            return events.Close(
                on,
                day(body["closedOnDate"]),
                withdraw_balance=bool(body.get("withdrawBalance")),
                interest_must_be_posted=bool(body.get("postInterestValidationOnClosure")),
            )
        case "calculatePrematureAmount":
            return events.CalculatePremature(on, day(body["closedOnDate"]))
        case "prematureClose":
            return events.ClosePrematurely(on, day(body["closedOnDate"]))
    return None


def _corrections(act: str, on: date, body: dict[str, Any], path: str, known: Known) -> events.Event | None:
    found = _TRANSACTION.search(path)
    number = known.transactions.get(int(found[1]), -1) if found else -1
    match act:
        case "undo-transaction":
            return events.Undo(on, number)
        case "reverse-transaction":
            return events.Reverse(on, number)
        case "modify-transaction":
            return events.Modify(on, number, day(body["transactionDate"]), known.amount(body, "transactionAmount"))
        case "releaseAmount-transaction":
            return events.Release(on, number)
    return None


def _charges(act: str, on: date, body: dict[str, Any], path: str, known: Known) -> events.Event | None:
    found = _CHARGE.search(path)
    number = known.charges.get(int(found[1]), -1) if found else -1
    match act:
        case "waive":
            return events.WaiveCharge(on, number)
        case "paycharge":
            return events.PayCharge(on, day(body["dueDate"]), number, known.amount(body, "amount"))
        case "update-charge":
            return events.ChangeCharge(on, number, Decimal(known.amount(body, "amount")))
        case "inactivate":
            return events.InactivateCharge(on, number)
        case "delete-charge":
            return events.DeleteCharge(on, number)
    return None


def added_charge(step: Step, currency: Currency) -> events.AddCharge:
    """The definition of a charge stands in the picture after it was added, with its first due date."""
    added = step["response"]["body"]["resourceId"]
    shown = next(charge for charge in step["picture"]["charges"] if charge["id"] == added)
    return events.AddCharge(date.fromisoformat(step["businessDate"]), charge_of(shown, currency))
