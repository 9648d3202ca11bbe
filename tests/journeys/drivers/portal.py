"""Somebody at the portal, in a browser without JavaScript. Cookies, forgery tokens and redirects are the browser's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.bank import NOW, Bank, Someone
from tests.journeys.drivers.page import Form, WebPage, read

MOST_REDIRECTS = 5
A_MOMENT = timedelta(milliseconds=10)


class Portal:
    """The verbs of the shared journeys; `page` is what the person sees now, `at` goes on a little with each request."""

    name = "portal"

    def __init__(self, bank: Bank, *, at: datetime = NOW, slug: str = "", **headers: str) -> None:
        from django.test import Client

        self.bank = bank
        self.at = at
        host = f"{slug or bank.institution.slug}.localhost"
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False, HTTP_HOST=host, **headers)
        self.page: WebPage

    # --- what people do -----------------------------------------------------------------------------------------------

    def log_in(self, someone: Someone) -> WebPage:
        return self.log_in_as(someone.character.login, someone.character.password)

    def log_in_as(self, name: str, password: str) -> WebPage:
        self.open("/login")
        return self.submit("/login", login_name=name, password=password)

    def log_out(self) -> WebPage:
        return self.submit("/logout")

    def repay(self, loan: Any, source: Any, amount: str) -> str:
        """The receipt's reference, or the code of the refusal. Types the code from the SMS where one is asked for."""
        self.open(f"/loans/{_id(loan)}/pay")
        return self._pay(f"/loans/{_id(loan)}/pay", source_id=_id(source), amount=amount)

    def move(self, source: Any, target: Any, amount: str) -> str:
        self.open("/move")
        return self._pay("/move", source_id=_id(source), target_id=_id(target), amount=amount)

    def reads_back(self, reference: str) -> bool:
        """Whether the receipt can be opened again by its reference, and shows it."""
        page = self.open(f"/receipts/{reference}")
        return page.status == 200 and reference in page.text

    # --- the steps ----------------------------------------------------------------------------------------------------

    def _pay(self, start: str, **chosen: str) -> str:
        if self.page.code:
            return self.page.code
        self.submit(start, **chosen)
        return self.page.code or self.confirm()

    def confirm(self, code: str | None = None) -> str:
        """From the check page: the reference, or the code of the refusal."""
        form = self.check_form()
        typed = {"code": code if code is not None else self.newest_code()} if "code" in form.accepts else {}
        self.submit(form.action, **typed)
        return self.page.code or self.page.address.rsplit("/", 1)[-1]

    def check_form(self) -> Form:
        found = [form for form in self.page.forms if form.action.startswith("/pay/") and "/code" not in form.action]
        assert len(found) == 1, f"no check page: {self.page.status} {self.page.address}: {self.page.text}"
        return found[0]

    def newest_code(self) -> str:
        """What the newest SMS with a code says; read from the outbox, where it waits to be sent."""
        from dirisha.access.keys import decrypt

        rows = self.bank.sql("select sealed from outbox where event = 'code' and sealed is not null order by id desc")
        return decrypt(bytes(rows[0][0])).decode()

    # --- the browser --------------------------------------------------------------------------------------------------

    def open(self, address: str) -> WebPage:
        return self._follow(self.client.get(address, **self._surroundings()), address)

    def submit(self, ending: str, **filled: str) -> WebPage:
        """Fill in the form whose action ends so, and send it."""
        form = self.page.form(ending.split("?")[0])
        return self.post(form.action, form.fields | filled)

    def post(self, address: str, fields: dict[str, str]) -> WebPage:
        return self._follow(self.client.post(address, fields, **self._surroundings()), address)

    def _follow(self, response: Any, address: str) -> WebPage:
        for _ in range(MOST_REDIRECTS):
            if response.status_code not in (301, 302, 303):
                break
            address = response.headers["Location"]
            response = self.client.get(address, **self._surroundings())
        self.page = read(response, address.split("?")[0])
        return self.page

    def _surroundings(self) -> dict[str, Any]:
        from dirisha.server.middleware import MOMENT

        self.at += A_MOMENT
        return {MOMENT: self.at}


def _id(thing: Any) -> str:
    return str(getattr(thing, "id", thing))
