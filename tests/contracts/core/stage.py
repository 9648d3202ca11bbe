"""What the suite stands on: a core with two people's accounts in it, and this house in front of it.

`native` and `fineract` have the cast, and books that a test can write by SQL; `fineract` is the stand-in. `address` is
a Fineract at an address, which is found by its API and written by nothing but transfers: see `served`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from tests.bank import Bank

ADDRESSED = "address"
CORES = ("native", "fineract", ADDRESSED)

# Tests that change what a core holds, other than by money: nobody but its branch writes the books of a Fineract at an
# address. And those of what a near core has not got.
WITH_BOOKS = pytest.mark.parametrize("stage", ["native", "fineract"], indirect=True)
STAND_IN = pytest.mark.parametrize("stage", ["fineract"], indirect=True)


@dataclass(frozen=True)
class Member:
    """Somebody with accounts: at least two for savings and an open loan, or a stranger with one."""

    client: int
    savings: tuple[int, ...]
    loan: int | None


@dataclass(frozen=True)
class Stage:
    """`login` is the person of this house who acts for the `borrower`."""

    bank: Bank
    at: datetime
    borrower: Member
    stranger: Member
    login: str = "trader"
    has_books: bool = True

    @property
    def core(self) -> Any:
        from dirisha.core.view import core_of

        return core_of(self.bank.institution)

    @property
    def is_far(self) -> bool:
        return bool(self.core.facts_are == "as read")

    def clients(self, *ids: int) -> Any:
        from dirisha.kit.ids import ClientId
        from dirisha.kit.scope import Clients

        return Clients(tuple(ClientId(id_) for id_ in ids or (self.borrower.client,)))

    def office(self, id_: int) -> Any:
        from dirisha.kit.ids import OfficeId
        from dirisha.kit.scope import Office

        return Office(OfficeId(id_))

    @contextmanager
    def reader(self, scope: Any = None) -> Iterator[Any]:
        from dirisha.core.view import reading
        from dirisha.kit.actor import Channel

        with reading(
            "contract", self.core, scope or self.clients(), channel=Channel.PORTAL, institution=self.bank.institution
        ) as reader:
            yield reader

    def savings(self, place: int = 0) -> Any:
        with self.reader() as reader:
            return reader.savings(self.borrower.savings[place])

    def loan(self) -> Any:
        with self.reader() as reader:
            return reader.loan(self.borrower.loan)

    def everything(self) -> list[Any]:
        """How all that the borrower has stands."""
        return [self.savings(0), self.savings(1), self.loan()]

    # --- money, by the act that a door performs -----------------------------------------------------------------------

    def transfer(self, amount: Any, *, key: str, turned: bool = False) -> Any:
        from dirisha.acts.transfers.own import own

        source, target = self.borrower.savings[:2][:: -1 if turned else 1]
        return self._run(own, key, source_id=source, target_id=target, amount=amount)

    def repay(self, amount: Any, *, key: str) -> Any:
        from dirisha.acts.loans.repay import repay

        return self._run(repay, key, loan_id=self.borrower.loan, source_id=self.borrower.savings[0], amount=amount)

    def _run(self, act: Any, key: str, **wish: Any) -> Any:
        from dirisha.engine.run import run

        return run(act, self.bank.actor(self.login, "mifos"), at=self.at, key=key, **wish)

    def money(self, amount: str) -> Any:
        return self.bank.money(amount)

    @contextmanager
    def as_written(self) -> Iterator[None]:
        """As the institution's file is now, which the test has changed."""
        from dirisha.tenants.current import use

        with use(self.bank.house.institution(self.bank.institution.slug)):
            yield

    # --- where the test has the books ---------------------------------------------------------------------------------

    def minor(self, query: str, *given: Any) -> Any:
        """One value of the books, by SQL."""
        return self.bank.sql(query, *given)[0][0]


def of_cast(bank: Bank, at: datetime) -> Stage:
    trader, farmer = bank.someone("trader"), bank.someone("farmer")
    return Stage(
        bank,
        at,
        Member(trader.client, tuple(each.id for each in trader.savings), trader.loans[0].id),
        Member(farmer.client, tuple(each.id for each in farmer.savings), farmer.loans[0].id),
    )
