"""Many accounts and many instructions in front of a far core, for tests of what waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from tests.bank import NOW, FarBank
from tests.parallel import at_once

PATIENCE_S = 30

# Limits are kept, and high.
HIGH_LIMITS = {f'day = "{day}"': 'day = "9000000"' for day in ("100000", "80000", "60000", "40000")}


@contextmanager
def as_written(bank: FarBank) -> Iterator[None]:
    """The institution as its file says now."""
    from dirisha.tenants.current import use

    with use(bank.house.institution(bank.institution.slug)):
        yield


def waits(seconds: float) -> dict[str, str]:
    """What a change of the institution's file says for how long its doors wait for the core."""
    return {"[limits]": f"[waits]\nportal = {seconds}\nmifos = {seconds}\n[limits]"}


def more_accounts(bank: FarBank, key: str, number: int) -> list[Any]:
    """Opened and filled at the branch; all savings of that client then."""
    from dirisha.access.people import person
    from dirisha.demo import cast
    from dirisha.demo.branch import Branch

    client = bank.someone(key).client
    staff = bank.someone("staff").user
    who = person(staff)
    assert who is not None
    with bank.at_core():
        branch = Branch.of(staff)
        for _ in range(number):
            account = branch.open_savings(client, cast.EVERYDAY, cast.EVERYDAY, at=NOW)
            branch.deposit(account.id, bank.money("5000"), at=NOW)
    return list(bank.someone(key).savings)


def transfer(bank: FarBank, who: Any, source: Any, target: Any, amount: str, *, key: str = "", at: Any = NOW) -> Any:
    """By the actor `who`, through the engine."""
    from dirisha.acts.transfers.own import own
    from dirisha.engine.run import run

    return run(
        own, who, at=at, key=key or str(uuid4()), source_id=source.id, target_id=target.id, amount=bank.money(amount)
    )


def states(bank: FarBank) -> list[str]:
    return [state for _, state, _ in bank.instructions()]


def moved(bank: FarBank) -> dict[str, int]:
    """How often each reference was booked by order, in the far books."""
    rows = bank.sql(
        r"select substring(c.terms->'body'->>'transferDescription' from 'Dirisha (\S+) '), count(*)"
        " from journal j join command c on c.id = j.command where c.actor = 'fineract:CREATE_ACCOUNTTRANSFER' group by 1"
    )
    return {str(reference): int(number) for reference, number in rows}


def told(bank: FarBank) -> list[tuple[str, str]]:
    """Which notices there are of each instruction."""
    return [
        (str(reference), str(event))
        for reference, event in bank.sql(
            "select i.reference, o.event from outbox o join instruction i on i.command = o.command order by i.place, o.id"
        )
    ]


def limits(bank: FarBank) -> set[tuple[str, str]]:
    """Which states of limit use go with which states of instructions."""
    return set(
        bank.sql("select distinct i.state, u.state from limit_use u join instruction i on i.command = u.command")
    )


class Beside:
    """A call in a thread of its own, in the institution of the test; `ended` gives what it returned or raised."""

    def __init__(self, call: Callable[[], Any]) -> None:
        from dirisha.tenants.current import current

        institution = current()
        self._results: list[Any] = []
        self._thread = threading.Thread(target=lambda: self._results.extend(at_once([call], institution)))
        self._thread.start()

    def ended(self) -> Any:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "it still waits"
        return self._results[0]
