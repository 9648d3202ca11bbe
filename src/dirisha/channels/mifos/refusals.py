"""The one table that turns refusals into the API's envelope: kind, Fineract's code where it has one, our own code.

The words are `refusal.<our code>` in texts/*.toml: what happened, whether money moved, what to do next, where to call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dirisha.channels.mifos.errors import ApiError, Item, Kind
from dirisha.engine.outcome import Refused
from dirisha.kit.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Row:
    kind: Kind
    code: str = ""
    parameter: str | None = "id"


TABLE: dict[str, Row] = {
    "input.bad": Row(Kind.VALIDATION, "validation.msg.accounttransfer.malformed", None),
    "access.not_permitted": Row(Kind.FORBIDDEN, "error.msg.not.authorized"),
    "access.wrong_secret": Row(Kind.UNAUTHENTICATED, "error.msg.not.authenticated", None),
    "access.locked_out": Row(Kind.UNAUTHENTICATED, "error.msg.not.authenticated", None),
    "access.wrong_code": Row(Kind.DOMAIN_RULE),
    "object.not_found": Row(Kind.NOT_FOUND, "error.msg.resource.not.found"),
    "command.in_progress": Row(Kind.IN_PROGRESS, "error.msg.command.in.progress"),
    "command.conflict": Row(Kind.CONFLICT, "error.msg.platform.service.idempotency.key.conflict"),
    "quote.expired": Row(Kind.DOMAIN_RULE),
    "plan.changed": Row(Kind.DOMAIN_RULE),
    "proof.needed": Row(Kind.DOMAIN_RULE),
    "proof.not_on_this_channel": Row(Kind.DOMAIN_RULE),
    "proof.above_sms_cap": Row(Kind.DOMAIN_RULE),
    "limit.transaction": Row(Kind.DOMAIN_RULE, parameter="transferAmount"),
    "limit.day": Row(Kind.DOMAIN_RULE, parameter="transferAmount"),
    "account.not_enough_money": Row(
        Kind.DOMAIN_RULE, "error.msg.savingsaccount.transaction.insufficient.account.balance"
    ),
    "account.not_active": Row(Kind.VALIDATION, "error.msg.savingsaccount.transaction.account.is.not.active"),
    "loan.not_active": Row(Kind.VALIDATION, "error.msg.loan.must.be.active.fully.paid.or.overpaid"),
    "loan.more_than_outstanding": Row(Kind.DOMAIN_RULE, parameter="transferAmount"),
    "transfer.same_account": Row(
        Kind.VALIDATION, "validation.msg.accounttransfer.null.same.from.to.account.details", None
    ),
    "core.refused": Row(Kind.DOMAIN_RULE),
    "core.not_taken": Row(Kind.DOMAIN_RULE),
    "system.try_later": Row(Kind.UNAVAILABLE, "error.msg.platform.service.unavailable"),
}


def error_of(refused: Refused) -> ApiError:
    """A refused act as the error that the door answers."""
    row = TABLE[refused.code]
    headers = {"x-served-from-cache": "true"} if refused.replayed else {}
    if row.kind is Kind.UNAVAILABLE:
        headers["Retry-After"] = "5"
    return ApiError(row.kind, item_of(refused.refusal), headers=headers, reference=refused.reference)


def item_of(refusal: Refusal) -> Item:
    row = TABLE[refusal.code]
    return Item(
        code=row.code or refusal.code,
        text=text_key(refusal),
        ours=refusal.code,
        parameter=row.parameter,
        args=tuple(refusal.facts.values()),
        facts=refusal.facts,
    )


def text_key(refusal: Refusal) -> str:
    """A lost connection at the commit has words of its own: there it is not known whether money moved."""
    if refusal.code == "system.try_later" and not refusal.facts.get("known", True):
        return "refusal.system.outcome_unknown"
    return f"refusal.{refusal.code}"


def of_login(refused: Refused, kind: Kind, headers: Mapping[str, str] | None = None) -> ApiError:
    """A refused login: 401 alike for whatever was wrong, but that a locked name or address is told until when."""
    row = TABLE[refused.code]
    if row.kind is not Kind.UNAUTHENTICATED and refused.code not in ("object.not_found", "input.bad"):
        return error_of(refused)
    if refused.code == "access.locked_out":
        return ApiError(kind, item_of(refused.refusal), headers=headers)
    return wrong_login(kind, headers)


def wrong_login(kind: Kind, headers: Mapping[str, str] | None = None) -> ApiError:
    """Without facts: how many tries are left is nobody's to know who does not have the password."""
    wrong = Item("error.msg.not.authenticated", "refusal.access.wrong_secret", "access.wrong_secret")
    return ApiError(kind, wrong, headers=headers)
