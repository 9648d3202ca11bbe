"""The words of a notice, in the reader's language and in characters that an SMS can carry at its normal price."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime

from dirisha.kit.gsm7 import as_basic
from dirisha.kit.money import Money
from dirisha.kit.words import Words
from dirisha.tenants.institution import Institution

WORDS = Words.beside(__file__, "texts")

# A name that is longer would make two messages of one.
LONGEST_NAME = 28


# By the refusal's code; any other is told in general words, with whom to call.
NOT_MADE = {
    "account.not_enough_money": "not_made_not_enough_money",
    "account.not_active": "not_made_account_not_active",
    "loan.not_active": "not_made_loan_not_active",
    "loan.more_than_outstanding": "not_made_more_than_outstanding",
    "core.refused": "not_made_core_refused",
    "core.not_taken": "not_made_core_not_taken",
}


def text_of(
    event: str, variables: Mapping[str, Any], *, institution: Institution, language: str, code: str | None
) -> str:
    """The SMS of one outbox row; `code` only for a row that carries one."""
    said = dict(variables) if code is None else {**variables, "code": code}
    return say_sms(WORDS, _key(event, variables), said, institution=institution, language=language)


def say_sms(words: Words, key: str, variables: Mapping[str, Any], *, institution: Institution, language: str) -> str:
    """A text with its variables as people read them, and the institution's own (`institution`, `help`, `dial`)."""
    own = {
        "institution": institution.name,
        "help": institution.help_number,
        "dial": institution.carrier.service_code if institution.carrier else "",
    }
    said = {name: spoken(value, institution, language) for name, value in {**own, **variables}.items()}
    return as_basic(words.say(language, key, **said))


def spoken(value: Any, institution: Institution, language: str) -> str:
    match value:
        case Money():
            return value.gsm_text(language)
        case datetime():
            return format_datetime(value, "HH:mm", tzinfo=institution.zone, locale=language)
        case date():
            return format_date(value, "d MMM yyyy", locale=language)
    return _clipped(str(value))


def _clipped(text: str) -> str:
    """In the middle: the end may be the last digits of an account."""
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 10]}..{text[-8:]}"


def _key(event: str, variables: Mapping[str, Any]) -> str:
    match event:
        case "access_locked":
            return f"access_locked_{variables['secret']}"
        case "sms_switched":
            return "sms_switched_on" if variables["on"] else "sms_switched_off"
        case "code":
            fee = "" if variables["fee"].is_zero else "_fee"
            return f"code_sms{fee}" if variables["channel"] == "sms" else f"code{fee}"
        case "not_made":
            return NOT_MADE.get(variables["why"], "not_made")
    return event
