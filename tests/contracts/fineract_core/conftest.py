from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from dirisha.core.fineract import link as links
from dirisha.core.fineract.core import FineractCore
from dirisha.tenants.institution import ENVIRONMENT, Institution
from tests.contracts.fineract_core.far import Far, far_away

PASSWORD = "Golden-svc-1"
NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
def address(far: Far) -> Iterator[str]:
    with far_away(far) as url:
        yield url


@pytest.fixture
def institution(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Institution]]:
    """Makes the institution in front of the server; named values change the section [fineract]."""
    monkeypatch.setenv("FINERACT_PASSWORD", PASSWORD)
    made: list[str] = []

    def make(**changes: Any) -> Institution:
        settings = {"url": address, "user": "gold.svc", "password_env": "FINERACT_PASSWORD"} | changes
        slug = f"ziwa-{len(made)}"
        made.append(slug)
        return an_institution(slug, settings)

    yield make
    for slug in made:
        links.drop(slug)


def an_institution(slug: str, settings: dict[str, Any], **named: Any) -> Institution:
    return Institution.model_validate(
        {
            "slug": slug,
            "name": "Ziwa",
            "country": "KE",
            "currency_code": "USD",
            "currency_name": "US Dollar",
            "currency_symbol": "$",
            "time_zone": "Africa/Nairobi",
            "help_number": "+254 20 123 4567",
            "core": "fineract",
            "fineract": settings,
        }
        | named,
        context={ENVIRONMENT: os.environ},
    )


@pytest.fixture
def core(institution: Callable[..., Institution]) -> FineractCore:
    return FineractCore(institution())
