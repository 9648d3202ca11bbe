"""A Fineract at an address: `FINERACT_URL=… FINERACT_USER=… FINERACT_PASSWORD=… make test-fineract`.

FINERACT_URL       up to and with /fineract-provider; https, or http on this machine
FINERACT_USER      the service user; `dirisha fineract check` says what it needs
FINERACT_TENANT    `default` without it
FINERACT_ZONE      the time zone of the tenant, `Africa/Nairobi` without it
FINERACT_CA        a file with the certificates that are trusted, where the server's are its own

The accounts are found, among the first clients of the list, by what they are. Before the first run the branch has
these, in one currency with two decimals:

- a borrower: an active client with two active savings accounts (no fixed or recurring deposits), 1,000.00 or more in
  the one with the lower number, and one active loan with 100.00 or more outstanding;
- a stranger: another active client with an active savings account.

Where there are several, FINERACT_BORROWER and FINERACT_STRANGER name the ids of the clients that are meant. A run moves
1.00 between the borrower's accounts and back, some times, and pays 1.00 on the loan.

With FINERACT_MAKE, which names the currency (`USD`), the user is an administrator of a place for trying things, and
both are made first: see `made`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.bank import CORE_PASSWORD, NATIVE, SLUGS, Bank, FarBank, House, service_user
from tests.contracts.core.made import Maker
from tests.contracts.core.stage import Member, Stage

ACTIVE = 300
PASSBOOK = 100
MOST_CLIENTS = 200

ZONE = 'time_zone = "Africa/Nairobi"'
CURRENCY = """currency_code = "KES"
currency_name = "Kenyan Shilling"
currency_symbol = "KSh"
"""


@dataclass(frozen=True)
class Found:
    borrower: Member
    stranger: Member
    currency: dict[str, Any]


@contextmanager
def stage_at_address(house: House) -> Iterator[Stage]:
    """At the address that the environment names; else the stand-in, found by its address alone: so this way is tried."""
    if "FINERACT_URL" in os.environ:
        with house.far_books(), _in_front(house) as stage:
            yield stage
        return
    from dirisha.simulators.fineract.server import standing_in

    with house.far_books() as core, standing_in(core, service_user()) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("FINERACT_URL", server.url)
        patch.setenv("FINERACT_USER", service_user().name)
        patch.setenv("FINERACT_PASSWORD", CORE_PASSWORD)
        with _in_front(house) as stage:
            yield stage


@contextmanager
def _in_front(house: House) -> Iterator[Stage]:
    from dirisha.tenants.current import use

    found = found_or_made()
    written = institution_of(found)
    house.write_institution(SLUGS[0], **written)
    with use(house.institution(SLUGS[0])):
        bank = Served(house, written)
        bank.sql("update user_client set client = %s where user_id = %s", found.borrower.client, _trader(bank))
        bank.sql("insert into payer values (%s) on conflict do nothing", found.borrower.client)
        yield Stage(bank, datetime.now(UTC), found.borrower, found.stranger, has_books=False)
        bank.hang_up()


class Served(FarBank):
    """All statements go to this house's own database: there is no other within reach."""

    def __init__(self, house: House, written: dict[str, str]) -> None:
        super().__init__(house, None, "")
        self.written = written

    def change(self, **changes: str) -> None:
        Bank.change(self, **changes, **self.written)

    def database_of(self, statement: str) -> str:
        return str(self.institution.database)


def _trader(bank: FarBank) -> int:
    from dirisha.demo import cast

    login = next(each.login for each in cast.CAST if each.key == "trader")
    return int(bank.sql("select id from app_user where login_name = %s", login)[0][0])


def institution_of(found: Found) -> dict[str, str]:
    """What changes in the institution's file."""
    asked = os.environ
    section = {
        "url": asked["FINERACT_URL"], "user": asked["FINERACT_USER"], "password_env": "FINERACT_PASSWORD",
        "tenant": asked.get("FINERACT_TENANT", "default"),
    }  # fmt: skip
    if "FINERACT_CA" in asked:
        section["ca_file"] = asked["FINERACT_CA"]
    written = ", ".join(f'{name} = "{value}"' for name, value in section.items())
    currency = found.currency
    return {
        NATIVE: f'core = "fineract"\nfineract = {{ {written} }}',
        CURRENCY: f'currency_code = "{currency["code"]}"\ncurrency_name = "{currency["name"]}"\n'
        f'currency_symbol = "{currency.get("displaySymbol", currency["code"])}"\n',
        ZONE: f'time_zone = "{_zone()}"',
    }


# --- what is there ----------------------------------------------------------------------------------------------------


def found_or_made() -> Found:
    with _caller() as http:
        currency = os.environ.get("FINERACT_MAKE")
        if currency is None:
            return find(http)
        maker = Maker(http, currency=currency, today=datetime.now(ZoneInfo(_zone())).date())
        return Found(maker.member("Amina"), maker.member("Juma"), {"code": currency, "name": currency})


def _caller() -> httpx.Client:
    return httpx.Client(
        base_url=os.environ["FINERACT_URL"].rstrip("/").removesuffix("/api/v1") + "/api/v1",
        auth=(os.environ["FINERACT_USER"], os.environ["FINERACT_PASSWORD"]),
        headers={"Fineract-Platform-TenantId": os.environ.get("FINERACT_TENANT", "default")},
        verify=os.environ.get("FINERACT_CA", True),
        timeout=30,
    )


def _zone() -> str:
    return os.environ.get("FINERACT_ZONE", "Africa/Nairobi")


def find(http: httpx.Client) -> Found:
    accounts = {client: _get(http, f"/clients/{client}/accounts") for client in _clients(http)}
    members = {client: _member(client, body) for client, body in accounts.items()}
    borrower = _chosen(members, "FINERACT_BORROWER", lambda member: len(member.savings) > 1 and member.loan)
    stranger = _chosen(members, "FINERACT_STRANGER", lambda member: member.savings and member.client != borrower.client)
    row = next(row for row in accounts[borrower.client]["savingsAccounts"] if row["id"] == borrower.savings[0])
    return Found(borrower, stranger, row["currency"])


def _clients(http: httpx.Client) -> list[int]:
    named = [os.environ[name] for name in ("FINERACT_BORROWER", "FINERACT_STRANGER") if name in os.environ]
    if len(named) == 2:
        return [int(client) for client in named]
    page = _get(http, f"/clients?limit={MOST_CLIENTS}&orderBy=id&sortOrder=ASC")
    return [row["id"] for row in page["pageItems"] if row["status"]["id"] == ACTIVE]


def _get(http: httpx.Client, path: str) -> Any:
    response = http.get(path)
    assert response.status_code == 200, f"GET {path}: {response.status_code} {response.text[:200]}"
    return response.json()


def _member(client: int, accounts: Any) -> Member:
    savings = [row["id"] for row in accounts.get("savingsAccounts", ()) if _is_open(row) and _is_passbook(row)]
    loans = [row["id"] for row in accounts.get("loanAccounts", ()) if _is_open(row)]
    return Member(client, tuple(sorted(savings)), min(loans, default=None))


def _is_open(row: Any) -> bool:
    return bool(row["status"]["id"] == ACTIVE) and not any((row.get("subStatus") or {}).get(b) for b in BLOCKS)


BLOCKS = ("block", "blockCredit", "blockDebit")


def _is_passbook(row: Any) -> bool:
    return bool(row.get("depositType", {}).get("id", PASSBOOK) == PASSBOOK)


def _chosen(members: dict[int, Member], variable: str, fits: Any) -> Member:
    named = os.environ.get(variable)
    for member in members.values():
        if fits(member) and named in (None, str(member.client)):
            return member
    raise LookupError(f"no client there fits {variable}: see tests/contracts/core/served.py for what is needed")
