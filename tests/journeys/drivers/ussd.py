"""A feature phone at the USSD menu, through the gateway's hook: raw (`Phone`), and with a person's verbs (`UssdDoor`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from tests.bank import NOW, Bank, hook_of

_sessions = count(1)
REFERENCE = re.compile(r"(?:Ref|Kumb) ([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2})")


@dataclass
class Phone:
    """One session after another from one number. `screen` is what it shows, without the gateway's first word."""

    msisdn: str
    slug: str = "tumaini"
    at: datetime = NOW
    session: str = ""
    typed: str = ""
    answer: str = ""
    seen: list[str] = field(default_factory=list)

    def dial(self, behind_the_code: str = "") -> str:
        self.session, self.typed = f"ATUid_test_{next(_sessions)}", behind_the_code
        return self.send()

    def type(self, text: str) -> str:
        self.typed = f"{self.typed}*{text}" if self.typed else text
        return self.send()

    def send(self) -> str:
        """The request for what was typed so far: once more when called once more."""
        response = self.post(self.typed)
        assert response.status_code == 200, response
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        self.answer = response.content.decode()
        assert self.answer.startswith(("CON ", "END ")), self.answer
        self.seen.append(self.screen)
        return self.screen

    def post(self, typed: str, **other: str) -> Any:
        from django.test import Client

        form = {
            "sessionId": self.session, "serviceCode": "*384#", "phoneNumber": self.msisdn, "networkCode": "63902",
            "text": typed,
        }  # fmt: skip
        address = f"/hooks/{hook_of(self.slug)}/africastalking/ussd"
        return Client().post(address, form | other, **{"dirisha.moment": self.at})

    @property
    def screen(self) -> str:
        return self.answer[4:]

    @property
    def has_ended(self) -> bool:
        return self.answer.startswith("END ")

    def pick(self, label: str) -> str:
        """Type the number of the first choice whose line holds `label`, paging on to it."""
        for _ in range(20):
            found = re.search(rf"^(\d+) .*{re.escape(label)}", self.screen, re.MULTILINE)
            if found:
                return self.type(found[1])
            assert "98 " in self.screen, f"no {label!r} on {self.seen[-1]!r}"
            self.type("98")
        raise AssertionError(f"no end of pages looking for {label!r}")


class UssdDoor:
    """The verbs of a person. `reference` of the last payment is on the receipt's screen."""

    name = "ussd"

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.phone = Phone("")
        self.who: Any = None

    def dial(self, someone: Any) -> str:
        """Up to the menu, in English."""
        self.who = someone.character
        self.phone = Phone(self.who.msisdn, self.bank.institution.slug)
        self.phone.dial()
        if "English" in self.phone.screen:
            self.phone.pick("English")
        if self.who.label in self.phone.screen:
            self.phone.pick(self.who.label)
        self.phone.type(self.who.pin)
        assert "Balances" in self.phone.screen or "Salio" in self.phone.screen, self.phone.screen
        return self.phone.screen

    def repay(self, loan: Any, source: Any, amount: str) -> str:
        """The receipt's reference; the screens are in `phone.seen`."""
        self.phone.type("3")
        self._choose(loan.ref.masked, unless=("Pay from", "amount"))
        self._choose(source.ref.masked, unless=("amount",))
        return self._pay(amount)

    def move(self, source: Any, target: Any, amount: str) -> str:
        self.phone.type("4")
        self._choose(source.ref.masked)
        self._choose(target.ref.masked, unless=("Move how much",))
        return self._pay(amount)

    def reads_back(self, reference: str) -> bool:
        """In the statement of one of the person's accounts, in a session of its own."""
        for account in self.bank.someone(self.who.key).savings:
            self.dial(self.bank.someone(self.who.key))
            self.phone.type("5")
            self._choose(account.ref.masked, unless=("1 ",))
            for line in "12":
                if reference in self.phone.type(line):
                    return True
                self.phone.type("0")
        return False

    def _choose(self, label: str, unless: tuple[str, ...] = ()) -> None:
        """Pick what is asked for; not asked where there is one only, and then the next page holds one of `unless`."""
        if re.search(rf"^\d+ .*{re.escape(label)}", self.phone.screen, re.MULTILINE):
            self.phone.pick(label)
        else:
            assert any(each in self.phone.screen for each in unless), self.phone.screen

    def _pay(self, amount: str) -> str:
        self.phone.type(amount)
        self.phone.type(self.who.pin if "PIN" in self.phone.screen else "1")
        found = REFERENCE.search(self.phone.screen)
        assert found and self.phone.has_ended, self.phone.seen
        return found[1]
