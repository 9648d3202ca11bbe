"""An app at the Mifos door, and good bodies to spoil."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.bank import Bank
from tests.journeys.drivers.mifos import App

DAY = "24 November 2026"


@pytest.fixture(autouse=True)
def nothing_remembered(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clones of one template have the same hashes: what was right in another test is not remembered here."""
    from dirisha.channels.mifos import remembered

    monkeypatch.setattr(remembered, "remembered", remembered.Remembered())


@pytest.fixture
def app(bank: Bank) -> App:
    """The trader's, with her credentials behind every call."""
    return App.of(bank, "trader")


@pytest.fixture
def wish(bank: Bank) -> Callable[..., dict[str, Any]]:
    """A good body from the trader's first account to the second, or to the loan (`"loan"`), with changes; `...` leaves
    a member out."""
    trader = bank.someone("trader")
    office = bank.sql("select office from client where id = %s", trader.client)[0][0]

    def make(to: str = "savings", **changes: Any) -> dict[str, Any]:
        target = trader.loans[0].id if to == "loan" else trader.savings[1].id
        body = {
            "fromOfficeId": office, "fromClientId": trader.client, "fromAccountId": trader.savings[0].id,
            "fromAccountType": 2, "toOfficeId": office, "toClientId": trader.client, "toAccountId": target,
            "toAccountType": 1 if to == "loan" else 2, "transferAmount": 100, "transferDate": DAY,
            "transferDescription": "school", "locale": "en", "dateFormat": "dd MMMM yyyy",
        } | changes  # fmt: skip
        return {name: value for name, value in body.items() if value is not ...}

    return make
