"""Money in front of a far core: stored as an instruction, sent after the commit, and final by what the core says."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.bank import NOW, FarBank


def _transfer(bank: FarBank, amount: str, *, key: str = "", who: str = "trader", turn: int = 0) -> Any:
    from dirisha.acts.transfers.own import own
    from dirisha.engine.run import run

    source, target = bank.someone(who).savings[:2][:: 1 if turn == 0 else -1]
    return run(
        own, bank.actor(who, "mifos"), at=NOW, key=key or str(uuid4()),
        source_id=source.id, target_id=target.id, amount=bank.money(amount),
    )  # fmt: skip


def test_a_transfer_is_booked_at_the_core_and_told_once(far_bank: FarBank) -> None:
    from dirisha.engine.outcome import Done

    source, target = far_bank.someone("trader").savings[:2]
    before = far_bank.balance(source.id), far_bank.balance(target.id)

    outcome = _transfer(far_bank, "120", key="once")
    again = _transfer(far_bank, "120", key="once")

    assert isinstance(outcome, Done) and isinstance(again, Done)
    assert again.replayed and again.result.reference == outcome.result.reference
    assert (far_bank.balance(source.id), far_bank.balance(target.id)) == (before[0] - 12000, before[1] + 12000)
    far_bank.relay(30)
    assert far_bank.instructions() == [(outcome.result.reference, "posted", None)]
    assert far_bank.sql("select event, variables -> 'balance' -> '~money' ->> 0 from outbox") == [
        ("transferred", str(before[0] - 12000))
    ]
    assert far_bank.sql("select distinct state from limit_use") == [("used",)]
    assert [row[:2] for row in far_bank.audit()][-2:] == [("transfers.own", "accepted"), ("transfers.own", "done")]
