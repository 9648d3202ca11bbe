"""What is swept away, and what stays for good."""

from __future__ import annotations

from datetime import timedelta

from dirisha.acts.access.set_language import set_language
from dirisha.acts.loans.repay import repay
from dirisha.engine.outcome import Done, Quote, Refused
from dirisha.engine.run import confirm, quote, run
from dirisha.engine.sweeps import sweep
from tests.bank import NOW, Bank


def test_money_stays_and_the_rest_goes_when_its_key_may_be_forgotten(bank: Bank) -> None:
    trader, portal, app = bank.someone("trader"), bank.actor("trader", "portal"), bank.actor("trader", "mifos")
    wish = {"loan_id": trader.loans[0].id, "source_id": trader.savings[0].id, "amount": bank.money("10")}
    left = quote(repay, portal, at=NOW, **wish)
    assert isinstance(left, Quote)
    paid = run(repay, app, at=NOW, key="money", **wish)
    assert isinstance(run(set_language, portal, at=NOW, key="words", language="sw"), Done)

    sweep(NOW + timedelta(hours=23))
    assert _keys(bank) == {"money", "words", str(left.id)}
    sweep(NOW + timedelta(days=3))
    assert _keys(bank) == {"money"}

    later = NOW + timedelta(days=3)
    again = run(repay, app, at=later, key="money", **wish)
    assert isinstance(again, Done)
    assert isinstance(paid, Done)
    assert (again.replayed, again.result) == (True, paid.result)
    gone = confirm(left.id, portal, at=later)
    assert isinstance(gone, Refused)
    assert gone.code == "object.not_found"


def _keys(bank: Bank) -> set[str]:
    return {key for (key,) in bank.sql("select key from command where made_at >= %s", NOW)}
