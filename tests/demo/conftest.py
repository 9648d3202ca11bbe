"""Small histories, each in an institution of its own that no registry knows: a few people instead of two hundred."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.bank import FIRST, NOW, House, hook_of

TODAY = NOW.date()
PEOPLE = 24


@dataclass(frozen=True)
class Past:
    """A written history: the institution, its messages on the phones, and how many `write` counted."""

    institution: Any
    phones: Any
    messages: int
    sql: Callable[..., list[tuple[Any, ...]]]


@contextmanager
def past(house: House, folder: Path, slug: str, troupe: Any, *, people: int, seed: int) -> Iterator[Past]:
    from dirisha.db.engine.idle import idle
    from dirisha.db.roles import create_database, drop_database
    from dirisha.db.schema import TEMPLATE
    from dirisha.db.transactions import release
    from dirisha.demo import history
    from dirisha.demo.delivery import Delivery
    from dirisha.simulators.africastalking.inbox import MemoryInbox
    from dirisha.tenants.current import use
    from dirisha.tenants.institution import read_institution

    file = folder / f"{slug}.toml"
    file.write_text(FIRST.format(slug=slug, name=slug.title(), hook=hook_of(slug)))
    institution = read_institution(file)
    create_database(house.cluster.admin, institution.database, template=TEMPLATE)

    def sql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(house.cluster.admin, dbname=institution.database, autocommit=True) as connection:
            return connection.execute(statement, parameters).fetchall()

    phones = MemoryInbox()
    assert institution.carrier is not None
    try:
        with use(institution):
            deliver = Delivery(institution.carrier, phones)
            messages = history.write(TODAY, troupe, deliver=deliver, people=people, seed=seed)
            release()
        yield Past(institution, phones, messages, sql)
    finally:
        idle.close_all(institution.database)
        drop_database(house.cluster.admin, institution.database)


@pytest.fixture(scope="module")
def first(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    from dirisha.demo.cast import FIRST as TROUPE

    with past(house, tmp_path_factory.mktemp("moja"), "moja", TROUPE, people=PEOPLE, seed=7) as written:
        yield written


@pytest.fixture(scope="module")
def second(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    from dirisha.demo.cast import SECOND as TROUPE

    with past(house, tmp_path_factory.mktemp("mbili"), "mbili", TROUPE, people=PEOPLE, seed=7) as written:
        yield written
