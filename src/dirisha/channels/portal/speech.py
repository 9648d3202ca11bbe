"""How the portal speaks: an institution's words in one language, amounts and dates as people say them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from babel.dates import format_date, format_datetime

from dirisha.kit.calendar import day_at
from dirisha.kit.money import Money
from dirisha.kit.words import Words
from dirisha.tenants.institution import Institution

WORDS = Words.beside(__file__, "texts")

NAMES = {"en": "English", "sw": "Kiswahili"}
NO_BREAK = "\u00a0"
MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Speech:
    """`at` is the moment of the request: what is today and what was yesterday."""

    language: str
    institution: Institution
    at: datetime

    @property
    def today(self) -> date:
        return day_at(self.at, self.institution.zone)

    def say(self, key: str, **variables: Any) -> str:
        """Raises `KeyError` for a key or a variable that the text does not have: a fault of ours."""
        return WORDS.say(self.language, key, **{name: self.spoken(value) for name, value in variables.items()})

    def knows(self, key: str) -> bool:
        return WORDS.has(key)

    def spoken(self, value: Any) -> str:
        match value:
            case Money():
                return self.money(value)
            case datetime():
                return self.moment(value)
            case date():
                return self.day(value)
        return str(value)

    def money(self, amount: Money) -> str:
        return amount.text(self.language)

    def signed(self, amount: Money) -> str:
        """With its sign in front, as in a list of what came and went."""
        size = Money(abs(amount.minor), amount.currency)
        return f"{'+' if amount.minor >= 0 else MINUS}{NO_BREAK}{self.money(size)}"

    def number(self, amount: Money) -> str:
        """Without its currency, where the line has named it already."""
        return self.money(amount).replace(amount.currency.code + NO_BREAK, "")

    def day(self, day: date) -> str:
        """`Friday 28 November`; with the year when it is not this one."""
        pattern = "EEEE d MMMM" if day.year == self.today.year else "EEEE d MMMM y"
        return format_date(day, pattern, locale=self.language)

    def short_day(self, day: date) -> str:
        """`28 Nov 2026`, for tables."""
        return format_date(day, "d MMM y", locale=self.language)

    def moment(self, moment: datetime) -> str:
        """`Tuesday 24 November 2026, 10:04`, in the institution's zone."""
        return format_datetime(moment, "EEEE d MMMM y, HH:mm", tzinfo=self.institution.zone, locale=self.language)

    def clock(self, moment: datetime) -> str:
        return format_datetime(moment, "HH:mm", tzinfo=self.institution.zone, locale=self.language)

    def when(self, moment: datetime) -> str:
        """`Today 09:12`, `Yesterday 17:40`, `28 October`. The day's first instant is a day whose time nobody told."""
        local = moment.astimezone(self.institution.zone)
        day, is_told = local.date(), local.time() != time.min
        for name, back in (("today", 0), ("yesterday", 1)):
            if day == self.today - timedelta(days=back):
                return self.say(f"day.{name}", time=self.clock(moment)) if is_told else self.say(f"day.{name}_alone")
        pattern = "d MMMM" if day.year == self.today.year else "d MMMM y"
        return format_date(day, pattern, locale=self.language)

    def greeting(self, name: str) -> str:
        hour = self.at.astimezone(self.institution.zone).hour
        part = "morning" if 4 <= hour < 12 else "afternoon" if 12 <= hour < 17 else "evening"
        return self.say(f"home.good_{part}", name=name)
