"""A recorded savings life cut to the members that the judge reads; figures as recorded."""

from __future__ import annotations

from typing import Any

from tests.contracts.goldens.reading import Recording

_LIFE = ("what", "kind", "accountId")
_STEP = ("do", "businessDate", "note", "jobStatus")
_DROPPED = frozenset({
    "clientName", "savingsProductName", "depositProductName", "fieldOfficerId", "accountNo", "entryType", "clientId",
    "paymentDetailData", "transfer", "withdrawalFee", "annualFee", "linkedAccount", "taxGroup", "reasonForBlock",
    "chargesPaidByData", "originalTransactionId", "releaseTransactionId", "lienTransaction", "accountNumber",
    "displaySymbol", "nameCode", "displayLabel", "name", "productName", "savingsAccountNumber", "periodTypes",
    "defaultUserMessage", "developerMessage", "httpStatusCode", "args",
})  # fmt: skip
_DROPPED_ENDS = ("Options", "Username", "Firstname", "Lastname")


def trimmed(recording: Recording) -> Recording:
    return {
        **{member: recording[member] for member in _LIFE},
        "product": {"request": _cut(recording["product"]["request"])},
        "steps": [_step(step) for step in recording["steps"]],
    }


def _step(step: dict[str, Any]) -> dict[str, Any]:
    kept = {member: step[member] for member in _STEP if member in step}
    if step.get("request"):
        request = step["request"]
        kept["request"] = {"path": request["path"], "body": request.get("body")}
    if step.get("response"):
        kept["response"] = {"status": step["response"]["status"], "body": _answer(step["response"].get("body"))}
    if step.get("picture"):
        kept["picture"] = _cut(step["picture"])
    return kept


def _answer(body: Any) -> dict[str, Any]:
    """What the answer itself tells: an id, a premature amount, dividends, the reasons of a refusal."""
    told = ("resourceId", "maturityAmount", "errors", "subResourceId", "pageItems", "changes")
    return {member: _cut(body[member]) for member in told if member in body} if isinstance(body, dict) else {}


def _cut(value: Any) -> Any:
    """Of an enumeration its id; of a transaction not the day on which it was entered."""
    if isinstance(value, list):
        return [_cut(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if set(value) >= {"id", "code"}:
        return {"id": value["id"]}
    kept = {member: inner for member, inner in value.items() if not _is_dropped(member)}
    if "runningBalance" in kept:
        kept.pop("submittedOnDate", None)
    return {member: _cut(inner) for member, inner in kept.items()}


def _is_dropped(member: str) -> bool:
    return member in _DROPPED or member.endswith(_DROPPED_ENDS)
