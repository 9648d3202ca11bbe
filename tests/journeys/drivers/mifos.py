"""An app of the Mifos family: raw (`App`), and with a person's verbs (`MifosDoor`)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.bank import NOW, Bank

ROOT = "/fineract-provider/api/v1/self"


@dataclass(frozen=True)
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

    @classmethod
    def of(cls, bank: Bank, key: str, **changes: Any) -> App:
        character = bank.someone(key).character
        return cls(login=character.login, password=character.password, **changes)

    def call(
        self, method: str, path: str, *, body: Any = b"", content_type: str = "application/json", **headers: str
    ) -> Reply:
        """`path` below the API's root; `body` as JSON, or text or bytes as they are; headers with `_` for `-`."""
        from django.test import Client

        sent = dict(self.headers)
        if self.tenant is not None:
            sent["Fineract-Platform-TenantId"] = self.tenant
        if self.login is not None:
            sent["Authorization"] = basic(self.login, self.password)
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = Client(raise_request_exception=False).generic(
            method,
            path if path.startswith("/fineract") else ROOT + path,
            body if isinstance(body, bytes | str) else json.dumps(body),
            content_type=content_type,
            headers=sent,
            CONTENT_TYPE=content_type,
            REMOTE_ADDR=self.address,
            **{"dirisha.moment": self.at},
        )
        return Reply(answer.status_code, answer.headers, answer.content.decode())

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Reply:
        return self.call("POST", path, body=body, **headers)


def basic(login: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


@dataclass(frozen=True)
class Outcome:
    """`reference` of what was done, or our stable `code` of the refusal; `said` is what the person reads then."""

    reference: str | None
    code: str | None
    said: str
    reply: Reply

    @classmethod
    def of(cls, reply: Reply) -> Outcome:
        if reply.status == 200:
            return cls(reply.body["transactionId"], None, "", reply)
        return cls(None, reply.item["code"], reply.item["defaultUserMessage"], reply)


class MifosDoor:
    """The verbs of a person; where to pay from and to is taken from the template, as the apps do."""

    name = "mifos"

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.app = App(tenant=bank.institution.slug)

    def log_in(self, someone: Any) -> Reply:
        """The app keeps the key that it was given, and sends it from then on."""
        character = someone.character
        reply = App(tenant=self.app.tenant).post(
            "/authentication", {"username": character.login, "password": character.password}
        )
        if reply.status == 200:
            login, _, password = base64.b64decode(reply.body["base64EncodedAuthenticationKey"]).decode().partition(":")
            self.app = App(tenant=self.app.tenant, login=login, password=password)
        return reply

    def repay(self, loan: Any, source: Any, amount: str, key: str | None = None) -> Outcome:
        return self._transfer(source, loan, amount, key)

    def move(self, source: Any, target: Any, amount: str, key: str | None = None) -> Outcome:
        return self._transfer(source, target, amount, key)

    def reads_back(self, reference: str) -> bool:
        """In the transactions of an own savings account or loan."""
        client = self.app.get("/clients").body["pageItems"][0]["id"]
        accounts = self.app.get(f"/clients/{client}/accounts").body
        paths = [f"/savingsaccounts/{a['id']}" for a in accounts["savingsAccounts"]]
        paths += [f"/loans/{a['id']}" for a in accounts["loanAccounts"]]
        lines = [
            line for path in paths for line in self.app.get(f"{path}?associations=transactions").body["transactions"]
        ]
        return any(reference in (line.get("note"), line.get("externalId")) for line in lines)

    def _transfer(self, source: Any, target: Any, amount: str, key: str | None) -> Outcome:
        return self.send(self.wish(source, target, amount), key)

    def wish(self, source: Any, target: Any, amount: str) -> dict[str, Any]:
        """Accounts that are not in the template go with the ids of one that is: as somebody would who tries."""
        options = self.app.get("/accounttransfers/template").body
        first = self._end("from", source, options["fromAccountOptions"])
        then = self._end("to", target, options["toAccountOptions"])
        return first | then | {
            "transferAmount": amount, "transferDate": f"{NOW:%d %B %Y}", "transferDescription": "by app",
            "locale": "en", "dateFormat": "dd MMMM yyyy",
        }  # fmt: skip

    def send(self, body: dict[str, Any], key: str | None = None) -> Outcome:
        headers = {} if key is None else {"Idempotency_Key": key}
        return Outcome.of(self.app.post("/accounttransfers", body, **headers))

    def _end(self, side: str, account: Any, options: list[dict[str, Any]]) -> dict[str, Any]:
        type_id = 1 if account.ref.kind == "loan" else 2
        found = next(
            (o for o in options if o["accountId"] == account.id and o["accountType"]["id"] == type_id), options[0]
        )
        return {
            f"{side}OfficeId": found["officeId"], f"{side}ClientId": found["clientId"],
            f"{side}AccountId": account.id, f"{side}AccountType": type_id,
        }  # fmt: skip
