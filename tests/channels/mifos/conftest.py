"""An app of the Mifos family, as Django's test client sends it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.bank import NOW, Bank

ROOT = "/fineract-provider/api/v1/self"
DAY = "24 November 2026"


@dataclass
class Reply:
    status: int
    headers: Any
    text: str

    @property
    def body(self) -> Any:
        """Fractions as `Decimal`, with the digits that were sent."""
        return json.loads(self.text, parse_float=Decimal) if self.text else None

    @property
    def item(self) -> dict[str, Any]:
        found: dict[str, Any] = self.body["errors"][0]
        return found

    @property
    def codes(self) -> list[str]:
        return [item["userMessageGlobalisationCode"] for item in self.body["errors"]]


@dataclass
class App:
    """`login` and `password` go with every call once they are set; `headers` are added to each."""

    tenant: str | None = "tumaini"
    login: str | None = None
    password: str = ""
    at: datetime = NOW
    address: str = "198.51.100.7"
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, *, body: Any = None, content_type: str = "application/json", **headers: str) -> Reply:
        from django.test import Client

        sent = dict(self.headers)
        if self.tenant is not None:
            sent["Fineract-Platform-TenantId"] = self.tenant
        if self.login is not None:
            sent["Authorization"] = basic(self.login, self.password)
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes | str) else b"" if body is None else json.dumps(body)
        answer = Client(raise_request_exception=False).generic(
            method, path if path.startswith("/fineract") else ROOT + path, data, content_type=content_type,
            headers=sent, REMOTE_ADDR=self.address, **{"dirisha.moment": self.at},
        )  # fmt: skip
        return Reply(answer.status_code, answer.headers, answer.content.decode())

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Reply:
        return self.call("POST", path, body=body, **headers)


def basic(login: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


def app_of(bank: Bank, key: str, **changes: Any) -> App:
    character = bank.someone(key).character
    return App(login=character.login, password=character.password, **changes)


@pytest.fixture(autouse=True)
def nothing_remembered(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clones of one template have the same hashes: a password right in another test is not right from memory here."""
    from dirisha.channels.mifos import remembered

    monkeypatch.setattr(remembered, "remembered", remembered.Remembered())
    yield


@pytest.fixture
def trader(bank: Bank) -> App:
    return app_of(bank, "trader")


@pytest.fixture
def wish(bank: Bank) -> Callable[..., dict[str, Any]]:
    """A good body from the trader's first account to the second, or to the loan (`to="loan"`), with changes."""
    someone = bank.someone("trader")
    office = bank.sql("select office from client where id = %s", someone.client)[0][0]

    def make(to: str = "savings", **changes: Any) -> dict[str, Any]:
        target = someone.loans[0].id if to == "loan" else someone.savings[1].id
        body = {
            "fromOfficeId": office, "fromClientId": someone.client, "fromAccountId": someone.savings[0].id,
            "fromAccountType": 2, "toOfficeId": office, "toClientId": someone.client, "toAccountId": target,
            "toAccountType": 1 if to == "loan" else 2, "transferAmount": 100, "transferDate": DAY,
            "transferDescription": "school", "locale": "en", "dateFormat": "dd MMMM yyyy",
        } | changes  # fmt: skip
        return {name: value for name, value in body.items() if value is not ...}

    return make
