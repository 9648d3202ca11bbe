"""Money acts on each core: the same movements, the same refusals with the same facts, and nothing half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from tests.bank import NOW, FarBank
from tests.contracts.core.stage import STAND_IN, WITH_BOOKS, Stage

_keys = count(1)


def key() -> str:
    from uuid import uuid4

    return f"contract-{next(_keys)}-{uuid4()}"


def moved(outcome: Any) -> Any:
    from dirisha.engine.outcome import Done

    assert isinstance(outcome, Done), outcome
    return outcome.result


def newest(stage: Stage, place: int = 0) -> Any:
    with stage.reader() as reader:
        return reader.savings_lines(stage.borrower.savings[place], before=None, limit=1)[0]


# --- what moves -------------------------------------------------------------------------------------------------------


def test_a_transfer_there_and_back(stage: Stage) -> None:
    amount = stage.money("1.00")
    first, second, _ = stage.everything()

    there = moved(stage.transfer(amount, key=key()))

    after = stage.everything()
    assert (after[0].balance, after[1].balance) == (first.balance - amount - there.fee, second.balance + amount)
    for place, signed in ((0, -amount), (1, amount)):
        line = newest(stage, place)
        assert (line.reference, line.kind, line.amount) == (there.reference, "transfers.own", signed) or there.fee
        assert line.balance == after[place].balance
    back = moved(stage.transfer(amount, key=key(), turned=True))
    assert stage.savings().balance == first.balance - there.fee
    assert stage.savings(1).balance == second.balance - back.fee


def test_a_repayment_is_split_as_its_plan_said(stage: Stage) -> None:
    from dirisha.core.allocation import allocate

    amount = stage.money("1.00")
    before, _, loan = stage.everything()
    expected = allocate(loan.installments, amount.minor)

    receipt = moved(stage.repay(amount, key=key()))
    stage.bank.relay(60)

    after, _, left = stage.everything()
    assert after.balance == before.balance - amount - receipt.fee
    assert left.outstanding == loan.outstanding - amount
    with stage.reader() as reader:
        told = reader.loan_transactions(loan.id)[-1]
    assert (told.kind, told.amount, told.reference) == ("repayment", amount, receipt.reference)
    assert (told.principal.minor, told.interest.minor) == (expected.paid.principal, expected.paid.interest)
    assert (receipt.kind, receipt.amount, receipt.target.id) == ("loans.repay", amount, loan.id)


@pytest.mark.security("M-01")
def test_the_same_key_moves_once(stage: Stage) -> None:
    one, amount = key(), stage.money("1.00")
    first = moved(stage.transfer(amount, key=one))
    before = stage.everything()

    again = stage.transfer(amount, key=one)

    assert again.replayed and moved(again).reference == first.reference
    assert stage.everything() == before
    other = stage.transfer(stage.money("1.01"), key=one)
    assert other.code == "command.conflict"
    assert stage.everything() == before
    moved(stage.transfer(amount, key=key(), turned=True))


@WITH_BOOKS
def test_a_fee_is_taken_with_the_amount_by_whoever_has_it(stage: Stage) -> None:
    """Near by the institution's tariff, far by the core's own withdrawal fee: the same for the person."""
    stage.bank.charges("transfers.own", "mifos", "12.50")
    first, second, _ = stage.everything()

    with stage.as_written():
        receipt = moved(stage.transfer(stage.money("100"), key=key()))

    after = stage.everything()
    assert receipt.fee == stage.money("12.50")
    assert (after[0].balance, after[1].balance) == (
        first.balance - stage.money("112.50"), second.balance + stage.money("100"),
    )  # fmt: skip


@WITH_BOOKS
def test_the_last_of_a_loan_closes_it(stage: Stage) -> None:
    loan = stage.loan()

    with generous(stage):
        moved(stage.repay(loan.outstanding, key=key()))

    closed = stage.loan()
    assert (closed.status, closed.closed_on, closed.outstanding.minor) == ("closed", NOW.date(), 0)
    assert all(each.is_met for each in closed.installments)
    with stage.reader() as reader:
        assert [each.status for each in reader.overview(latest=0).loans if each.id == loan.id] == ["closed"]


# --- what is refused --------------------------------------------------------------------------------------------------


def test_more_than_there_is(stage: Stage) -> None:
    account = stage.savings(1)
    amount = account.available + stage.money("0.01")
    with generous(stage):
        refused(
            stage, lambda: stage.transfer(amount, key=key(), turned=True), "account.not_enough_money",
            available=account.available,
        )  # fmt: skip


def test_more_than_is_owed(stage: Stage) -> None:
    loan = stage.loan()
    amount = loan.outstanding + stage.money("0.01")
    with generous(stage):
        refused(
            stage, lambda: stage.repay(amount, key=key()), "loan.more_than_outstanding", outstanding=loan.outstanding
        )


@WITH_BOOKS
@pytest.mark.parametrize("place", [0, 1], ids=["source", "target"])
def test_an_account_that_is_closed(stage: Stage, place: int) -> None:
    account = stage.savings(place)
    stage.bank.sql("update savings set status = 'closed' where id = %s", account.id)
    assert stage.savings(place).status == "closed"
    refused(
        stage, lambda: stage.transfer(stage.money("1"), key=key()), "account.not_active", account=account.ref.masked
    )


@STAND_IN
@pytest.mark.parametrize("place", [0, 1], ids=["source", "target"])
def test_an_account_that_is_blocked(stage: Stage, place: int) -> None:
    """Only the branch of a far core can block one. What may still come in comes in."""
    block = _blocker(stage)
    account = stage.savings(place)
    block(account.id, "blockDebit")
    assert stage.savings(place).status == "blocked"
    transfer = lambda: stage.transfer(stage.money("1"), key=key())  # noqa: E731
    if place == 0:
        refused(stage, transfer, "account.not_active", account=account.ref.masked)
    block(account.id, "block")
    assert stage.savings(place).status == "blocked"
    refused(stage, transfer, "account.not_active", account=account.ref.masked)


@WITH_BOOKS
def test_a_loan_that_is_closed(stage: Stage) -> None:
    loan = stage.loan()
    stage.bank.sql("update loan set status = 'closed', closed_on = %s where id = %s", NOW.date(), loan.id)
    closed = stage.loan()
    assert (closed.status, closed.closed_on) == ("closed", NOW.date())
    refused(stage, lambda: stage.repay(stage.money("1"), key=key()), "loan.not_active", loan=loan.ref.masked)


@pytest.mark.security("A-01")
def test_what_is_anothers_is_refused_as_if_it_were_not_there(stage: Stage) -> None:
    from dataclasses import replace

    for theirs in (stage.stranger.savings[0], 987654):
        another = replace(stage, borrower=replace(stage.borrower, savings=(stage.borrower.savings[0], theirs)))
        outcome = another.transfer(stage.money("1"), key=key())
        assert (outcome.code, outcome.refusal.facts) == ("object.not_found", {"kind": "savings"})


@STAND_IN
def test_a_client_whom_the_branch_has_closed(stage: Stage) -> None:
    """A near core has no such state. What the branch says stands, whatever its accounts say."""
    from dataclasses import replace

    assert isinstance(stage.bank, FarBank)
    desk = stage.bank.core
    desk.branch = replace(desk.branch, closed_clients=frozenset({stage.borrower.client}))
    before = stage.everything()
    assert stage.transfer(stage.money("1"), key=key()).code == "account.not_active"
    assert stage.everything() == before


# --- shared -----------------------------------------------------------------------------------------------------------


def refused(stage: Stage, act: Callable[[], Any], code: str, **facts: Any) -> None:
    from dirisha.engine.outcome import Refused

    used = "select count(*) from limit_use where state <> 'released'"
    before = stage.everything(), stage.bank.sql(used)
    outcome = act()
    assert isinstance(outcome, Refused), outcome
    assert (outcome.code, outcome.refusal.facts) == (code, facts)
    assert (stage.everything(), stage.bank.sql(used)) == before


@contextmanager
def generous(stage: Stage) -> Iterator[None]:
    """No limit and no policy of ours comes before what the core says."""
    written = {
        'day = "100000"': 'day = "900000000000"',
        'mifos = { transaction = "30000", day = "60000" }':
            'mifos = { transaction = "900000000000", day = "900000000000" }',
        'mifos_refused_from = "20000"': 'mifos_refused_from = "900000000000"',
    }  # fmt: skip
    stage.bank.change(**written)
    with stage.as_written():
        yield


def _blocker(stage: Stage) -> Callable[[int, str], None]:
    from dataclasses import replace

    from dirisha.simulators.fineract.desk import Block

    assert isinstance(stage.bank, FarBank)
    desk = stage.bank.core

    def block(account: int, how: str) -> None:
        desk.branch = replace(desk.branch, blocked={account: Block(how)})

    return block
