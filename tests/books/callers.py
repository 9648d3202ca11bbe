"""People at the doors of killable processes: they ask again until they have an answer."""

from __future__ import annotations

import http.client
import json
import math
import queue
import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from tests.bank import Bank, hook_of
from tests.journeys.drivers.mifos import ROOT, basic

# Upon these an app asks again: nobody answered, under way elsewhere, try later.
TRY_LATER = 503
AGAIN = (0, 409, 425, TRY_LATER)


@dataclass(frozen=True)
class Person:
    """One of the cast, with the accounts in the far books."""

    key: str
    client: int
    login: str
    password: str
    savings: tuple[int, ...]
    loans: tuple[int, ...]
    balances: dict[int, int]


@dataclass(frozen=True)
class AppWish:
    """What an app sends, the same each time it asks."""

    who: Person
    source: int
    target: int
    amount: int
    key: str

    @property
    def is_large(self) -> bool:
        return self.amount > 3

    def sent(self, port: int) -> AppAnswer:
        headers = {
            "Content-Type": "application/json", "Idempotency-Key": self.key, "Fineract-Platform-TenantId": "tumaini",
            "Authorization": basic(self.who.login, self.who.password),
        }  # fmt: skip
        status, text = post(port, f"{ROOT}/accounttransfers", self._body(), headers)
        return AppAnswer(self, status if _is_whole(text) else 0, text)

    def _body(self) -> str:
        client, is_loan = self.who.client, self.target in self.who.loans
        return json.dumps({
            "fromOfficeId": 1, "fromClientId": client, "fromAccountType": 2, "fromAccountId": self.source,
            "toOfficeId": 1, "toClientId": client, "toAccountType": 1 if is_loan else 2, "toAccountId": self.target,
            "transferAmount": str(self.amount), "locale": "en", "transferDate": "24 November 2026",
            "dateFormat": "dd MMMM yyyy", "transferDescription": "by app",
        })  # fmt: skip


def _is_whole(text: str) -> bool:
    """The killed server says no length: what breaks off is half a body."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class AppAnswer:
    wish: AppWish
    status: int
    text: str

    @property
    def kind(self) -> str:
        # 400: the day that it names is not the core's at this moment.
        if self.status in (400, 403):
            return "refused"
        assert self.status == 200, self
        return "on its way" if json.loads(self.text).get("rollbackTransaction") else "booked"

    @property
    def code(self) -> str:
        return "" if self.status == 200 else str(json.loads(self.text)["errors"][0]["userMessageGlobalisationCode"])


def people_of(bank: Bank, keys: Iterable[str]) -> list[Person]:
    from dirisha.demo import cast

    people = []
    for character in (cast.FIRST.character(key) for key in keys):
        who = bank.someone(character.key)
        accounts = tuple(account.id for account in who.savings)
        people.append(
            Person(
                character.key, who.client, character.login, character.password, accounts,
                tuple(loan.id for loan in who.loans), {account: bank.balance(account) for account in accounts},
            )
        )  # fmt: skip
    return people


@dataclass
class Wishes:
    """What callers wanted, how often they had to ask, and what they were told in the end, by key."""

    told: dict[str, int] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def flying(self) -> Iterator[None]:
        with self.lock:
            self.in_flight += 1
        try:
            yield
        finally:
            with self.lock:
                self.in_flight -= 1


def by_menu(bank: Bank, port: int, wishes: Wishes, stop: threading.Event, who_key: str, most: float = math.inf) -> int:
    """A phone that repays by the menu with its PIN, and sends a turn again until it has an answer: `most` payments."""
    from dirisha.demo import cast

    who = cast.FIRST.character(who_key)
    done = 0
    while not stop.is_set() and done < most:
        session, typed = f"ATUid_{uuid4()}", ""
        screen = turn(port, wishes, who.msisdn, session, typed)
        while screen.startswith("CON") and typed.count("*") < 12:
            typed = f"{typed}*{_reply_to(screen, who)}".lstrip("*")
            screen = turn(port, wishes, who.msisdn, session, typed)
        is_paid = bool(PAID.search(screen))
        wishes.kinds["menu paid" if is_paid else "menu ended"] += 1
        done += is_paid
    return done


PAID = re.compile(r"\b(Ref|Kumb) [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}")


def _reply_to(screen: str, who: Any) -> str:
    """What somebody types who wants to repay seven shillings."""
    if "English" in screen:
        return "1"
    if "PIN" in screen:
        return str(who.pin)
    if "Statement" in screen or "Taarifa" in screen:
        return "3"
    return "7" if AMOUNT.search(screen) else "1"


AMOUNT = re.compile(r"an amount|kiasi", re.IGNORECASE)


def turn(port: int, wishes: Wishes, msisdn: str, session: str, typed: str) -> str:
    form = urlencode({
        "sessionId": session, "serviceCode": "*384#", "phoneNumber": msisdn, "networkCode": "63902", "text": typed,
    })  # fmt: skip
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(3000):
        with wishes.flying():
            status, answer = post(port, f"/hooks/{hook_of('tumaini')}/africastalking/ussd", form, headers)
        if status == 200:
            return answer
        time.sleep(0.01)
    raise AssertionError(f"no answer to {typed!r}")


def post(port: int, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
    """Status 0 when nobody answered, or the answer broke off."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", path, body, headers | {"Host": "tumaini.localhost"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def keep(ends: queue.Queue[Any], work: Any, *arguments: Any) -> None:
    from dirisha.tenants.current import use

    bank = arguments[0]
    try:
        with use(bank.house.institution("tumaini")):
            ends.put(work(*arguments))
    except BaseException as error:
        ends.put(error)
    finally:
        from dirisha.db.transactions import release

        with use(bank.house.institution("tumaini")):
            release()
