"""The adapter in front of the stand-in: the facts that a near core tells of the same books, and money through faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dirisha.kit.ids import SavingsId
from tests.bank import NOW, FarBank

PATIENCE_S = 10


@pytest.fixture
def core(far_bank: FarBank) -> Any:
    from dirisha.core.view import core_of

    return core_of(far_bank.institution)


def scope_of(bank: FarBank, key: str) -> Any:
    from dirisha.kit.ids import ClientId
    from dirisha.kit.scope import Clients

    return Clients((ClientId(bank.someone(key).client),))


@contextmanager
def near(bank: FarBank, scope: Any) -> Iterator[Any]:
    """A reader of the stand-in's own books, without the network in between."""
    from dirisha.core.native.core import NativeCore
    from dirisha.db.transactions import Role, transaction
    from dirisha.tenants.current import use

    with use(bank.core.institution), transaction("test near", Role.APP) as tx:
        tx.become_viewer(scope)
        yield NativeCore(bank.core.institution).reader(tx, scope)


def order(bank: FarBank, reference: str = "6DQK-T3M4-JF", **changes: Any) -> Any:
    """The trader repays 250.00 of her loan."""
    from dirisha.core.port import Order, Party

    someone = bank.someone("trader")
    savings, loan = someone.savings[0], someone.loans[0]
    made = Order(
        "loans.repay", reference, NOW.date(), Party(savings.ref, savings.client, savings.office),
        Party(loan.ref, loan.client, loan.office), bank.money("250"), bank.money("0"),
    )  # fmt: skip
    return replace(made, **changes)


@pytest.fixture
def one(far_bank: FarBank) -> Any:
    """An order with a reference of our own."""
    from dirisha.kit.ids import reference_for, time_ordered_id

    return order(far_bank, reference_for(time_ordered_id(NOW)))


KEY = "0193f2d4-7c1e-7a55-9f3e-5d2c8b1a6e70"


# --- facts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["trader", "farmer", "newcomer", "shared_a"])
def test_an_overview_is_what_the_books_say(far_bank: FarBank, core: Any, key: str) -> None:
    scope = scope_of(far_bank, key)
    far = core.reader(scope, patience_s=PATIENCE_S).overview(latest=5)
    with near(far_bank, scope) as reader:
        there = reader.overview(latest=5)

    assert far.clients == there.clients
    assert far.savings == there.savings
    assert far.loans == there.loans
    assert [(id_, _told(line)) for id_, line in far.latest] == [(id_, _told(line)) for id_, line in there.latest]


def test_an_account_page_by_page_is_what_the_books_say(far_bank: FarBank, core: Any) -> None:
    scope = scope_of(far_bank, "trader")
    account = far_bank.someone("trader").savings[0]
    with near(far_bank, scope) as reader:
        there = reader.savings_lines(account.id, before=None, limit=1000)
        turnover = reader.savings_turnover(account.id)

    pages, before = [], None
    while page := core.reader(scope, patience_s=PATIENCE_S).savings_lines(account.id, before=before, limit=3):
        pages += page
        before = page[-1].line

    assert [_told(line) for line in pages] == [_told(line) for line in there]
    assert core.reader(scope, patience_s=PATIENCE_S).savings_turnover(account.id) == turnover


def test_the_transactions_of_a_loan_are_what_the_books_say(far_bank: FarBank, core: Any) -> None:
    scope = scope_of(far_bank, "trader")
    loan = far_bank.someone("trader").loans[0]
    with near(far_bank, scope) as reader:
        there = reader.loan_transactions(loan.id)

    far = core.reader(scope, patience_s=PATIENCE_S).loan_transactions(loan.id)

    assert [(t.kind, t.business_date, t.amount, t.principal, t.interest, t.outstanding_principal) for t in far] == [
        (t.kind, t.business_date, t.amount, t.principal, t.interest, t.outstanding_principal) for t in there
    ]


@pytest.mark.security("A-01")
def test_what_is_anothers_is_not_there(far_bank: FarBank, core: Any) -> None:
    theirs, mine = far_bank.someone("trader"), scope_of(far_bank, "farmer")
    reader = core.reader(mine, patience_s=PATIENCE_S)

    assert reader.savings(theirs.savings[0].id) is None
    assert reader.savings_lines(theirs.savings[0].id, before=None, limit=5) == []
    assert reader.loan(theirs.loans[0].id) is None
    assert reader.loan_transactions(theirs.loans[0].id) == []
    assert reader.client(theirs.client) is None
    assert [client.id for client in reader.clients()] == list(mine.ids)


@pytest.mark.security("A-01")
def test_a_branch_sees_its_own(far_bank: FarBank, core: Any) -> None:
    from dirisha.kit.ids import OfficeId
    from dirisha.kit.scope import Office

    trader = far_bank.someone("trader")
    office = trader.savings[0].office
    own, other = (core.reader(Office(OfficeId(id_)), patience_s=PATIENCE_S) for id_ in (office, office + 1))

    assert own.savings(trader.savings[0].id) == trader.savings[0]
    assert own.loan(trader.loans[0].id) == trader.loans[0]
    assert own.client(trader.client) is not None
    assert other.savings(trader.savings[0].id) is None
    assert other.loan(trader.loans[0].id) is None
    assert other.client(trader.client) is None
    assert own.clients() == other.clients() == []


def test_ten_thousand_lines_are_not_read_whole(far_bank: FarBank, core: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from dirisha.core.fineract.link import Link

    trader = far_bank.someone("trader")
    asked: list[str] = []
    exchange = Link.exchange

    def counting(link: Any, method: str, path: str, *rest: Any, **named: Any) -> Any:
        asked.append(path)
        return exchange(link, method, path, *rest, **named)

    monkeypatch.setattr(Link, "exchange", counting)
    scope = scope_of(far_bank, "trader")
    asked.clear()

    core.reader(scope, patience_s=PATIENCE_S).savings_lines(SavingsId(trader.savings[0].id), before=None, limit=21)

    assert len([path for path in asked if "/transactions/" in path]) == 1
    assert "limit=29" in next(path for path in asked if "/transactions/" in path)


def _told(line: Any) -> tuple[Any, ...]:
    return line.business_date, line.amount, line.balance


# --- money ------------------------------------------------------------------------------------------------------------


def repaid(bank: FarBank) -> int:
    return sum(1 for *_, minor in bank.movements() if minor == 25000)


def test_sent_booked_and_told(far_bank: FarBank, core: Any, one: Any) -> None:
    from dirisha.core.port import Booked

    before = far_bank.someone("trader")

    answer = core.send(one, KEY, patience_s=PATIENCE_S)

    assert isinstance(answer, Booked)
    assert isinstance(core.trace(one, KEY, patience_s=PATIENCE_S), Booked)
    told = core.particulars(one, answer.number, patience_s=PATIENCE_S)
    after = far_bank.someone("trader")
    assert told.balance_after == after.savings[0].balance == before.savings[0].balance - one.amount
    assert told.outstanding == after.loans[0].outstanding == before.loans[0].outstanding - one.amount
    assert told.principal + told.interest == one.amount
    line = core.reader(scope_of(far_bank, "trader"), patience_s=PATIENCE_S).savings_lines(
        before.savings[0].id, before=None, limit=1
    )[0]
    assert (line.reference, line.kind, line.amount) == (one.reference, "loans.repay", -one.amount)


@pytest.mark.parametrize(
    ("fault", "first", "then"),
    [
        ("cut_before", "NoAnswer", "Booked"),
        ("cut_after", "NoAnswer", "Booked"),
        ("duplicate", "Booked", "Booked"),
        ("error_after", "NoAnswer", "Booked"),
        ("truncated", "NoAnswer", "Booked"),
        ("wrong_type", "NoAnswer", "Booked"),
        ("maintenance", "NoAnswer", "Booked"),
    ],
)
def test_through_each_fault_it_is_booked_once(
    far_bank: FarBank, core: Any, one: Any, fault: str, first: str, then: str
) -> None:
    from dirisha.simulators.fineract.faults import Chances, Fault

    before = repaid(far_bank)
    far_bank.core.faults.set(money=Chances({Fault(fault): 100}))

    answer = core.send(one, KEY, patience_s=PATIENCE_S)

    far_bank.core.faults.heal()
    found = core.trace(one, KEY, patience_s=PATIENCE_S)
    again = core.trace(one, KEY, patience_s=PATIENCE_S)
    assert [type(each).__name__ for each in (answer, found, again)] == [first, then, then]
    loan_before = far_bank.someone("trader").loans[0]
    assert repaid(far_bank) > before
    core.trace(one, KEY, patience_s=PATIENCE_S)
    assert far_bank.someone("trader").loans[0].outstanding == loan_before.outstanding


def test_what_cannot_be_paid_is_refused_in_our_words(far_bank: FarBank, core: Any, one: Any) -> None:
    from dirisha.core.port import NotEnoughMoney, Rejected

    balance = far_bank.someone("trader").savings[0].balance
    too_much = replace(one, amount=balance + far_bank.money("0.01"), target=one.source)
    other = far_bank.someone("trader").savings
    if len(other) > 1:
        too_much = replace(too_much, target=replace(one.source, account=other[1].ref))

    answer = core.send(replace(too_much, kind="transfers.own"), KEY, patience_s=PATIENCE_S)

    assert isinstance(answer, Rejected)
    assert answer.refusal == NotEnoughMoney(available=balance)


def test_more_than_is_owed_is_not_sent(far_bank: FarBank, core: Any, one: Any) -> None:
    from dirisha.core.port import MoreThanOutstanding, Rejected

    outstanding = far_bank.someone("trader").loans[0].outstanding

    answer = core.send(replace(one, amount=outstanding + far_bank.money("0.01")), KEY, patience_s=PATIENCE_S)

    assert answer == Rejected(MoreThanOutstanding(outstanding=outstanding), "totalOutstanding", by_look=True)


def test_a_key_that_is_used_up_books_nothing_any_more(far_bank: FarBank, core: Any, one: Any) -> None:
    """A repayment whose loan is unfit by the time it is traced, and which then arrives all the same."""
    from dirisha.core.port import MoreThanOutstanding, Rejected

    outstanding = far_bank.someone("trader").loans[0].outstanding
    late = replace(one, amount=outstanding + far_bank.money("0.01"))

    answer = core.trace(late, KEY, patience_s=PATIENCE_S)
    arrives = core._orders._transfer(one, _body_of(one), KEY, _soon())

    assert isinstance(answer, Rejected)
    assert answer.refusal == MoreThanOutstanding(outstanding=outstanding)
    assert isinstance(arrives, Rejected)
    assert far_bank.someone("trader").loans[0].outstanding == outstanding


def _body_of(order: Any) -> bytes:
    from dirisha.core.fineract.orders import _body

    return _body(order)


def _soon() -> Any:
    from dirisha.core.fineract.deadline import Deadline

    return Deadline(PATIENCE_S)


# --- looking at the whole ---------------------------------------------------------------------------------------------


def test_the_check_finds_nothing_to_mend(far_bank: FarBank) -> None:
    from dirisha.core.fineract.check import check

    findings = check(far_bank.institution, NOW)

    assert [finding for finding in findings if finding.level == "bad"] == []
    assert {"address", "credentials", "permission", "clock", "office"} <= {finding.key for finding in findings}


def test_a_clock_apart_is_found(far_bank: FarBank) -> None:
    from dirisha.core.fineract.check import check

    findings = check(far_bank.institution, NOW + timedelta(minutes=5))

    assert [finding.level for finding in findings if finding.key == "clock"] == ["doubtful"]


def test_the_command_says_it_line_by_line(far_bank: FarBank) -> None:
    import json

    from tests.server.console import command

    ended = command("fineract", "check", "--institution", far_bank.institution.slug)
    as_data = command("fineract", "check", "--institution", far_bank.institution.slug, "--json")

    assert ended.code == as_data.code == 0
    assert "ok    READ_CLIENT is granted." in ended.said.splitlines()
    assert "permission" in [each["key"] for each in json.loads(as_data.said)]


def test_the_command_ends_with_one_where_something_is_to_be_mended(far_bank: FarBank) -> None:
    from tests.bank import FINERACT, NATIVE
    from tests.server.console import command

    section = FINERACT.format(url=far_bank.url).replace('user = "dirisha"', 'user = "somebody else"')
    far_bank.house.write_institution(far_bank.institution.slug, **{NATIVE: section})

    ended = command("fineract", "check", "--institution", far_bank.institution.slug)

    assert ended.code == 1
    assert ended.said.splitlines()[-2] == "BAD   somebody else is not let in."
    assert "Correct user" in ended.said.splitlines()[-1]


def test_where_there_is_no_fineract_there_is_nothing_to_check(far_bank: FarBank) -> None:
    from tests.server.console import command

    ended = command("fineract", "check", "--institution", "jirani")

    assert ended.code == 1
    assert "not in front of Fineract" in ended.complained
