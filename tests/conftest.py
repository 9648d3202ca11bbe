"""One embedded server a test process, a template with the named cast, and a fresh clone of it for each test."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bank import Bank, FarBank, House


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """The server, Django's settings and the template databases; made once a process."""
    from dirisha.server.postgres import temporary

    with temporary(fsync=False) as cluster, tempfile.TemporaryDirectory(prefix="dirisha-tests-") as var:
        os.environ |= {
            "DIRISHA_VAR": var,
            "DATABASE_URL": cluster.login,
            "DIRISHA_OWNER_URL": cluster.owner,
            "DIRISHA_ADMIN_URL": cluster.admin,
            "DIRISHA_SECRET_KEY": "a key for tests alone, and long enough for all that",
            "DIRISHA_PEPPER": "a pepper for tests alone",
            "DIRISHA_DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "dirisha.server.settings",
        }
        import django

        django.setup()
        house = House.build(cluster, Path(var))
        yield house
        house.admin.close()


_numbers = itertools.count(1)


@pytest.fixture
def bank(house: House) -> Iterator[Bank]:
    """The first institution with its cast, chosen for this test, on databases that no other test has touched."""
    with house.fresh(next(_numbers)) as bank:
        yield bank


@pytest.fixture
def far_bank(house: House) -> Iterator[FarBank]:
    """The first institution in front of a far core: the stand-in of Apache Fineract, with the cast in its books."""
    with house.fresh_far() as bank:
        yield bank
