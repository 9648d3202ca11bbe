"""The clients for whom a user acts, and the overview of their accounts."""

from __future__ import annotations

import re
from typing import Any

from dirisha.channels.mifos.errors import ApiError, Item, Kind, bad_query_value, missing
from dirisha.channels.mifos.visit import Answer, Visit
from dirisha.core.port import Client
from dirisha.queries import accounts as account_questions
from dirisha.queries import clients as client_questions
from dirisha.queries.ask import ask
from dirisha.wire import clients as wire
from dirisha.wire.written import Figures, Json

STATUSES = ("pending", "active", "transfer_in_progress", "withdrawn", "closed", "transfer_on_hold", "rejected")
ORDERS = {
    "id": "id", "accountNo": "number", "displayName": "display_name", "firstname": "first_name",
    "lastname": "last_name", "officeId": "office", "officeName": "office_name",
}  # fmt: skip
OPTIONAL = (
    "externalId",
    "middlename",
    "fullname",
    "mobileNo",
    "emailAddress",
    "dateOfBirth",
    "imageId",
    "imagePresent",
)


def listed(visit: Visit) -> Answer:
    found = _filtered(visit, ask(client_questions.mine, visit.actor, at=visit.at))
    offset, limit = visit.whole_number("offset") or 0, visit.whole_number("limit") or len(found)
    page = [visit.only(wire.in_list(client), optional=OPTIONAL) for client in found[offset : offset + limit]]
    return Answer({"totalFilteredRecords": len(found), "pageItems": page})


def one(visit: Visit, client_id: str) -> Answer:
    visit.refuse("template")
    own = ask(client_questions.mine, visit.actor, at=visit.at)
    client = next((each for each in own if each.id == int(client_id)), None)
    if client is None:
        raise missing("client", int(client_id))
    return Answer(visit.only(wire.client(client), optional=OPTIONAL))


def accounts(visit: Visit, client_id: str) -> Answer:
    """All three lists, empty ones too: web clients stop at a missing one."""
    everything = ask(account_questions.everything, visit.actor, at=visit.at)
    if int(client_id) not in {client.id for client in everything.clients}:
        raise missing("client", int(client_id))
    figures, on = Figures(visit.institution), everything.on
    loans = [loan for loan in everything.loans if loan.client == int(client_id)]
    savings = [account for account in everything.savings if account.client == int(client_id)]
    body: Json = {
        "loanAccounts": [wire.loan_item(loan, cycle, on, figures) for cycle, loan in enumerate(loans, start=1)],
        "groupLoanIndividualMonitoringAccounts": [],
        "savingsAccounts": [wire.savings_item(account, figures) for account in savings],
        "shareAccounts": [],
        "guarantorAccounts": [],
    }
    return Answer(visit.only(body))


# --- the list's query -------------------------------------------------------------------------------------------------


def _filtered(visit: Visit, own: tuple[Client, ...]) -> list[Client]:
    status = visit.query("status")
    if status is not None and status not in STATUSES:
        shown = status[:100]
        raise ApiError(
            Kind.VALIDATION,
            Item("validation.msg.client.status.value.is.not.supported", "item.query_value", "input.bad", "status",
                 (shown,), {"parameter": "status", "value": shown}),
        )  # fmt: skip
    if status not in (None, "active"):
        return []
    part = (visit.query("displayName") or "").casefold()
    found = [
        client
        for client in own
        if part in client.display_name.casefold()
        and _is_like(client.first_name, visit.query("firstName"))
        and _is_like(client.last_name, visit.query("lastName"))
    ]
    return _ordered(visit, found)


def _ordered(visit: Visit, found: list[Client]) -> list[Client]:
    order, direction = visit.query("orderBy"), (visit.query("sortOrder") or "ASC").upper()
    if order is not None and order not in ORDERS:
        raise ApiError(Kind.VALIDATION, bad_query_value("orderBy", order))
    if direction not in ("ASC", "DESC"):
        raise ApiError(Kind.VALIDATION, bad_query_value("sortOrder", direction))
    return sorted(found, key=lambda client: _sortable(client, order or "id"), reverse=direction == "DESC")


def _sortable(client: Client, order: str) -> Any:
    return getattr(client, ORDERS[order])


def _is_like(name: str, pattern: str | None) -> bool:
    """SQL's LIKE without its database: `%` is any text, `_` any letter."""
    if pattern is None:
        return True
    expression = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern[:100])
    return re.fullmatch(re.sub(r"(\.\*)+", ".*", expression), name, re.DOTALL) is not None
