"""Messages of the history: handed over through the gateway's adapter to its simulator, both in this process."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from dirisha.carriers.africastalking import AfricasTalking
from dirisha.carriers.port import HandedOver, Sent
from dirisha.demo.branch import DemoRefused
from dirisha.messaging.relay import relay
from dirisha.simulators.africastalking.gateway import Account, Gateway
from dirisha.simulators.africastalking.inbox import Inbox
from dirisha.tenants.institution import Carrier as CarrierSettings

MOST_AT_ONCE = 500


class _InProcess(AfricasTalking):
    """The adapter as it is, with the simulated gateway at the end of the wire, on the simulated clock."""

    def __init__(self, settings: CarrierSettings, gateway: Gateway) -> None:
        super().__init__(settings)
        self._gateway = gateway
        self.at = datetime.min.replace(tzinfo=UTC)
        self.not_sent: list[Sent] = []

    def exchange(self, form: dict[str, str], headers: dict[str, str]) -> tuple[int, bytes]:
        answer = self._gateway.messaging({name.lower(): value for name, value in headers.items()}, form, self.at)
        return answer.status, answer.body

    def send(self, to: str, text: str, reference: UUID) -> Sent:
        sent = super().send(to, text, reference)
        if not isinstance(sent, HandedOver):
            self.not_sent.append(sent)
        return sent


class Delivery:
    """Called with a moment of the history: everything that waits in the outbox then is sent afterwards."""

    def __init__(self, settings: CarrierSettings, inbox: Inbox) -> None:
        account = Account(settings.username, settings.api_key, (settings.sender,))
        self._carrier = _InProcess(settings, Gateway(account, inbox))

    def __call__(self, at: datetime) -> int:
        self._carrier.at = at
        taken = 0
        while leased := relay(at, self._carrier, most=MOST_AT_ONCE):
            taken += leased
        if self._carrier.not_sent:
            raise DemoRefused(f"a message of the history was not sent: {self._carrier.not_sent[0]!r}")
        return taken
