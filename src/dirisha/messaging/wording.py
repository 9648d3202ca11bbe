"""The words of a notice, in the reader's language and in characters that an SMS can carry at its normal price."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime

from dirisha.kit.money import Money
from dirisha.kit.words import Words
from dirisha.tenants.institution import Institution

WORDS = Words.beside(__file__, "texts")


def text_of(
    event: str, variables: Mapping[str, Any], *, institution: Institution, language: str, code: str | None
) -> str:
    """The SMS of one outbox row; `code` only for a row that carries one."""
    spoken = {name: _spoken(value, institution, language) for name, value in variables.items()}
    spoken |= {"institution": institution.name, "help": institution.help_number, "dial": _dial(institution)}
    if code is not None:
        spoken["code"] = code
    return WORDS.say(language, _key(event, variables), **spoken)


def _key(event: str, variables: Mapping[str, Any]) -> str:
    if event == "access_locked":
        return f"access_locked_{variables['secret']}"
    if event == "sms_switched":
        return "sms_switched_on" if variables["on"] else "sms_switched_off"
    return event


def _spoken(value: Any, institution: Institution, language: str) -> str:
    match value:
        case Money():
            return value.gsm_text(language)
        case datetime():
            return format_datetime(value, "HH:mm", tzinfo=institution.zone, locale=language)
        case date():
            return format_date(value, "d MMM yyyy", locale=language)
    return str(value)


def _dial(institution: Institution) -> str:
    return institution.carrier.service_code if institution.carrier else ""
