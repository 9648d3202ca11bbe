"""The four doors with one set of verbs, so that a journey is written once."""

from __future__ import annotations

from typing import Any, Protocol

from tests.bank import Bank
from tests.journeys.drivers.mifos import MifosDoor
from tests.journeys.drivers.portal import Portal
from tests.journeys.drivers.sms import SmsDoor
from tests.journeys.drivers.ussd import UssdDoor

DOORS = ("portal", "mifos", "ussd", "sms")


class Door(Protocol):
    """Somebody at a door. Amounts are typed as people type them; a reference comes back."""

    def enter(self, someone: Any) -> None: ...

    def repay(self, loan: Any, source: Any, amount: str) -> str: ...

    def reads_back(self, reference: str) -> bool: ...


class _Portal(Portal):
    def enter(self, someone: Any) -> None:
        assert self.log_in(someone).address == "/"


class _Mifos:
    def __init__(self, bank: Bank) -> None:
        self.door = MifosDoor(bank)

    def enter(self, someone: Any) -> None:
        assert self.door.log_in(someone).status == 200

    def repay(self, loan: Any, source: Any, amount: str) -> str:
        outcome = self.door.repay(loan, source, amount)
        assert outcome.reference is not None, outcome
        return outcome.reference

    def reads_back(self, reference: str) -> bool:
        return self.door.reads_back(reference)


class _Ussd(UssdDoor):
    def enter(self, someone: Any) -> None:
        self.dial(someone)


class _Sms(SmsDoor):
    def enter(self, someone: Any) -> None:
        self.pick_up(someone)


def door(name: str, bank: Bank) -> Door:
    made: dict[str, Any] = {"portal": _Portal, "mifos": _Mifos, "ussd": _Ussd, "sms": _Sms}
    opened: Door = made[name](bank)
    return opened
