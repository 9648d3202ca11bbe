from __future__ import annotations

from dirisha.acts.loans.repay import repay
from dirisha.acts.transfers.own import own
from dirisha.engine.outcome import Done
from dirisha.engine.run import Pressed, confirm, quote, run
from dirisha.ledger import verify
from tests.bank import NOW, Bank


def test_a_transfer_moves_money_once(bank: Bank) -> None:
    trader = bank.someone("trader")
    actor = bank.actor("trader", "mifos")
    a, b = trader.savings
    before = bank.movements()
    outcome = run(own, actor, at=NOW, key="k1", source_id=a.id, target_id=b.id, amount=bank.money("100"))
    assert isinstance(outcome, Done), outcome
    assert bank.movements()[len(before) :] == [(a.id, b.id, 10000)]
    again = run(own, actor, at=NOW, key="k1", source_id=a.id, target_id=b.id, amount=bank.money("100"))
    assert isinstance(again, Done)
    assert again.replayed
    assert again.result == outcome.result
    assert bank.movements()[len(before) :] == [(a.id, b.id, 10000)]
    assert verify.findings() == []


def test_quote_and_confirm(bank: Bank) -> None:
    trader = bank.someone("trader")
    actor = bank.actor("trader", "portal")
    q = quote(
        repay, actor, at=NOW, loan_id=trader.loans[0].id, source_id=trader.savings[0].id, amount=bank.money("1000")
    )
    done = confirm(q.id, actor, at=NOW, proof=Pressed())
    assert isinstance(done, Done), done
