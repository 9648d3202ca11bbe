"""A phone on the gateway's network: what it does arrives at our hooks as the gateway's form posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import httpx

NETWORK = "99999"  # the provider's own sandbox

# (address, form) -> (status, body)
Post = Callable[[str, Mapping[str, str]], tuple[int, str]]


def over_http(address: str, form: Mapping[str, str]) -> tuple[int, str]:
    answer = httpx.post(address, data=dict(form), timeout=15, trust_env=False)
    return answer.status_code, answer.text


def sms_form(msisdn: str, to: str, text: str, at: datetime, carrier_id: str) -> dict[str, str]:
    """What the gateway posts for a message from a phone."""
    return {
        "id": carrier_id,
        "date": f"{at:%Y-%m-%d %H:%M:%S}",
        "from": msisdn,
        "to": to,
        "text": text,
        "linkId": f"SampleLinkId{carrier_id[-8:]}",
        "cost": "None",
        "networkCode": NETWORK,
    }


def ussd_form(session: str, msisdn: str, service_code: str, inputs: list[str]) -> dict[str, str]:
    """What the gateway posts for a turn: all inputs of the session, each time."""
    return {
        "sessionId": session,
        "serviceCode": service_code,
        "phoneNumber": msisdn,
        "networkCode": NETWORK,
        "text": "*".join(inputs),
    }


@dataclass(slots=True)
class Phone:
    """`hooks` is the address up to the gateway's name: `http://…/hooks/<secret>/africastalking`."""

    msisdn: str
    hooks: str = field(repr=False)
    post: Post = over_http

    def send_sms(self, text: str, *, to: str, at: datetime, carrier_id: str = "") -> tuple[int, str]:
        """The hook's answer; with the same `carrier_id`, the same message once more."""
        form = sms_form(self.msisdn, to, text, at, carrier_id or uuid4().hex)
        return self.post(f"{self.hooks}/sms", form)

    def dial(self, service_code: str) -> Call:
        return Call(self, service_code)


@dataclass(slots=True)
class Call:
    """One USSD session. `answer` is the hook's, such as `CON 1. …`; `type` sends one more input."""

    phone: Phone
    service_code: str
    session: str = field(default_factory=lambda: f"ATUid_{uuid4().hex}")
    inputs: list[str] = field(default_factory=list, repr=False)
    answer: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.answer = self._turn()

    @property
    def has_ended(self) -> bool:
        return not self.answer.startswith("CON ")

    def type(self, text: str) -> str:
        self.inputs.append(text)
        self.answer = self._turn()
        return self.answer

    def _turn(self) -> str:
        form = ussd_form(self.session, self.phone.msisdn, self.service_code, self.inputs)
        status, body = self.phone.post(f"{self.phone.hooks}/ussd", form)
        return body if status == 200 else f"END The service answered with an error ({status})."
