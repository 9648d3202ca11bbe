"""The SMS gateway on a desk, for tests: the real adapter, and the simulated gateway in this process at the end of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dirisha.carriers.africastalking import AfricasTalking
from dirisha.messaging.relay import relay
from dirisha.simulators.africastalking.faults import Faults
from dirisha.simulators.africastalking.gateway import Account, Gateway
from dirisha.simulators.africastalking.inbox import MemoryInbox, SimulatedSms


def account_of(institution: Any) -> Account:
    carrier = institution.carrier
    return Account(carrier.username, carrier.api_key, (carrier.sender,))


class _InProcess(AfricasTalking):
    def __init__(self, institution: Any, gateway: Gateway) -> None:
        super().__init__(institution.carrier)
        self.gateway = gateway
        self.at = datetime.min.replace(tzinfo=UTC)

    def exchange(self, form: dict[str, str], headers: dict[str, str]) -> tuple[int, bytes]:
        answer = self.gateway.messaging({name.lower(): value for name, value in headers.items()}, form, self.at)
        return answer.status, answer.body


class Desk:
    """`relay` hands over what waits; the messages it brought to phones are returned, and stay in `inbox`."""

    def __init__(self, institution: Any, faults: Faults | None = None) -> None:
        self.inbox = MemoryInbox()
        self.carrier = _InProcess(institution, Gateway(account_of(institution), self.inbox, faults or Faults()))

    def relay(self, at: datetime) -> list[SimulatedSms]:
        before = len(self.inbox.all())
        self.carrier.at = at
        rounds = 0
        while relay(at, self.carrier, most=200):
            rounds += 1
            assert rounds < 50, "rows come back at once, for ever"
        return self.inbox.all()[before:]
