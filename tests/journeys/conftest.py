"""The journeys run in front of both cores: a near one, and the stand-in of Apache Fineract."""

from __future__ import annotations

import pytest

from tests.bank import Bank

CORES = ("native", "fineract")


@pytest.fixture(params=CORES)
def bank(request: pytest.FixtureRequest) -> Bank:
    """The first institution with its cast, in front of each of the cores."""
    found: Bank = request.getfixturevalue("far_bank" if request.param == "fineract" else "bank")
    return found
