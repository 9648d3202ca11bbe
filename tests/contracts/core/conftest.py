from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bank import NOW
from tests.contracts.core import served
from tests.contracts.core.stage import ADDRESSED, CORES, Stage, of_cast


@pytest.fixture(params=CORES)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == ADDRESSED:
        with served.stage_at_address(request.getfixturevalue("house")) as found:
            yield found
    else:
        yield of_cast(request.getfixturevalue("far_bank" if request.param == "fineract" else "bank"), NOW)
