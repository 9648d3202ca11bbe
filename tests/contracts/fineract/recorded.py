"""Recorded exchanges of a running Fineract's staff API, and the stage on which ours plays them again."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from tests.bank import NOW, Bank
from tests.contracts.fineract.conftest import Caller

RECORDINGS = Path(__file__).parents[1] / "recordings"

# A day on which the trader's loan is late, as the recorded one was.
LATE = NOW + timedelta(days=1)
DAYS = {
    "15 June 2026": "25 November 2026", "15 june 2026": "25 november 2026", "15/06/26": "25/11/26",
    "15 June 2026 10:00:00": "25 November 2026 10:00:00", "12 June 2026": "22 November 2026",
    "01 July 2026": "11 December 2026", "15 January 2024": "24 November 2026", "10 January 2024": "24 November 2026",
    "10 February 2024": "24 November 2026",
}  # fmt: skip


@dataclass(frozen=True)
class Exchange:
    file: str
    n: int
    request: dict[str, Any]
    response: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.file} {self.n}: {self.request['method']} {self.request['path']}"


def exchanges(file: str, *numbers: int) -> list[Exchange]:
    """Those of a recording, by their numbers; all of them without any."""
    recorded = read(RECORDINGS / f"{file}.json")
    steps = recorded.get("steps") or [recorded | {"n": 1}]
    return [
        Exchange(file, step["n"], step["request"], step["response"])
        for step in steps
        if "request" in step and (not numbers or step["n"] in numbers)
    ]


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"), parse_float=Decimal)


@dataclass
class Stage:
    """The recorded people and accounts as ours."""

    bank: Bank
    core: Caller
    ids: dict[str, dict[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        trader, farmer = self.bank.someone("trader"), self.bank.someone("farmer")
        self.ids = {
            "clients": {4: trader.client, 5: farmer.client, 7: self._newcomer(), 146: trader.client, 89: trader.client,
                        147: farmer.client},
            "loans": {3: trader.loans[0].id, 7: farmer.loans[0].id, 79: trader.loans[0].id},
            "savingsaccounts": {3: trader.savings[0].id, 4: trader.savings[1].id, 5: farmer.savings[0].id, 13: trader.savings[0].id,
                                63: trader.savings[0].id, 64: farmer.savings[0].id, 56: trader.savings[1].id},
            "loanproducts": {2: 1},
            "savingsproducts": {2: 1},
        }  # fmt: skip

    def _newcomer(self) -> int:
        """A client without any account."""
        return int(
            self.bank.sql(
                "insert into client (office, first_name, last_name, submitted_on, activated_on)"
                " values (1, 'No', 'Account', '2026-01-01', '2026-01-01') returning id"
            )[0][0]
        )

    def play(self, exchange: Exchange) -> httpx.Response:
        request = exchange.request
        body = self.body(request)
        headers = {name: value for name, value in request.get("headers", {}).items() if name != "Authorization"}
        if "contentType" in request:
            headers["Content-Type"] = request["contentType"]
        return self.core.http.request(
            request["method"],
            self.address(request["path"]),
            content=body,
            headers=headers,
            auth=self.core.login(request["user"]),
        )

    def address(self, recorded: str) -> str:
        def ours(found: re.Match[str]) -> str:
            return f"/{found[1]}/{self.ids[found[1]].get(int(found[2]), int(found[2]))}"

        path = re.sub(r"/(clients|loans|savingsaccounts|loanproducts|savingsproducts)/(\d+)", ours, recorded)
        path = re.sub(r"(/savingsaccounts/\d+/transactions)/7$", lambda found: f"{found[1]}/{self._deposit()}", path)
        path = re.sub(r"(/loans/\d+/transactions)/7$", lambda found: f"{found[1]}/{self._repayment()}", path)
        return self.core.url + path.replace("officeId=2", "officeId=1")

    def _deposit(self) -> int:
        account = self.ids["savingsaccounts"][3]
        lines = self.core.get(f"/savingsaccounts/{account}?associations=transactions")["transactions"]
        return int(next(line["id"] for line in lines if "paymentDetailData" in line))

    def _repayment(self) -> int:
        loan = self.ids["loans"][3]
        return int(self.core.get(f"/loans/{loan}?associations=transactions")["transactions"][-1]["id"])

    def body(self, request: dict[str, Any]) -> bytes | None:
        if "bodyText" in request:
            return str(request["bodyText"]).encode()
        if "body" not in request:
            return None
        body = dict(request["body"])
        for side in ("from", "to"):
            if f"{side}AccountId" in body:
                kind = "loans" if body[f"{side}AccountType"] == 1 else "savingsaccounts"
                body[f"{side}AccountId"] = self.ids[kind][body[f"{side}AccountId"]]
                body[f"{side}ClientId"] = self.ids["clients"][body[f"{side}ClientId"]]
        if body.get("transferAmount") == 600:
            body["transferAmount"] = 600_000  # more than the account has
        for name in ("transferDate", "transactionDate"):
            if name in body:
                body[name] = DAYS.get(body[name], body[name])
        return as_sent(body)


def as_sent(body: Any) -> bytes:
    """JSON with the fractions' own digits, which Python's writer would not take."""
    return re.sub(r'"#([^#"]+)#"', r"\1", json.dumps(body, default=lambda fraction: f"#{fraction}#")).encode()
