"""The adapter and the simulated gateway on a real socket, and what the provider's own SDK sends there.

The SDK's requests were recorded by hand from `africastalking` 2.0.3 (PyPI, MIT), pointed at a socket of ours.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import orjson
import pytest

from dirisha.carriers.africastalking import AfricasTalking
from dirisha.carriers.port import Deferred, HandedOver, NotInbound, Rejected, Unknown
from dirisha.simulators.africastalking.desk import serving
from dirisha.simulators.africastalking.faults import Fault, Faults
from dirisha.simulators.africastalking.gateway import Account, Gateway
from dirisha.simulators.africastalking.inbox import MemoryInbox
from dirisha.tenants.institution import Carrier as CarrierSettings

REFERENCE = UUID("01a20cc8-8e80-7035-af57-7ec6a50b1c3e")
PHONE = "+254700000118"

SDK_BODY = (
    "username=sandbox&to=%2B254700000118%2C%2B254700000222&message=Habari%2C+KES+500+%26+more"
    "&bulkSMSMode=1&from=DIRISHA&enqueue=1"
)
SDK_REQUEST = (
    "POST /version1/messaging HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: africastalking-python/2.0.0\r\n"
    "Accept-Encoding: gzip, deflate\r\nAccept: application/json\r\nConnection: close\r\napiKey: {key}\r\n"
    f"Content-Length: {len(SDK_BODY)}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n{SDK_BODY}"
)


@dataclass(frozen=True)
class OnTheDesk:
    inbox: MemoryInbox
    url: str

    def carrier(self, **changes: str) -> AfricasTalking:
        given = {
            "driver": "", "username": "sandbox", "api_key": "k1", "api_url": self.url, "sender": "DIRISHA",
            "service_code": "*384#", "hooks": (),
        }  # fmt: skip
        return AfricasTalking(CarrierSettings.model_validate(given | changes))


@contextmanager
def on_the_desk(faults: Faults | None = None) -> Iterator[OnTheDesk]:
    inbox = MemoryInbox()
    gateway = Gateway(Account("sandbox", "k1", ("DIRISHA",)), inbox, faults or Faults())
    with serving(gateway) as url:
        yield OnTheDesk(inbox, url)


def test_a_message_is_handed_over_under_the_gateways_id_and_shows_our_reference() -> None:
    with on_the_desk() as desk:
        sent = desk.carrier().send(PHONE, "Umelipa KES 500.00 & zaidi", REFERENCE)
        [arrived] = desk.inbox.of(PHONE)
    assert sent == HandedOver(arrived.carrier_id)
    assert (arrived.to, arrived.sender, arrived.text) == (PHONE, "DIRISHA", "Umelipa KES 500.00 & zaidi")
    assert arrived.reference == str(REFERENCE)


@pytest.mark.parametrize(
    ("fault", "outcome", "arrived"),
    [
        (Fault.DELAY, HandedOver, 1),
        (Fault.CUT_BEFORE, Unknown, 0),
        (Fault.CUT_AFTER, Unknown, 1),
        (Fault.REFUSE, Rejected, 0),
        (Fault.BUSY, Deferred, 0),
        (Fault.BROKEN, Unknown, 0),
    ],
)
def test_each_fault_of_the_gateway_has_its_outcome(fault: Fault, outcome: type, arrived: int) -> None:
    with on_the_desk(Faults({fault: 100}, delay_ms=20)) as desk:
        sent = desk.carrier().send(PHONE, "text", REFERENCE)
        assert (type(sent), len(desk.inbox.all())) == (outcome, arrived), sent


@pytest.mark.parametrize(
    ("status_code", "outcome"),
    [
        (401, Rejected), (402, Deferred), (403, Rejected), (404, Rejected), (405, Deferred), (406, Rejected),
        (407, Rejected), (409, Rejected), (500, Deferred), (501, Deferred), (502, Rejected),
    ],
)  # fmt: skip
def test_each_refusal_of_a_recipient_is_for_good_or_for_now(status_code: int, outcome: type) -> None:
    with on_the_desk(Faults({Fault.REFUSE: 100}, refusal=status_code)) as desk:
        sent = desk.carrier().send(PHONE, "text", REFERENCE)
    assert type(sent) is outcome, sent


def test_an_account_out_of_order_keeps_its_messages_for_later() -> None:
    with on_the_desk() as desk:
        assert isinstance(desk.carrier(api_key="wrong").send(PHONE, "text", REFERENCE), Deferred)
        assert isinstance(desk.carrier(sender="NOBODY").send(PHONE, "text", REFERENCE), Deferred)
        assert isinstance(desk.carrier().send("0700", "text", REFERENCE), Rejected)
        carrier = desk.carrier()
    assert isinstance(carrier.send(PHONE, "text", REFERENCE), Deferred), "nobody listens there any more"


def test_we_send_the_fields_that_the_providers_sdk_sends() -> None:
    sent: list[dict[str, str]] = []

    class Recorded(AfricasTalking):
        def exchange(self, form: dict[str, str], headers: dict[str, str]) -> tuple[int, bytes]:
            sent.extend([form, headers])
            return 500, b""

    with on_the_desk() as desk:
        Recorded(desk.carrier().settings).send(PHONE, "text", REFERENCE)
    form, headers = sent
    assert form.keys() == dict(parse_qsl(SDK_BODY)).keys()
    assert headers["apiKey"] == "k1" and headers["Accept"] == "application/json"


def test_the_gateway_on_the_desk_answers_the_providers_sdk() -> None:
    with on_the_desk() as desk:
        head, body = _exchange_raw(desk.url, SDK_REQUEST.format(key="k1"))
        assert head.startswith("HTTP/1.1 201 ")
        # The SDK compares the whole header before it reads JSON.
        assert "content-type: application/json\r\n" in head.lower()
        data = orjson.loads(body)["SMSMessageData"]
        assert data["Message"] == "Sent to 2/2 Total Cost: KES 1.6000"
        assert [(each["statusCode"], each["number"], each["status"]) for each in data["Recipients"]] == [
            (101, "+254700000118", "Success"),
            (101, "+254700000222", "Success"),
        ]
        assert [message.text for message in desk.inbox.all()] == ["Habari, KES 500 & more"] * 2

        head, body = _exchange_raw(desk.url, SDK_REQUEST.format(key="wrong"))
        assert head.startswith("HTTP/1.1 401 ") and "content-type: text/plain" in head.lower()
        assert body == b"The supplied authentication is invalid"


def _exchange_raw(url: str, request: str) -> tuple[str, bytes]:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as connection:
        connection.sendall(request.encode())
        whole = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = whole.partition(b"\r\n\r\n")
    return head.decode() + "\r\n", body


INBOUND = {"id": "a1", "from": PHONE, "to": "22334", "text": "Bal", "date": "2026-11-23 16:12:00", "linkId": "l1"}


def test_an_inbound_message_is_read() -> None:
    with on_the_desk() as desk:
        carrier = desk.carrier()
    read = carrier.read_inbound(INBOUND)
    assert (read.id, read.sender, read.text) == ("a1", PHONE, "Bal")
    assert carrier.read_inbound(INBOUND | {"from": " 254700000118"}).sender == PHONE, "a plus that was not escaped"
    assert "Bal" not in repr(read), "what a person typed is in no log"


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""}, {"id": "x" * 101}, {"id": "a\0b"}, {"from": ""}, {"from": "Safaricom"}, {"from": "1e400"},
        {"text": "x" * 2001},
    ],
)  # fmt: skip
def test_what_the_gateway_never_sends_is_not_read(wrong: dict[str, str]) -> None:
    with on_the_desk() as desk:
        carrier = desk.carrier()
    with pytest.raises(NotInbound):
        carrier.read_inbound(INBOUND | wrong)
    with pytest.raises(NotInbound):
        carrier.read_inbound({name: value for name, value in INBOUND.items() if name != next(iter(wrong))})
