"""A history page by page: whole, in order, without a repetition, and never read further than it is looked at."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dirisha.core.fineract.core import FineractCore
from dirisha.core.port import SavingsLine
from dirisha.kit.ids import ClientId, SavingsId
from dirisha.kit.refusal import NotFound
from dirisha.kit.scope import Clients
from tests.contracts.fineract_core.far import Far, Request, Said, recorded, said_at

NIA = Clients((ClientId(4),))
ACCOUNT = SavingsId(3)
FIRST = date(2026, 1, 1)


class Books:
    """`transactions/search` as Fineract orders it: by day, then by when it was written, then by number."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def __call__(self, request: Request) -> Said:
        query = request.query
        until = date.fromisoformat(query.get("toDate", "9999-12-31"))
        fitting = [row for row in self.rows if date(*row["date"]) <= until]
        fitting.sort(key=lambda row: (row["date"], row["written"], row["id"]), reverse=True)
        offset, limit = int(query["offset"]), int(query["limit"])
        return Said(body={"total": len(fitting), "content": fitting[offset : offset + limit]})


RECORDED = next(step for step in recorded("staff-api/savings") if "search" in step["request"]["path"])
PLAIN: dict[str, Any] = {**RECORDED["response"]["body"]["content"][0], "transfer": None}


def row(number: int, day: date, written: int | None = None, **changes: Any) -> dict[str, Any]:
    dated = {"id": number, "date": [day.year, day.month, day.day], "written": written or number}
    return PLAIN | dated | changes


@pytest.fixture
def account(far: Far) -> Far:
    far.get("/clients/4", said_at("staff-api/client", "/clients/4"))
    far.get("/savingsaccounts/3", said_at("staff-api/savings", "/savingsaccounts/3"))
    return far


def page(core: FineractCore, before: int | None, limit: int) -> list[SavingsLine]:
    return core.reader(NIA, patience_s=20).savings_lines(ACCOUNT, before=before, limit=limit)


def searches(far: Far) -> list[Request]:
    return [request for request in far.asked if request.bare.endswith("/search")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.integers(0, 5), max_size=40),
    limit=st.integers(1, 7),
    seed=st.integers(0, 10_000),
)
def test_pages_are_the_whole_while_lines_are_added(
    account: Far, core: FineractCore, days: list[int], limit: int, seed: int
) -> None:
    """Between two pages something new is booked, on the newest day or backdated; what was there before comes once."""
    chance = random.Random(seed)
    rows = [row(number, FIRST + timedelta(days=day)) for number, day in enumerate(days, 1)]
    for each in rows:
        # Rows of one command may have been written in the other order.
        each["written"] += chance.choice((0, 0, -2, 2))
        each["reversed"] = chance.random() < 0.2
    there = {each["id"] for each in rows if not each["reversed"]}
    books = Books(rows)
    account.get("/savingsaccounts/3/transactions/search", books)

    told: list[SavingsLine] = []
    before: int | None = None
    while found := page(core, before, limit):
        told += found
        before = found[-1].line
        books.rows.append(row(len(books.rows) + 1, FIRST + timedelta(days=chance.randint(0, 9))))

    assert there <= {line.number for line in told}
    assert len({line.number for line in told}) == len(told)
    assert [line.line for line in told] == sorted((line.line for line in told), reverse=True)


def test_ten_thousand_transactions_are_not_read_whole(account: Far, core: FineractCore) -> None:
    books = Books([row(number, FIRST + timedelta(days=number // 30)) for number in range(1, 10_001)])
    account.get("/savingsaccounts/3/transactions/search", books)

    first = page(core, None, 21)
    second = page(core, first[-1].line, 21)

    assert [line.number for line in [*first, *second]] == list(range(10_000, 9_958, -1))
    assert [int(request.query["limit"]) for request in searches(account)] == [29, 29, 200][: len(searches(account))]


def test_a_day_of_thousands_is_read_as_far_as_it_is_looked_at(account: Far, core: FineractCore) -> None:
    books = Books([row(number, FIRST) for number in range(1, 5_001)])
    account.get("/savingsaccounts/3/transactions/search", books)

    first = page(core, None, 21)
    after_it = page(core, first[-1].line, 21)

    assert [line.number for line in after_it] == list(range(4_979, 4_958, -1))
    assert len(searches(account)) == 3


def test_a_page_of_reversed_ones_is_followed_by_the_next(account: Far, core: FineractCore) -> None:
    gone = [row(number, FIRST + timedelta(days=1), reversed=True) for number in range(100, 400)]
    account.get("/savingsaccounts/3/transactions/search", Books([row(1, FIRST), row(2, FIRST), *gone]))

    assert [line.number for line in page(core, None, 20)] == [2, 1]


def test_the_newest_of_all_accounts_are_asked_for_once_each(account: Far, core: FineractCore) -> None:
    account.get("/clients/4/accounts", said_at("staff-api/client", "/clients/4/accounts"))
    account.get("/loans/3", said_at("staff-api/loans", "/loans/3?associations=all"))
    for id_, first in ((3, 1), (4, 501)):
        books = Books([row(number, FIRST + timedelta(days=number % 7)) for number in range(first, first + 300)])
        account.get(f"/savingsaccounts/{id_}/transactions/search", books)

    latest = core.reader(NIA, patience_s=20).overview(latest=5).latest

    assert [line.line for _, line in latest] == sorted((line.line for _, line in latest), reverse=True)
    assert len(latest) == 5
    assert len(searches(account)) == 2


def test_the_newest_line_and_the_sums(account: Far, core: FineractCore) -> None:
    account.get("/savingsaccounts/3/transactions/search", Books([row(1, FIRST), row(2, FIRST + timedelta(days=3))]))

    turnover = core.reader(NIA, patience_s=20).savings_turnover(ACCOUNT)

    assert turnover.last_on == FIRST + timedelta(days=3)


@pytest.mark.parametrize("before", [0, -1, 10**12])
def test_nothing_is_older_than_the_first_day(account: Far, core: FineractCore, before: int) -> None:
    account.get("/savingsaccounts/3/transactions/search", Books([row(1, FIRST)]))

    with pytest.raises(NotFound):
        page(core, before - 10**12, 20)


def test_a_number_that_no_line_has_is_an_old_page_or_none(account: Far, core: FineractCore) -> None:
    account.get("/savingsaccounts/3/transactions/search", Books([row(1, FIRST)]))

    assert page(core, 10**12 + 1, 20) == []
    with pytest.raises(NotFound):
        page(core, 10**30, 20)
