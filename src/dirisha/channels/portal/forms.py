"""Reading what a person typed or chose; what can't be read is told beside its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

from dirisha.channels.portal.addresses import LARGEST_ID
from dirisha.channels.portal.refusals import say_input
from dirisha.channels.portal.speech import Speech
from dirisha.kit.money import Money, NotMoney
from dirisha.kit.refusal import BadInput
from dirisha.tenants.institution import Institution

Field = NewType("Field", str)

# A comma that groups thousands; `2500,50` may mean another amount than it would be read as, so it is asked again.
GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?|[^,]*")


@dataclass(slots=True)
class Form:
    """The values as they came, and what is wrong with them by field."""

    values: Mapping[str, str]
    speech: Speech
    errors: dict[str, str] = field(default_factory=dict)

    def wrong(self, name: str, reason: str) -> None:
        self.errors.setdefault(name, say_input(self.speech, name, reason))

    def refuse(self, bad: BadInput) -> None:
        """What the act itself found wrong with its inputs."""
        self.wrong(str(bad.facts.get("field")), str(bad.facts.get("reason")))

    def text(self, name: str, *, longest: int) -> str | None:
        value = self.values.get(name, "").strip()
        if not value:
            self.wrong(name, "missing")
        elif len(value) > longest or "\0" in value:
            self.wrong(name, "malformed")
        else:
            return value
        return None

    def amount(self, institution: Institution) -> Money | None:
        """`2500`, `2,500.50`, `KES 2,500`; nothing else, and never a guess."""
        typed = self.values.get("amount", "").strip()
        if not typed:
            self.wrong("amount", "missing")
            return None
        bare = re.sub(rf"^{institution.currency_code}\b", "", typed, flags=re.IGNORECASE).strip()
        try:
            if not GROUPED.fullmatch(bare):
                raise NotMoney(bare[:40])
            amount = Money.parse(bare, institution.currency)
        except NotMoney:
            self.wrong("amount", "not_money")
            return None
        if not amount.is_positive:
            self.wrong("amount", "not_positive")
            return None
        return amount

    def id(self, name: str) -> int | None:
        typed = self.values.get(name, "")
        if not typed:
            self.wrong(name, "missing")
        elif not (typed.isascii() and typed.isdigit() and len(typed) < 20 and 0 < int(typed) <= LARGEST_ID):
            self.wrong(name, "malformed")
        else:
            return int(typed)
        return None
