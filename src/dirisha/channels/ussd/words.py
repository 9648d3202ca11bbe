"""The words of the menu: what a dialog says, and how it is spoken in a language, in characters that a phone has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from babel.dates import format_date, format_datetime

from dirisha.kit.money import Money
from dirisha.kit.words import Words
from dirisha.tenants.institution import Institution

WORDS = Words.beside(__file__, "texts")

# One of these and a page holds 70 characters instead of 160.
_PLAIN = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2212": "-"}
    | {"\u2026": "...", "\u00a0": " ", "\u202f": " ", "`": "'", "\t": " ", "\r": " ", "\n": " "}
)


@dataclass(frozen=True, slots=True)
class Say:
    """A line by its key in the texts. Variables may be money, dates, moments, text, and lines again.

    `language` is set where a line is for people whose language is not known yet.
    """

    key: str
    variables: Mapping[str, object] = field(default_factory=dict)
    language: str | None = None


def say(key: str, **variables: object) -> Say:
    return Say(key, variables)


@dataclass(frozen=True, slots=True)
class Bare:
    """An amount without its currency: in lists, where each character counts and the account says which."""

    amount: Money


@dataclass(frozen=True, slots=True)
class Voice:
    """Speaks for an institution in one language; its name, help number and code are at hand in every text."""

    institution: Institution
    language: str

    def speak(self, line: Say) -> str:
        language = line.language or self.language
        spoken = {name: self._spoken(value, language) for name, value in line.variables.items()}
        carrier = self.institution.carrier
        spoken |= {
            "institution": plain(self.institution.name),
            "help": self.institution.help_number,
            "dial": carrier.service_code if carrier else "",
        }
        return WORDS.say(language, line.key, **spoken)

    def _spoken(self, value: object, language: str) -> str:
        match value:
            case Money():
                return value.gsm_text(language)
            case Bare(amount):
                return amount.gsm_text(language).replace(f"{amount.currency.code} ", "")
            case datetime():
                return format_datetime(value, "HH:mm", tzinfo=self.institution.zone, locale=language)
            case date():
                return format_date(value, "d MMM", locale=language)
            case Say():
                return self.speak(value)
        return plain(str(value))


def plain(text: str) -> str:
    """A name as it was entered somewhere, without the characters that only look better."""
    return text.translate(_PLAIN)
