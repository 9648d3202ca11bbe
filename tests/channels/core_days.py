"""Days of the far core behind the doors, each by what a person would say of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.bank import NOW, FarBank

A_WHILE_S = 90  # longer than any lease: what somebody began and did not end is taken up


def closed_for_money(bank: FarBank) -> None:
    """Answers that it is under maintenance: nothing is done, but who says so may be a proxy, so nobody knows."""
    _money(bank, "maintenance")


def hangs_up_after_paying(bank: FarBank) -> None:
    """The money moves and the answer is lost; the books can be read."""
    _money(bank, "cut_after")


def hangs_up_after_paying_and_is_not_understood(bank: FarBank) -> None:
    """Nor can it be looked for in the books from then on: we do not know."""
    from dirisha.simulators.fineract.faults import Chances, Fate, Fault, Faults, Kind

    class Deafening(Faults):
        def next(self, kind: Kind) -> Fate:
            if kind is Kind.MONEY and self.money.of:
                self.set(reads=Chances({Fault.WRONG_TYPE: 100}))
            return super().next(kind)

    bank.core.faults = Deafening()
    hangs_up_after_paying(bank)


def away(bank: FarBank) -> None:
    """Not to be reached at all, for reading neither."""
    from dirisha.simulators.fineract.faults import Chances, Fault

    every = Chances({Fault.MAINTENANCE: 100})
    bank.core.faults.set(reads=every, money=every)


def talks_nonsense(bank: FarBank) -> None:
    """A proxy's page comes instead of each fact: as good as away, but that nobody leaves the core in peace for it."""
    from dirisha.simulators.fineract.faults import Chances, Fault

    bank.core.faults.set(reads=Chances({Fault.WRONG_TYPE: 100}))


def wants_approval(bank: FarBank) -> None:
    """Maker and checker: each transfer waits until somebody at the branch has approved it."""
    bank.core.branch = replace(bank.core.branch, checked=frozenset({"CREATE_ACCOUNTTRANSFER"}))


def is_a_day_behind(bank: FarBank) -> None:
    """So it refuses what is of today, for a reason that no client could do anything about."""
    bank.core.branch = replace(bank.core.branch, business_date=NOW.date() - timedelta(days=1))


def is_a_day_like_ours(bank: FarBank) -> None:
    bank.core.branch = replace(bank.core.branch, business_date=None)


def blocked(bank: FarBank, account: Any) -> None:
    from dirisha.simulators.fineract.desk import Block

    bank.core.branch = replace(bank.core.branch, blocked={account.id: Block.ALL})


def well_again(bank: FarBank) -> None:
    """And the worker has gone on with what waited."""
    bank.core.faults.heal()
    bank.relay(A_WHILE_S)


def has_spent_all(bank: FarBank, account: Any) -> None:
    """At the branch's own counter, while money was on its way."""
    bank.sql("update balance set minor = 100 where account = %s", account.id)


def _money(bank: FarBank, fault: str) -> None:
    from dirisha.simulators.fineract.faults import Chances, Fault

    bank.core.faults.set(money=Chances({Fault(fault): 100}))
