"""The gateway's side of `POST /version1/messaging`: form in, JSON out, as the provider's own SDK expects it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import orjson

from dirisha.kit.gsm7 import sms_parts
from dirisha.simulators.africastalking.faults import Fault, Faults
from dirisha.simulators.africastalking.inbox import Inbox, SimulatedSms

PATH = "/version1/messaging"
JSON, PLAIN = "application/json", "text/plain"  # the SDK compares the whole header

REFUSALS = {
    401: "RiskHold", 402: "InvalidSenderId", 403: "InvalidPhoneNumber", 404: "UnsupportedNumberType",
    405: "InsufficientBalance", 406: "UserInBlacklist", 407: "CouldNotRoute", 409: "DoNotDisturbRejection",
    500: "InternalServerError", 501: "GatewayError", 502: "RejectedByGateway",
}  # fmt: skip
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_CENTS_A_PART = 80


@dataclass(frozen=True, slots=True)
class Account:
    """A customer of the gateway."""

    username: str
    api_key: str = field(repr=False)
    senders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    body: bytes
    fault: Fault = Fault.NONE


@dataclass(slots=True)
class Gateway:
    account: Account
    inbox: Inbox
    faults: Faults = field(default_factory=Faults)

    def messaging(self, headers: Mapping[str, str], form: Mapping[str, str], at: datetime) -> Answer:
        """Answer one request. `headers` have lower-case names."""
        if not self._is_known(headers, form):
            return Answer(401, PLAIN, b"The supplied authentication is invalid")
        fault = self.faults.next()
        match fault:
            case Fault.BUSY:
                return Answer(503, PLAIN, b"Service Unavailable")
            case Fault.BROKEN:
                return Answer(500, PLAIN, b"Internal Server Error")
            case Fault.CUT_BEFORE:
                return Answer(0, PLAIN, b"", fault)
        text, to = form.get("message", ""), [number for number in form.get("to", "").split(",") if number]
        if not text or not to:
            return Answer(400, PLAIN, b"Request is missing required form field 'message' or 'to'")
        sender = form.get("from") or self.account.senders[0]
        if sender not in self.account.senders:
            return Answer(201, JSON, _answer("InvalidSenderId", []))
        refusal = self.faults.refusal if fault is Fault.REFUSE else None
        recipients = [_recipient(number, text, refusal) for number in to]
        self.inbox.deliver(
            [
                SimulatedSms(str(each["messageId"]), str(each["number"]), sender, text, _reference(headers), at)
                for each in recipients
                if each["statusCode"] in (100, 101, 102)
            ]
        )
        return Answer(201, JSON, _answer(_summary(recipients), recipients), fault)

    def _is_known(self, headers: Mapping[str, str], form: Mapping[str, str]) -> bool:
        given = (form.get("username", ""), headers.get("apikey", ""))
        return all(given) and given == (self.account.username, self.account.api_key)


def _reference(headers: Mapping[str, str]) -> str | None:
    return headers.get("x-client-reference", "")[:64] or None


def _recipient(number: str, text: str, refusal: int | None) -> dict[str, object]:
    if refusal is None and not _E164.fullmatch(number):
        refusal = 403
    if refusal is not None:
        return {
            "statusCode": refusal, "number": number, "status": REFUSALS[refusal], "cost": "0", "messageId": "None",
        }  # fmt: skip
    parts = sms_parts(text)
    return {
        "statusCode": 101,
        "number": number,
        "status": "Success",
        "cost": f"KES {_cost(parts)}",
        "messageId": f"ATXid_{uuid4().hex}",
        "messageParts": parts,
    }


def _cost(parts: int) -> str:
    cents = parts * _CENTS_A_PART
    return f"{cents // 100}.{cents % 100:02}00"


def _summary(recipients: list[dict[str, object]]) -> str:
    taken = [each for each in recipients if "messageParts" in each]
    parts = sum(int(str(each["messageParts"])) for each in taken)
    return f"Sent to {len(taken)}/{len(recipients)} Total Cost: KES {_cost(parts)}"


def _answer(message: str, recipients: list[dict[str, object]]) -> bytes:
    return orjson.dumps({"SMSMessageData": {"Message": message, "Recipients": recipients}})
