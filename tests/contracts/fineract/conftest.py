"""The stand-in over the first institution's books, with its cast, and an app that calls it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.bank import NOW, Bank

TENANT = {"Fineract-Platform-TenantId": "default"}
PASSWORDS = {"mifos": "password", "gold.svc": "Golden-svc-1", "gold.maker": "Golden-svc-1"}
# What the recorded service user was given.
SERVICE = frozenset({
    "CREATE_LOAN", "READ_CURRENCY", "READ_CLIENTCHARGE", "READ_LOAN", "READ_CODEVALUE", "READ_SAVINGSACCOUNT",
    "CREATE_ACCOUNTTRANSFER", "READ_ACCOUNTTRANSFER", "READ_CLIENT", "READ_LOANPRODUCT", "READ_SAVINGSPRODUCT",
    "READ_DOCUMENT", "REPAYMENT_LOAN", "READ_CODE", "READ_CLIENTIMAGE", "READ_OFFICE", "READ_CHARGE",
    "DEPOSIT_SAVINGSACCOUNT",
})  # fmt: skip


@dataclass
class Caller:
    """Somebody with an HTTP client in front of the stand-in."""

    desk: Any
    url: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=20))

    def login(self, user: str | None) -> tuple[str, str] | None:
        return (user, PASSWORDS.get(user, "Golden-demo-1")) if user else None

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        user: str | None = "mifos",
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        return self.http.request(
            method,
            self.url + path,
            json=body if not isinstance(body, bytes | None) else None,
            content=body if isinstance(body, bytes) else None,
            auth=self.login(user),
            headers=TENANT | (headers or {}),
        )

    def get(self, path: str, **named: Any) -> Any:
        return self.call("GET", path, **named).json()

    def post(self, path: str, body: Any, *, key: str | None = None, **named: Any) -> httpx.Response:
        return self.call("POST", path, body, headers={} if key is None else {"Idempotency-Key": key}, **named)


@contextmanager
def standing(bank: Bank, clock: Any = lambda: NOW, **named: Any) -> Iterator[Caller]:
    from dirisha.simulators.fineract.server import standing_in
    from dirisha.simulators.fineract.users import User

    users = [User(number, name, PASSWORDS[name], SERVICE) for number, name in ((10, "gold.svc"), (11, "gold.maker"))]
    with standing_in(bank.institution, *users, clock=clock, **named) as server:
        caller = Caller(server.desk, server.url + "/api/v1")
        yield caller
        caller.http.close()


@pytest.fixture
def core(bank: Bank) -> Iterator[Caller]:
    with standing(bank) as caller:
        yield caller


@pytest.fixture
def transfer(bank: Bank) -> dict[str, Any]:
    """A transfer of 100 between the trader's two savings accounts."""
    trader = bank.someone("trader")
    return {
        "fromOfficeId": 1,
        "fromClientId": trader.client,
        "fromAccountId": trader.savings[0].id,
        "fromAccountType": 2,
        "toOfficeId": 1,
        "toClientId": trader.client,
        "toAccountId": trader.savings[1].id,
        "toAccountType": 2,
        "transferAmount": 100,
        "transferDate": "24 November 2026",
        "transferDescription": "Dirisha R7K4-9M2P-XC",
        "locale": "en",
        "dateFormat": "dd MMMM yyyy",
    }
