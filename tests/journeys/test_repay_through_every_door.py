"""One act through four doors, in front of both cores: equal movements, equal receipts, one audit event, one notice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dirisha.core.port import Receipt
from dirisha.kit.money import Money
from tests.bank import NOW, Bank
from tests.journeys.doors import DOORS, door

INTEREST_INCOME = 2


def receipt_of(bank: Bank, key: str, reference: str) -> Any:
    from dirisha.queries import receipts
    from dirisha.queries.ask import ask

    return ask(receipts.by_reference, bank.actor(key, "portal"), at=NOW, reference=reference)


@pytest.mark.security("M-11")
@pytest.mark.parametrize("name", DOORS)
def test_a_trader_repays_what_is_due(bank: Bank, name: str) -> None:
    trader = bank.someone("trader")
    loan, source = trader.loans[0], trader.savings[0]
    due = next(each for each in loan.installments if not each.is_met)
    amount = bank.money(str(due.outstanding_minor // 100) + "." + f"{due.outstanding_minor % 100:02d}")
    opened = door(name, bank)
    opened.enter(trader)
    movements, audited, notices = bank.movements(), len(bank.audit()), _notices(bank)

    reference = opened.repay(loan, source, amount.plain())
    bank.relay(120)  # a far core's balance may come a little later than its word

    assert bank.movements()[len(movements) :] == [
        (source.id, loan.id, due.outstanding.principal),
        (source.id, INTEREST_INCOME, due.outstanding.interest),
    ]
    done = [event for event in bank.audit()[audited:] if event[:2] == ("loans.repay", "done")]
    assert done == [("loans.repay", "done", None, f"user:{trader.user}", name)]
    assert _notices(bank) == notices + 1
    # What the message says is what the books say.
    [told] = bank.sql(
        "select variables ->> 'reference', variables -> 'amount' -> '~money' ->> 0,"
        " variables -> 'balance' -> '~money' ->> 0, variables -> 'left' -> '~money' ->> 0"
        " from outbox where event = 'repaid' order by made_at desc, id desc limit 1"
    )
    left = (loan.outstanding - amount).minor
    assert told == (reference, str(amount.minor), str(bank.balance(source.id)), str(left))
    assert opened.reads_back(reference)
    # Read back from the books: the same whatever the door, but for reference and moment.
    assert replace(receipt_of(bank, "trader", reference), booked_at=NOW) == Receipt(
        reference=reference,
        kind="loans.repay",
        business_date=NOW.date(),
        booked_at=NOW,
        source=source.ref,
        target=loan.ref,
        payee=trader.character.name,
        amount=amount,
        fee=Money.zero(amount.currency),
        principal=Money(due.outstanding.principal, amount.currency),
        interest=Money(due.outstanding.interest, amount.currency),
        balance_after=Money(bank.balance(source.id), amount.currency),
    )


def test_the_acts_own_receipt_is_the_one_in_the_books(bank: Bank) -> None:
    from dirisha.acts.loans.repay import repay
    from dirisha.acts.transfers.own import own
    from dirisha.engine.outcome import Done
    from dirisha.engine.run import run

    trader, actor = bank.someone("trader"), bank.actor("trader", "mifos")
    first, second = trader.savings
    # The first shilling is all interest: no movement to the loan itself tells which loan it was.
    for n, amount in enumerate(("1", "5000")):
        done = run(
            repay, actor, at=NOW, key=f"r{n}", loan_id=trader.loans[0].id, source_id=first.id, amount=bank.money(amount)
        )
        assert isinstance(done, Done), done
        assert receipt_of(bank, "trader", done.result.reference) == done.result
    moved = run(own, actor, at=NOW, key="o", source_id=first.id, target_id=second.id, amount=bank.money("3"))
    assert isinstance(moved, Done)
    assert receipt_of(bank, "trader", moved.result.reference) == moved.result


def _notices(bank: Bank) -> int:
    return int(bank.sql("select count(*) from outbox where event = 'repaid' and kind = 'notice'")[0][0])


@pytest.mark.security("A-01")
@pytest.mark.parametrize("name", ["portal", "mifos"])
def test_another_persons_loan_looks_like_no_loan(bank: Bank, name: str) -> None:
    """The menu and the texts never name an account, so there is nothing to try there."""
    trader, farmer = bank.someone("trader"), bank.someone("farmer")
    missing = replace(farmer.loans[0], id=987654)
    answers = []
    before = bank.movements()
    for loan in (farmer.loans[0], missing):
        opened = door(name, bank)
        opened.enter(trader)
        try:
            answers.append(opened.repay(loan, trader.savings[0], "100").replace(str(loan.id), "…"))
        except AssertionError as refused:
            answers.append(str(refused).split("code=")[1].split(",")[0])
    assert answers[0] == answers[1]
    assert bank.movements() == before
