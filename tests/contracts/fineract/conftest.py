"""The stand-in over the first institution's books, with its cast, and an app that calls it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.bank import NOW, Bank

TENANT = {"Fineract-Platform-TenantId": "default"}
PASSWORDS = {"mifos": "password", "gold.svc": "Golden-svc-1", "gold.maker": "Golden-svc-1"}
SERVICE = frozenset(
    {
        "READ_CLIENT",
        "READ_SAVINGSACCOUNT",
        "READ_LOAN",
        "READ_OFFICE",
        "CREATE_ACCOUNTTRANSFER",
        "DEPOSIT_SAVINGSACCOUNT",
    }
)


@dataclass
class Caller:
    """Somebody with an HTTP client in front of the stand-in."""

    desk: Any
    url: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=20))

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
            auth=(user, PASSWORDS[user]) if user else None,
            headers=TENANT | (headers or {}),
        )

    def get(self, path: str, **named: Any) -> Any:
        return self.call("GET", path, **named).json()

    def post(self, path: str, body: Any, *, key: str | None = None, **named: Any) -> httpx.Response:
        return self.call("POST", path, body, headers={} if key is None else {"Idempotency-Key": key}, **named)


@pytest.fixture
def core(bank: Bank) -> Iterator[Caller]:
    from dirisha.simulators.fineract.server import standing_in
    from dirisha.simulators.fineract.users import User

    users = [
        User(10, "gold.svc", PASSWORDS["gold.svc"], SERVICE),
        User(11, "gold.maker", PASSWORDS["gold.maker"], SERVICE),
    ]
    with standing_in(bank.institution, *users, clock=lambda: NOW) as server:
        caller = Caller(server.desk, server.url + "/api/v1")
        yield caller
        caller.http.close()
