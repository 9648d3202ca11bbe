"""A phone that banks by SMS, through the gateway's hook: raw (`SmsPhone`), and with a person's verbs (`SmsDoor`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from tests.bank import NOW, Bank, hook_of

_messages = count(1)
REFERENCE = re.compile(r"(?:Ref|Kumb) ([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2})")
CODE = re.compile(r"(?:reply|jibu) (\d{6})")
A_WHILE = timedelta(minutes=2)


def story_now() -> datetime:
    return NOW


@dataclass
class SmsPhone:
    """`send` gives what arrived on this phone in answer, once the relay has run; `received` is all of it."""

    bank: Bank
    msisdn: str
    slug: str = "tumaini"
    now: Callable[[], datetime] = story_now
    received: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        from tests.gateway import Desk

        self.desk = Desk(self.bank.house.institution(self.slug))

    def send(self, text: str, *, carrier_id: str = "") -> list[str]:
        response = self.post(text, carrier_id=carrier_id)
        assert (response.status_code, response.content) == (200, b""), response.content
        return self.fetch()

    def post(self, text: str, *, carrier_id: str = "", **changes: str) -> Any:
        from django.test import Client

        from dirisha.simulators.africastalking.phone import sms_form

        form = sms_form(self.msisdn, "22334", text, self.now(), carrier_id or f"AT_test_{next(_messages)}")
        address = f"/hooks/{hook_of(self.slug)}/africastalking/sms"
        moment: Any = {"dirisha.moment": self.now()}
        return Client().post(address, form | changes, **moment)

    def fetch(self) -> list[str]:
        """What the relay has for this phone now."""
        from dirisha.tenants.current import use

        with use(self.bank.house.institution(self.slug)):
            arrived = [message.text for message in self.desk.relay(self.now()) if message.to == self.msisdn]
        self.received += arrived
        return arrived

    def wait(self) -> list[str]:
        """What arrives once the worker has been round: of money in a far core it tells when the core's books do."""
        from dirisha.tenants.current import use

        at = self.now() + A_WHILE
        self.bank.relay((at - NOW).total_seconds())
        with use(self.bank.house.institution(self.slug)):
            arrived = [message.text for message in self.desk.relay(at + A_WHILE) if message.to == self.msisdn]
        self.received += arrived
        return arrived


class SmsDoor:
    """The verbs of a person. SMS itself picks the most urgent loan and the account that has the money."""

    name = "sms"

    def __init__(self, bank: Bank, now: Callable[[], datetime] = story_now) -> None:
        self.bank, self.now = bank, now
        self.who: Any = None
        self.phone = SmsPhone(bank, "", now=now)

    def pick_up(self, someone: Any) -> None:
        """The phone of somebody who has switched SMS banking on, at the portal."""
        from dirisha.access.people import phones_of
        from dirisha.acts.access.switch_sms import switch_sms
        from dirisha.engine.outcome import Done
        from dirisha.engine.run import run

        self.who = someone
        [phone] = phones_of(someone.user)
        actor = self.bank.actor(someone.character.key, "portal")
        assert isinstance(run(switch_sms, actor, at=self.now(), link_id=phone.link, on=True), Done)
        self.phone = SmsPhone(self.bank, phone.msisdn, self.bank.institution.slug, now=self.now)
        self.phone.fetch()

    def balance(self) -> str:
        [answer] = self.phone.send("BAL")
        return answer

    def repay(self, loan: Any, source: Any, amount: str) -> str:
        """The receipt's reference; the texts are in `phone.received`."""
        [asked] = self.phone.send(f"PAY {amount}")
        code = CODE.search(asked)
        assert code, asked
        assert loan.ref.masked in asked and source.ref.masked in asked, "another loan or account than was meant"
        [notice] = self.phone.send(code[1]) or self.phone.wait()
        found = REFERENCE.search(notice)
        assert found, notice
        return found[1]

    def reads_back(self, reference: str) -> bool:
        """The notice of a payment is its receipt, and stays on the phone."""
        return any(reference in text for text in self.phone.received)
