from __future__ import annotations

import pytest

from tests.bank import Bank
from tests.journeys.drivers.portal import Portal


@pytest.fixture
def portal(bank: Bank) -> Portal:
    """Somebody who has not logged in."""
    return Portal(bank)


@pytest.fixture
def trader(portal: Portal, bank: Bank) -> Portal:
    """The trader, logged in."""
    portal.log_in(bank.someone("trader"))
    return portal
