"""Phones of the cast, at a moment of the story."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.bank import NOW, Bank
from tests.journeys.drivers.sms import SmsDoor, SmsPhone


class Clock:
    """The moment of the requests that the phones' messages come by."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def trader(bank: Bank, clock: Clock) -> SmsDoor:
    door = SmsDoor(bank, clock)
    door.pick_up(bank.someone("trader"))
    return door


@pytest.fixture
def farmer(bank: Bank, clock: Clock) -> SmsDoor:
    door = SmsDoor(bank, clock)
    door.pick_up(bank.someone("farmer"))
    return door


@pytest.fixture
def stranger(bank: Bank, clock: Clock) -> SmsPhone:
    return SmsPhone(bank, "+254711000000", now=clock)
