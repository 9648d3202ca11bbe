"""Apache Fineract behind the port: a far core, whose facts are as read and whose money moves by orders."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from dirisha.core.budget import place_to_wait, within_s
from dirisha.core.fineract import calls
from dirisha.core.fineract.deadline import Deadline
from dirisha.core.fineract.facts import Facts
from dirisha.core.fineract.link import link_of
from dirisha.core.fineract.orders import Orders
from dirisha.core.fineract.reader import FineractReader
from dirisha.core.port import Answer, Order, Particulars, Touched
from dirisha.kit.calendar import day_at
from dirisha.kit.scope import Scope
from dirisha.tenants.institution import Institution

DATE_S = 5.0


class FineractCore:
    """Costs nothing to make: what lasts, connections and what is known of the core, is the link's."""

    facts_are: ClassVar[Literal["as read"]] = "as read"

    def __init__(self, institution: Institution) -> None:
        self._institution = institution
        self._link = link_of(institution)
        self._facts = Facts(institution)
        self._orders = Orders(self._link, self._facts)

    def business_date(self, at: datetime) -> date:
        """Fineract's own where it keeps one, else the institution's day; known for some seconds."""
        kept: date | Literal["none"] | None = self._link.business_date.get("today")
        if kept is None:
            kept = self._link.business_date.keep("today", self._read_business_date() or "none")
        return day_at(at, self._institution.zone) if kept == "none" else kept

    def set_up(self) -> None:
        """Offices and products are made in Fineract itself."""

    def reader(self, scope: Scope, *, patience_s: float) -> FineractReader:
        return FineractReader(self._link, self._facts, scope, Deadline(patience_s))

    def read(self, scope: Scope, touched: Touched, *, patience_s: float) -> FineractReader:
        reader = self.reader(scope, patience_s=patience_s)
        reader.read_ahead(touched)
        return reader

    def send(self, order: Order, key: str, *, patience_s: float) -> Answer:
        return self._orders.send(order, key, patience_s=patience_s)

    def trace(self, order: Order, key: str, *, waits_as: str | None = None, patience_s: float) -> Answer:
        return self._orders.trace(order, key, waits_as=waits_as, patience_s=patience_s)

    def particulars(self, order: Order, number: str, *, patience_s: float) -> Particulars:
        return self._orders.particulars(order, patience_s=patience_s)

    def _read_business_date(self) -> date | None:
        with place_to_wait():
            has_one, today = self._link.ask_all(
                [calls.HAS_BUSINESS_DATE, calls.BUSINESS_DATE], Deadline(within_s(DATE_S))
            )
        with self._link.understanding("business date"):
            return self._facts.business_date(has_one, today)
