"""Phone numbers: stored as E.164 with a plus, shown masked, never taken for an identity."""

from __future__ import annotations

from typing import NewType

import phonenumbers

Msisdn = NewType("Msisdn", str)


class NotAPhone(ValueError):
    """The text is no number that could be dialled."""


def parse_msisdn(text: str, country: str) -> Msisdn:
    """`0712 345 678` or `+254712345678` as E.164; `country` is the ISO code that national numbers belong to."""
    try:
        number = phonenumbers.parse(text.strip()[:32], country)
    except phonenumbers.NumberParseException as error:
        raise NotAPhone(str(error)) from None
    if not phonenumbers.is_possible_number(number):
        raise NotAPhone("not a possible number")
    return Msisdn(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def masked(msisdn: str) -> str:
    """`+2547•• ••• 118`: enough to recognise one's own, too little to harvest."""
    return f"{msisdn[:5]}•• ••• {msisdn[-3:]}"


def masked_account(number: str) -> str:
    """`...0042`: the last four digits of an account number, in GSM-7 characters."""
    return f"...{number[-4:]}"
