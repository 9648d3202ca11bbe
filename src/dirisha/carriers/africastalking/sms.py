"""SMS by Africa's Talking: `POST /version1/messaging`, and what it posts to our hook.

The wire has no idempotency key: what was perhaps taken is `Unknown` and not sent again. Our reference travels in a
header that the gateway ignores, for whoever compares its log with ours.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

import httpx
import orjson

from dirisha.carriers.port import Deferred, HandedOver, InboundSms, NotInbound, Rejected, Sent, Unknown
from dirisha.kit.phone import NotAPhone, parse_msisdn
from dirisha.tenants.institution import Carrier as CarrierSettings

CONNECT_S, READ_S, WHOLE_ANSWER_S = 3.0, 10.0, 15.0
LARGEST_ANSWER = 64 * 1024
LONGEST_ID, LONGEST_TEXT = 100, 2000

ACCEPTED = frozenset({100, 101, 102})
# 404 UnsupportedNumberType, 406 UserInBlacklist … concern the number or the text: the same message fails for ever.
REJECTED = {
    401: "RiskHold", 403: "InvalidPhoneNumber", 404: "UnsupportedNumberType", 406: "UserInBlacklist",
    407: "CouldNotRoute", 409: "DoNotDisturbRejection", 502: "RejectedByGateway",
}  # fmt: skip
# These concern our account or the gateway's day: the message waits until somebody has put it in order.
DEFERRED = {402: "InvalidSenderId", 405: "InsufficientBalance", 500: "InternalServerError", 501: "GatewayError"}


class Sms:
    """The SMS half of the gateway for one institution's account."""

    def __init__(self, settings: CarrierSettings) -> None:
        self.settings = settings

    def send(self, to: str, text: str, reference: UUID) -> Sent:
        form = {
            "username": self.settings.username,
            "to": to,
            "message": text,
            "from": self.settings.sender,
            "bulkSMSMode": "1",
            "enqueue": "1",
        }
        headers = {
            "apiKey": self.settings.api_key,
            "Accept": "application/json",
            "X-Client-Reference": str(reference),
        }
        try:
            return _outcome(*self.exchange(form, headers))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Deferred(f"not reached: {type(error).__name__}")
        except (httpx.HTTPError, _AnswerTooLong) as error:
            return Unknown(f"no answer: {type(error).__name__.strip('_')}")

    def exchange(self, form: dict[str, str], headers: dict[str, str]) -> tuple[int, bytes]:
        """One request on the wire: status and body of the answer."""
        until = time.monotonic() + WHOLE_ANSWER_S
        with _client().stream("POST", self.settings.api_url, data=form, headers=headers) as response:
            return response.status_code, _read(response, until)

    def read_inbound(self, form: Mapping[str, str]) -> InboundSms:
        carrier_id, text = form.get("id", "").strip(), form.get("text")
        if not 0 < len(carrier_id) <= LONGEST_ID or not carrier_id.isprintable():
            raise NotInbound("id")
        if text is None or len(text) > LONGEST_TEXT:
            raise NotInbound("text")
        # A plus that was not escaped arrives as a space. A sender with a name in place of a number can't be answered.
        sender = "+" + form.get("from", "").strip().removeprefix("+")
        try:
            return InboundSms(carrier_id, parse_msisdn(sender, "ZZ"), text.replace("\0", ""))
        except NotAPhone:
            raise NotInbound("from") from None


class _AnswerTooLong(Exception):
    """Larger, or slower to come, than any answer of the gateway."""


def _read(response: httpx.Response, until: float) -> bytes:
    """The body; httpx's time-outs are for each piece of it, so a dripping one is bounded here."""
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) > LARGEST_ANSWER or time.monotonic() > until:
            raise _AnswerTooLong
    return body


@cache
def _client() -> httpx.Client:
    """One a process, with connections kept alive for the next messages of a round."""
    return httpx.Client(
        timeout=httpx.Timeout(READ_S, connect=CONNECT_S, pool=CONNECT_S),
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=8, keepalive_expiry=5),
        # A proxy of the environment is for the outside world alone.
        mounts={"all://127.0.0.1": None, "all://localhost": None},
    )


def _outcome(status: int, body: bytes) -> Sent:
    match status:
        case 200 | 201:
            return _recipients_outcome(body)
        case 401 | 403 | 429 | 503:  # a wrong key answers in plain text; busy ones say that they took nothing
            return Deferred(f"HTTP {status}")
        case _ if 400 <= status < 500:
            return Rejected(f"HTTP {status}")
    return Unknown(f"HTTP {status}")


def _recipients_outcome(body: bytes) -> Sent:
    try:
        data: Any = orjson.loads(body)["SMSMessageData"]
        recipients, message = data["Recipients"], str(data.get("Message", ""))
        if not recipients:
            # The whole request was refused, in words: `InvalidSenderId`.
            return Deferred(f"no recipient: {message[:60]}")
        return _recipient_outcome(recipients[0])
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, ValueError, AttributeError):
        return Unknown("an answer that is none of the gateway's")


def _recipient_outcome(recipient: Mapping[str, Any]) -> Sent:
    code = int(recipient["statusCode"])
    if code in ACCEPTED:
        return HandedOver(str(recipient["messageId"]))
    if code in DEFERRED:
        return Deferred(f"{code} {DEFERRED[code]}")
    return Rejected(f"{code} {REJECTED.get(code, 'unknown to us')}")
