"""Every call that we make to Fineract's staff API: its path, its kind, and the permission that it needs.

`PERMISSIONS` is what the service user must have, and all that it should have. Who may call `POST /authentication` needs
none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import urlencode


class Kind(StrEnum):
    """Calls that share lanes: those of one kind, slow, can't starve those of another."""

    PAGES = "pages"
    HISTORIES = "histories"
    MONEY = "money"
    CHECKS = "checks"


READ_CLIENT = "READ_CLIENT"
READ_SAVINGS = "READ_SAVINGSACCOUNT"
READ_LOAN = "READ_LOAN"
READ_OFFICE = "READ_OFFICE"
READ_CONFIGURATION = "READ_CONFIGURATION"
READ_BUSINESS_DATE = "READ_BUSINESS_DATE"
# Needed only where transfers wait for a checker: a rejection is told by the command's row in the audits alone.
READ_AUDIT = "READ_AUDIT"
MAKE_TRANSFER = "CREATE_ACCOUNTTRANSFER"

PERMISSIONS = (
    READ_CLIENT, READ_SAVINGS, READ_LOAN, READ_OFFICE, READ_CONFIGURATION, READ_BUSINESS_DATE, MAKE_TRANSFER,
)  # fmt: skip

# Rows that one request for transactions asks for at most.
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Call:
    """A request that reads."""

    path: str
    kind: Kind
    permission: str


def client(client_id: int) -> Call:
    return Call(f"/clients/{client_id}", Kind.PAGES, READ_CLIENT)


def accounts_of(client_id: int) -> Call:
    return Call(f"/clients/{client_id}/accounts", Kind.PAGES, READ_CLIENT)


def savings(savings_id: int, kind: Kind = Kind.PAGES) -> Call:
    """The account with its charges: among them is what a transfer out of it costs."""
    return Call(f"/savingsaccounts/{savings_id}?associations=charges", kind, READ_SAVINGS)


def savings_transactions(
    savings_id: int,
    *,
    limit: int,
    offset: int = 0,
    since: date | None = None,
    until: date | None = None,
    kind: Kind = Kind.HISTORIES,
) -> Call:
    """Newest first, by their business date; `since` and `until` are business dates and included."""
    asked: dict[str, object] = {}
    if since is not None:
        asked["fromDate"] = since.isoformat()
    if until is not None:
        asked["toDate"] = until.isoformat()
    asked |= {"offset": offset, "limit": limit, "dateFormat": "yyyy-MM-dd", "locale": "en"}
    return Call(f"/savingsaccounts/{savings_id}/transactions/search?{urlencode(asked)}", kind, READ_SAVINGS)


def loan(loan_id: int) -> Call:
    return Call(f"/loans/{loan_id}?associations=repaymentSchedule", Kind.PAGES, READ_LOAN)


def loan_with_transactions(loan_id: int) -> Call:
    return Call(f"/loans/{loan_id}?associations=repaymentSchedule,transactions", Kind.PAGES, READ_LOAN)


def loan_summary(loan_id: int) -> Call:
    return Call(f"/loans/{loan_id}", Kind.MONEY, READ_LOAN)


def loan_transactions(loan_id: int) -> Call:
    return Call(f"/loans/{loan_id}?associations=transactions", Kind.MONEY, READ_LOAN)


def audit(command: str) -> Call:
    return Call(f"/audits/{command}", Kind.MONEY, READ_AUDIT)


OFFICES = Call("/offices", Kind.PAGES, READ_OFFICE)
HAS_BUSINESS_DATE = Call("/configurations/name/enable-business-date", Kind.PAGES, READ_CONFIGURATION)
BUSINESS_DATE = Call("/businessdate/BUSINESS_DATE", Kind.PAGES, READ_BUSINESS_DATE)

MAKER_CHECKER = Call("/configurations/name/maker-checker", Kind.CHECKS, READ_CONFIGURATION)

TRANSFER = "/accounttransfers"
AUTHENTICATION = "/authentication"
