"""Somebody of the cast at one of the four doors, about to do one act: the same few verbs whatever the door.

`propose` goes up to where terms are shown, `confirm` goes on from there, `pay` does both; each gives what the door said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.bank import NOW, Bank
from tests.journeys.drivers.mifos import App, MifosDoor, Reply
from tests.journeys.drivers.page import WebPage
from tests.journeys.drivers.portal import Portal
from tests.journeys.drivers.sms import CODE, REFERENCE, SmsDoor
from tests.journeys.drivers.ussd import Phone
from tests.journeys.unreachable import REPAY

REFERENCE_OF_MONEY = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}")


@dataclass(frozen=True)
class Said:
    """`code` and `reference` as far as the door shows them; `reference` is the end of the audit's."""

    words: str
    code: str | None = None
    reference: str | None = None


class Stand:
    """What all doors have: the person, its accounts, the moment."""

    door: str
    before: Any = None  # how everything stood when the refused act began

    def __init__(self, bank: Bank, act: str, who: str, language: str) -> None:
        self.bank, self.act, self.language = bank, act, language
        self.who = bank.someone(who)
        self.at = NOW
        bank.sql("update app_user set language = %s where id = %s", language, self.who.user)
        self.source = self.who.savings[0]
        self.target = self.who.savings[-1]
        self.loan: Any = self.who.loans[0] if self.who.loans else None

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)

    def enter(self) -> None: ...

    def propose(self, amount: str) -> Said:
        raise NotImplementedError

    def confirm(self) -> Said:
        raise NotImplementedError

    def pay(self, amount: str) -> Said:
        """To the end, or as far as it goes."""
        said = self.propose(amount)
        return said if said.reference else self.confirm()


class AtPortal(Stand):
    door = "portal"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.portal = Portal(self.bank, HTTP_ACCEPT_LANGUAGE=self.language)

    def enter(self) -> None:
        self.log_in(self.who.character.login, self.who.character.password)
        assert self.portal.page.address == "/", self.portal.page.text

    def log_in(self, name: str, password: str) -> Said:
        return self.said(self.portal.log_in_as(name, password))

    def later(self, **span: float) -> None:
        super().later(**span)
        self.portal.at += timedelta(**span)

    def propose(self, amount: str) -> Said:
        start = f"/loans/{self.loan.id}/pay" if self.act == REPAY else "/move"
        self.portal.open(start)
        filled = {"amount": amount, "source_id": str(self.source.id)}
        if self.act != REPAY:
            filled["target_id"] = str(self.target.id)
        return self.said(self.portal.submit(start, **filled))

    def confirm(self, code: str | None = None) -> Said:
        form = self.portal.check_form()
        typed = {} if "code" not in form.accepts else {"code": self.portal.newest_code() if code is None else code}
        return self.said(self.portal.post(form.action, form.fields | typed))

    def code_again(self) -> Said:
        return self.said(self.portal.submit("/code"))

    def said(self, page: WebPage) -> Said:
        """By the request's own reference, or by the instruction's where a far core has refused."""
        reference = page.headers.get("X-Correlation-ID", "")
        found = REFERENCE_OF_MONEY.findall(page.text) if page.code else []
        shown = [each for each in (reference, *found) if each and each in page.text]
        return Said(page.text, page.code or None, shown[0] if shown else None)


class AtMifos(Stand):
    """The app knows no proposals: the wish is sent whole by `confirm`, under `key` where there is one."""

    door = "mifos"
    key: str | None = None
    amount = "0"

    def enter(self) -> None:
        self.app = MifosDoor(self.bank)
        assert self.app.log_in(self.who).status == 200

    def log_in(self, name: str, password: str) -> Said:
        return self.said(App(at=self.at).post("/authentication", {"username": name, "password": password}))

    def propose(self, amount: str) -> Said:
        self.amount = amount
        return Said("")

    def confirm(self) -> Said:
        if self.act == REPAY:
            return self.said(self.app.repay(self.loan, self.source, self.amount, self.key).reply)
        return self.said(self.app.move(self.source, self.target, self.amount, self.key).reply)

    def said(self, reply: Reply) -> Said:
        if reply.status == 200:
            return Said(reply.text)
        item = reply.item
        return Said(item["defaultUserMessage"], item["code"], reply.body["reference"])


class AtUssd(Stand):
    door = "ussd"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.phone = Phone(self.who.character.msisdn)
        self.bank.sql("insert into phone_language values (%s, %s, %s)", self.phone.msisdn, self.language, NOW)

    def dial(self) -> None:
        """Up to where the PIN is asked for."""
        self.phone.dial()
        if self.who.character.label in self.phone.screen:
            self.phone.pick(self.who.character.label)

    def enter(self) -> None:
        self.dial()
        self.type(self.who.character.pin)
        assert len(re.findall(r"^\d ", self.phone.screen, re.MULTILINE)) >= 7, self.phone.screen

    def propose(self, amount: str) -> Said:
        self.phone.type("3" if self.act == REPAY else "4")
        self.phone.pick(self.source.ref.masked)
        return self.type(amount)

    def confirm(self, typed: str | None = None) -> Said:
        return self.type(self.who.character.pin if typed is None else typed)

    def type(self, text: str) -> Said:
        self.phone.at = self.at
        self.phone.type(text)
        return self.said()

    def said(self) -> Said:
        """All pages of it, without the ways at their feet."""
        from dirisha.channels.ussd.refusals import SHOWN

        screens = [self.phone.screen]
        while re.search(r"^98 ", self.phone.screen, re.MULTILINE):
            screens.append(self.phone.type("98"))
        lines = [line for screen in screens for line in screen.splitlines() if not re.match(r"(98|00?) ", line)]
        found = re.search(rf"\b(\d\d)-({REFERENCE_OF_MONEY.pattern}|[0-9A-F]{{6}}\b)", "\n".join(lines))
        if found is None:
            return Said(" ".join(lines))
        [code] = [code for code, shown in SHOWN.items() if str(shown.number) == found[1]]
        return Said(" ".join(lines), code, found[2] if REFERENCE_OF_MONEY.fullmatch(found[2]) else found[2].lower())


class AtSms(Stand):
    door = "sms"

    def enter(self) -> None:
        self.sms = SmsDoor(self.bank, lambda: self.at)
        self.sms.pick_up(self.who)

    def propose(self, amount: str) -> Said:
        return self.send(f"PAY {amount}")

    def confirm(self, code: str | None = None) -> Said:
        return self.send(self.code() if code is None else code)

    def code(self) -> str:
        """What the newest SMS with a code says."""
        return [found[1] for text in self.sms.phone.received if (found := CODE.search(text))][-1]

    def send(self, text: str) -> Said:
        return self.said(self.sms.phone.send(text))

    def taken_up(self) -> Said:
        """What the worker answers now to a message whose answering was broken off."""
        from dirisha.channels.sms.desk import work_off

        assert work_off(self.at) == 1
        return self.said(self.sms.phone.fetch())

    def said(self, texts: list[str]) -> Said:
        found = [match[1] for text in texts if (match := REFERENCE.search(text))]
        return Said("\n".join(texts), None, found[-1] if found else None)


STANDS: dict[str, type[Stand]] = {each.door: each for each in (AtPortal, AtMifos, AtUssd, AtSms)}
