"""The clients for whom a user acts, and the overview of their accounts."""

from __future__ import annotations

import re
from typing import Any

from dirisha.channels.mifos import enumerations as enums
from dirisha.channels.mifos.errors import ApiError, Item, Kind, bad_query_value, missing
from dirisha.channels.mifos.visit import Answer, Visit
from dirisha.channels.mifos.written import Json, currency_of, day, number, present, short_name
from dirisha.core.port import Client, Loan, Savings
from dirisha.queries import accounts as account_questions
from dirisha.queries import clients as client_questions
from dirisha.queries.ask import ask
from dirisha.queries.loans import LoanStanding, standing

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
    page = [visit.only(_in_list(client), optional=OPTIONAL) for client in found[offset : offset + limit]]
    return Answer({"totalFilteredRecords": len(found), "pageItems": page})


def one(visit: Visit, client_id: str) -> Answer:
    visit.refuse("template")
    own = ask(client_questions.mine, visit.actor, at=visit.at)
    client = next((each for each in own if each.id == int(client_id)), None)
    if client is None:
        raise missing("client", int(client_id))
    body = _basics(client) | {"clientCollateralManagements": [], "groups": []}
    return Answer(visit.only(body, optional=OPTIONAL))


def accounts(visit: Visit, client_id: str) -> Answer:
    """All three lists, empty ones too: web clients stop at a missing one."""
    everything = ask(account_questions.everything, visit.actor, at=visit.at)
    if int(client_id) not in {client.id for client in everything.clients}:
        raise missing("client", int(client_id))
    currency = currency_of(visit.institution)
    loans = [standing(loan, everything.on) for loan in everything.loans if loan.client == int(client_id)]
    body: Json = {
        "loanAccounts": [_loan_item(loan, cycle, currency) for cycle, loan in enumerate(loans, start=1)],
        "groupLoanIndividualMonitoringAccounts": [],
        "savingsAccounts": [_savings_item(s, currency) for s in everything.savings if s.client == int(client_id)],
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


# --- shapes -----------------------------------------------------------------------------------------------------------


def _basics(client: Client) -> Json:
    return present(
        id=client.id,
        accountNo=client.number,
        status=enums.CLIENT_ACTIVE,
        active=True,
        activationDate=day(client.activated_on),
        firstname=client.first_name,
        lastname=client.last_name,
        displayName=client.display_name,
        mobileNo=client.msisdn,
        gender=enums.UNSET,
        isStaff=False,
        officeId=client.office,
        officeName=client.office_name,
        # Without the names of the staff who did it, which the reference shows.
        timeline={"submittedOnDate": day(client.submitted_on), "activatedOnDate": day(client.activated_on)},
        legalForm=enums.PERSON,
    )


def _in_list(client: Client) -> Json:
    return _basics(client) | {
        "subStatus": enums.UNSET,
        "clientType": enums.UNSET,
        "clientClassification": enums.UNSET,
        "clientNonPersonDetails": {"constitution": enums.UNSET, "mainBusinessLine": enums.UNSET},
    }


def _savings_item(account: Savings, currency: Json) -> Json:
    return {
        "id": account.id,
        "accountNo": account.number,
        "productId": account.product_id,
        "productName": account.name,
        "shortProductName": short_name(account.name),
        "status": enums.SAVINGS_STATUS[account.status],
        "currency": currency,
        "accountBalance": number(account.balance),
        "accountType": enums.INDIVIDUAL,
        "timeline": savings_timeline(account),
        "subStatus": enums.SAVINGS_SUB_STATUS_NONE,
        "depositType": enums.SAVINGS_DEPOSIT,
    }


def savings_timeline(account: Savings) -> Json:
    """An account is asked for, approved and opened at the counter, on one day."""
    opened = day(account.opened_on)
    return {"submittedOnDate": opened, "approvedOnDate": opened, "activatedOnDate": opened}


def _loan_item(of: LoanStanding, cycle: int, currency: Json) -> Json:
    loan = of.loan
    return {
        "id": loan.id,
        "accountNo": loan.number,
        "productId": loan.product_id,
        "productName": loan.name,
        "shortProductName": short_name(loan.name),
        "status": enums.LOAN_STATUS[loan.status],
        "currency": currency,
        "loanType": enums.INDIVIDUAL,
        "loanCycle": cycle,
        "timeline": loan_timeline(loan),
        "inArrears": of.to_pay.late_since is not None,
        "originalLoan": number(loan.principal),
        "loanBalance": number(loan.outstanding),
        "amountPaid": number(of.progress.paid.total),
    }


def loan_timeline(loan: Loan) -> Json:
    """A loan is asked for, approved and paid out at the counter, on one day."""
    given, due = day(loan.disbursed_on), day(loan.installments[-1].due_date)
    return present(
        submittedOnDate=given,
        approvedOnDate=given,
        expectedDisbursementDate=given,
        actualDisbursementDate=given,
        closedOnDate=day(loan.closed_on) if loan.closed_on else None,
        actualMaturityDate=day(loan.closed_on) if loan.closed_on else due,
        expectedMaturityDate=due,
    )
