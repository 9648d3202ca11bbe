"""What a core tells within a scope: the same facts of the same books, whichever core tells them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from dirisha.kit.ids import ClientId, LoanId, SavingsId
from dirisha.kit.refusal import NotFound
from tests.bank import NOW, FarBank
from tests.contracts.core.stage import STAND_IN, WITH_BOOKS, Stage

NOBODY = 987654


# --- people -----------------------------------------------------------------------------------------------------------


def test_the_clients_of_a_scope_and_nobody_else(stage: Stage) -> None:
    with stage.reader() as reader:
        assert [client.id for client in reader.clients()] == [stage.borrower.client]
        assert reader.client(ClientId(stage.borrower.client)) == reader.clients()[0]
        assert reader.client(ClientId(stage.stranger.client)) is None
        assert reader.client(ClientId(NOBODY)) is None
    with stage.reader(stage.clients(stage.borrower.client, stage.stranger.client, NOBODY)) as reader:
        assert [client.id for client in reader.clients()] == sorted([stage.borrower.client, stage.stranger.client])


NAMES = [
    ("Wanjikũ", "Mũthoni-Ng'ang'a"),
    ("مريم", "الهاشمي"),
    ("ወርቅነሽ", "ተስፋዬ"),
    ("王", "小明"),
    ("Οδυσσέας", "Ñandú Ōkubo"),
    ("ఉమ", "👩🏾‍🌾"),
]


@WITH_BOOKS
@pytest.mark.parametrize(("first", "last"), NAMES, ids=[last for _, last in NAMES])
def test_a_client_in_every_script(stage: Stage, first: str, last: str) -> None:
    stage.bank.sql(
        "update client set first_name = %s, last_name = %s where id = %s", first, last, stage.borrower.client
    )
    [row] = stage.bank.sql(
        "select c.number, c.office, o.name, c.msisdn, c.submitted_on, c.activated_on"
        " from client c join office o on o.id = c.office where c.id = %s",
        stage.borrower.client,
    )
    with stage.reader() as reader:
        client = reader.client(ClientId(stage.borrower.client))
        account, loan = (
            reader.savings(SavingsId(stage.borrower.savings[0])),
            reader.loan(LoanId(stage.borrower.loan or 0)),
        )
    assert (client.first_name, client.last_name) == (first, last)
    assert row == (
        client.number, client.office, client.office_name, client.msisdn, client.submitted_on, client.activated_on,
    )  # fmt: skip
    assert account.client_name == loan.client_name == client.display_name == f"{first} {last}"


@WITH_BOOKS
@pytest.mark.parametrize("number", ["+254700000999", None])
def test_a_telephone_that_was_changed_at_the_branch(stage: Stage, number: str | None) -> None:
    stage.bank.sql("update client set msisdn = %s where id = %s", number, stage.borrower.client)
    with stage.reader() as reader:
        assert reader.client(ClientId(stage.borrower.client)).msisdn == number


def test_offices(stage: Stage) -> None:
    with stage.reader() as reader:
        offices, client = reader.offices(), reader.clients()[0]
    assert (client.office, client.office_name) in [(office.id, office.name) for office in offices]
    assert len({office.id for office in offices}) == len(offices)


# --- everything of one person -----------------------------------------------------------------------------------------


def test_an_overview_is_made_of_what_each_account_tells_by_itself(stage: Stage) -> None:
    with stage.reader() as reader:
        overview = reader.overview(latest=5)
    with stage.reader() as reader:
        assert list(overview.clients) == reader.clients()
        # What is held back is told with the account itself.
        assert [(each.id, each.number, each.name, each.status, each.balance) for each in overview.savings] == [
            (found.id, found.number, found.name, found.status, found.balance)
            for each in overview.savings
            if (found := reader.savings(each.id))
        ]
        assert overview.loans == tuple(reader.loan(each.id) for each in overview.loans)
        newest = [
            (each.id, line) for each in overview.savings for line in reader.savings_lines(each.id, before=None, limit=5)
        ]
    assert set(stage.borrower.savings) <= {each.id for each in overview.savings}
    assert stage.borrower.loan in [each.id for each in overview.loans]
    assert len(overview.latest) == min(5, len(newest))
    assert all(each in newest for each in overview.latest)
    days = [line.business_date for _, line in overview.latest]
    assert days == sorted(days, reverse=True)
    assert min(days) >= sorted((line.business_date for _, line in newest), reverse=True)[len(days) - 1]


def test_an_overview_of_two_is_that_of_each(stage: Stage) -> None:
    both_of = (stage.borrower.client, stage.stranger.client)
    with stage.reader(stage.clients(*both_of)) as reader:
        both = reader.overview(latest=3)
    each = []
    for client in both_of:
        with stage.reader(stage.clients(client)) as reader:
            each.append(reader.overview(latest=3))
    assert {client.id for client in both.clients} == set(both_of)
    assert {a.id for a in both.savings} == {a.id for one in each for a in one.savings}
    assert {loan.id for loan in both.loans} == {loan.id for one in each for loan in one.loans}
    assert len(both.latest) == min(3, sum(len(one.latest) for one in each))


def test_an_overview_without_lines_has_none(stage: Stage) -> None:
    with stage.reader() as reader:
        assert reader.overview(latest=0).latest == ()


@WITH_BOOKS
def test_an_account_is_what_the_books_say(stage: Stage) -> None:
    for id_ in stage.borrower.savings:
        with stage.reader() as reader:
            account = reader.savings(SavingsId(id_))
        [row] = stage.bank.sql(
            "select a.number, a.name, s.product, s.client, a.office, s.status, b.minor, b.minor, s.opened_on"
            " from savings s join account a on a.id = s.id join balance b on b.account = s.id where s.id = %s",
            id_,
        )
        assert row == (
            account.number, account.name, account.product_id, account.client, account.office, account.status,
            account.balance.minor, account.available.minor, account.opened_on,
        )  # fmt: skip


@WITH_BOOKS
@pytest.mark.parametrize("minor", [0, 1, 10, 99, 100, 2**53 + 1, 10**17 + 1])
def test_amounts_to_the_last_digit(stage: Stage, minor: int) -> None:
    """They travel with six decimals, and as many digits before the point as there are."""
    account = SavingsId(stage.borrower.savings[1])
    stage.bank.sql("update balance set minor = %s where account = %s", minor, account)
    with stage.reader() as reader:
        assert reader.savings(account).balance.minor == minor
        assert [each.balance.minor for each in reader.overview(latest=1).savings if each.id == account] == [minor]


# --- lines ------------------------------------------------------------------------------------------------------------


def test_lines_page_by_page_to_the_end(stage: Stage) -> None:
    account = stage.borrower.savings[0]
    with stage.reader() as reader:
        whole = reader.savings_lines(SavingsId(account), before=None, limit=1000)
        balance = reader.savings(SavingsId(account)).balance
    for size in (1, 3):
        assert _paged(stage, account, size, most=30) == whole[:30]
    assert whole[0].balance == balance
    assert all(newer.balance - newer.amount == older.balance for newer, older in pairwise(whole))
    assert whole[-1].balance == whole[-1].amount
    assert [line.line for line in whole] == sorted({line.line for line in whole}, reverse=True)
    assert len({line.number for line in whole}) == len(whole)
    days = [line.business_date for line in whole]
    assert days == sorted(days, reverse=True)


@WITH_BOOKS
def test_three_hundred_lines_of_one_day_and_those_before(stage: Stage) -> None:
    """More than one answer of the core holds, and all on one date, by which Fineract cuts."""
    account = stage.borrower.savings[0]
    with stage.reader() as reader:
        before = reader.savings_lines(SavingsId(account), before=None, limit=1000)
    many_lines(stage, account, 300)
    paged = _paged(stage, account, 41, most=1000)
    assert len(paged) == 300 + len(before)
    assert paged[300:] == before
    assert all(newer.balance - newer.amount == older.balance for newer, older in pairwise(paged))
    with stage.reader() as reader:
        assert paged[0].balance == reader.savings(SavingsId(account)).balance


@WITH_BOOKS
def test_ten_thousand_transactions_cost_no_call_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    account = SavingsId(stage.borrower.savings[0])
    calls = Calls(stage, monkeypatch)

    def a_look() -> Any:
        calls.begin()
        with stage.reader() as reader:
            found = [reader.savings(account), reader.savings_lines(account, before=None, limit=21)]
            found += [reader.savings_turnover(account)]
        with stage.reader() as reader:
            overview = reader.overview(latest=5)
        return calls.seen(), found, overview

    few, *_ = a_look()
    many_lines(stage, account, 10_000)
    many, [savings, lines, turnover], overview = a_look()

    assert few == many
    assert few > 0
    assert len(lines) == 21 and lines[0].balance == savings.balance == turnover.paid_in - turnover.paid_out
    assert overview.latest[0][1].balance == savings.balance


def test_turnover_is_the_sum_of_the_lines(stage: Stage) -> None:
    account = SavingsId(stage.borrower.savings[0])
    with stage.reader() as reader:
        turnover, balance = reader.savings_turnover(account), reader.savings(account).balance
        lines = reader.savings_lines(account, before=None, limit=1000)
    zero = balance - balance
    assert turnover.paid_in == sum((line.amount for line in lines if line.amount > zero), zero)
    assert turnover.paid_out == sum((-line.amount for line in lines if line.amount < zero), zero)
    assert turnover.paid_in - turnover.paid_out == balance
    assert turnover.last_on == lines[0].business_date


# --- loans ------------------------------------------------------------------------------------------------------------


def test_a_loan_with_its_schedule(stage: Stage) -> None:
    loan = stage.loan()
    assert loan.is_active
    assert [each.number for each in loan.installments] == list(range(1, len(loan.installments) + 1))
    assert all(earlier.due_date == later.from_date for earlier, later in pairwise(loan.installments))
    assert sum(each.due.principal for each in loan.installments) == loan.principal.minor
    assert sum(each.outstanding_minor for each in loan.installments) == loan.outstanding.minor > 0
    assert loan.disbursed_on <= loan.installments[0].due_date and loan.closed_on is None
    if stage.has_books:
        rows = stage.bank.sql(
            "select number, from_date, due_date, principal_minor, interest_minor, principal_paid_minor,"
            " interest_paid_minor from installment where loan = %s order by number",
            loan.id,
        )
        assert rows == [
            (each.number, each.from_date, each.due_date, each.due.principal, each.due.interest,
             each.paid.principal, each.paid.interest)
            for each in loan.installments
        ]  # fmt: skip
        assert stage.minor("select rate_percent::text from loan where id = %s", loan.id) == loan.rate_percent


def test_the_transactions_of_a_loan(stage: Stage) -> None:
    loan = stage.loan()
    with stage.reader() as reader:
        first, *repaid = reader.loan_transactions(loan.id)
    assert (first.kind, first.amount, first.principal, first.outstanding_principal) == (
        "disbursement", loan.principal, loan.principal, loan.principal,
    )  # fmt: skip
    assert {each.kind for each in repaid} <= {"repayment"}
    assert all(each.principal + each.interest == each.amount for each in repaid)
    for earlier, later in pairwise([first, *repaid]):
        assert later.outstanding_principal == earlier.outstanding_principal - later.principal
        assert earlier.business_date <= later.business_date
    left = sum(each.outstanding.principal for each in loan.installments)
    assert [first, *repaid][-1].outstanding_principal.minor == left


# --- scope ------------------------------------------------------------------------------------------------------------


@pytest.mark.security("A-01")
def test_what_is_anothers_is_not_there(stage: Stage) -> None:
    with stage.reader() as reader:
        for id_ in (stage.stranger.savings[0], NOBODY):
            assert reader.savings(SavingsId(id_)) is None
            assert reader.savings_lines(SavingsId(id_), before=None, limit=5) == []
            assert _turned_over(reader, id_) in (None, (0, 0, None))
        for id_ in (stage.stranger.loan or NOBODY, NOBODY):
            assert reader.loan(LoanId(id_)) is None
            assert reader.loan_transactions(LoanId(id_)) == []
        overview = reader.overview(latest=100)
    assert {each.client for each in (*overview.savings, *overview.loans)} == {stage.borrower.client}
    assert not set(stage.stranger.savings) & {id_ for id_, _ in overview.latest}


@pytest.mark.security("A-01")
def test_a_branch_sees_its_own(stage: Stage) -> None:
    whose, account, loan = stage.borrower.client, stage.borrower.savings[0], LoanId(stage.borrower.loan or 0)
    with stage.reader() as reader:
        own, seen = reader.client(ClientId(whose)), (reader.savings(SavingsId(account)), reader.loan(loan))
    with stage.reader(stage.office(own.office)) as reader:
        assert reader.client(ClientId(whose)) == own
        assert (reader.savings(SavingsId(account)), reader.loan(loan)) == seen
    with stage.reader(stage.office(NOBODY)) as reader:
        assert reader.client(ClientId(whose)) is None
        assert reader.savings(SavingsId(account)) is None
        assert reader.savings_lines(SavingsId(account), before=None, limit=5) == []
        assert reader.loan(loan) is None
        assert reader.loan_transactions(loan) == []
        assert reader.clients() == []


# --- the day ----------------------------------------------------------------------------------------------------------


@pytest.mark.security("M-10")
@STAND_IN
@pytest.mark.parametrize("days", [-3, 0, 1])
def test_the_business_date_is_the_cores_own(stage: Stage, days: int) -> None:
    """Whatever the calendar says: what is moved is booked on it, and its receipt and its lines say so."""
    from dataclasses import replace
    from datetime import timedelta

    from dirisha.core.fineract import link

    assert isinstance(stage.bank, FarBank)
    day = NOW.date() + timedelta(days=days)
    stage.bank.core.branch = replace(stage.bank.core.branch, business_date=day)
    link.drop(stage.bank.institution.slug)  # the day is known for some seconds
    assert stage.core.business_date(stage.at) == day

    outcome = stage.transfer(stage.money("1"), key="on the core's own day")

    assert outcome.result.business_date == day
    with stage.reader() as reader:
        line = next(
            each
            for each in reader.savings_lines(SavingsId(stage.borrower.savings[0]), before=None, limit=1000)
            if each.reference == outcome.result.reference
        )
    assert line.business_date == day
    assert stage.minor("select business_date from journal where kind = 'transfers.own'") == day
    assert stage.bank.sql("select distinct period from limit_use") == [(day,)]


# --- what differs, and what is not ours -------------------------------------------------------------------------------


def receipt(stage: Stage) -> Any:
    with stage.reader() as reader:
        line = reader.savings_lines(SavingsId(stage.borrower.savings[0]), before=None, limit=1)[0]
        return reader.receipt(line.reference or "6DQK-T3M4-JF") is not None


def turnover_out_of_scope(stage: Stage) -> Any:
    with stage.reader() as reader:
        return _turned_over(reader, stage.stranger.savings[0])


def times_of_day(stage: Stage) -> Any:
    zone = stage.bank.institution.zone
    with stage.reader() as reader:
        lines = reader.savings_lines(SavingsId(stage.borrower.savings[0]), before=None, limit=1000)
    return any(line.booked_at.astimezone(zone).hour for line in lines)


def names_of_what_was_done_elsewhere(stage: Stage) -> Any:
    """The cast's money was moved at the core itself, in both."""
    with stage.reader() as reader:
        lines = reader.savings_lines(SavingsId(stage.borrower.savings[0]), before=None, limit=1000)
    return {(line.kind.partition(".")[0] == "core", line.reference is None) for line in lines}


def movements_of_ours(stage: Stage) -> Any:
    stage.transfer(stage.money("1"), key="whose books")
    database = stage.bank.institution.database
    import psycopg

    with psycopg.connect(stage.bank.house.cluster.admin, dbname=database) as connection:
        query = "select count(*) > 0, (select count(*) from instruction) from journal where kind = 'transfers.own'"
        return connection.execute(query).fetchone()


# All in which the two may differ, what each says, and why that is right.
DIFFERENCES: list[tuple[Any, Any, Any, str]] = [
    (receipt, True, False, "of a far core's money the instruction is the receipt"),
    (turnover_out_of_scope, (0, 0, None), None, "one sums nothing, the other does not find the account: none tells"),
    (times_of_day, True, False, "Fineract tells the day of a transaction, and no time"),
    (names_of_what_was_done_elsewhere, {(False, False)}, {(True, True)}, "our acts and references, or none of ours"),
    (movements_of_ours, (True, 0), (False, 1), "our books have movements, or the instruction that moved them there"),
]


@WITH_BOOKS
@pytest.mark.parametrize(("asked", "near", "far", "why"), DIFFERENCES, ids=[each[0].__name__ for each in DIFFERENCES])
def test_what_differs_and_rightly(stage: Stage, asked: Any, near: Any, far: Any, why: str) -> None:
    assert asked(stage) == (far if stage.is_far else near), why


@STAND_IN
def test_accounts_in_a_currency_that_is_not_ours_are_left_out(stage: Stage) -> None:
    """A near core has its institution's currency and no other."""
    assert isinstance(stage.bank, FarBank)
    stage.bank.core.institution = stage.bank.core.institution.model_copy(update={"currency_code": "XTS"})
    with stage.reader() as reader:
        overview = reader.overview(latest=5)
        assert (overview.savings, overview.loans, overview.latest) == ((), (), ())
        assert [client.id for client in overview.clients] == [stage.borrower.client]
        assert reader.savings(SavingsId(stage.borrower.savings[0])) is None
        assert reader.loan(LoanId(stage.borrower.loan or 0)) is None


# --- shared -----------------------------------------------------------------------------------------------------------


def _paged(stage: Stage, account: int, size: int, *, most: int) -> list[Any]:
    found: list[Any] = []
    while len(found) < most:
        with stage.reader() as reader:
            page = reader.savings_lines(SavingsId(account), before=found[-1].line if found else None, limit=size)
        if not page:
            break
        found += page
    return found[:most]


def _turned_over(reader: Any, account: int) -> Any:
    try:
        turnover = reader.savings_turnover(SavingsId(account))
    except NotFound:
        return None
    return turnover.paid_in.minor, turnover.paid_out.minor, turnover.last_on


def many_lines(stage: Stage, account: int, count: int) -> None:
    """So many deposits of 1.00, all today."""
    stage.bank.sql(
        """with made as (
               insert into journal (id, kind, business_date, booked_at, command, reference)
               select gen_random_uuid(), 'savings.deposit', %s, %s, gen_random_uuid(), 'many ' || n
               from generate_series(1, %s) n
               returning id, reference
           ), numbered as (
               select id, row_number() over (order by reference) as n from made
           )
           insert into movement (journal, seq, debit, credit, amount_minor, credit_line, credit_balance)
           select m.id, 1, 1, b.account, 100, b.lines + m.n, b.minor + 100 * m.n
           from numbered m, balance b where b.account = %s""",
        NOW.date(), NOW, count, account,
    )  # fmt: skip
    stage.bank.sql(
        "update balance set lines = lines + %s, minor = minor + 100 * %s where account = %s", count, count, account
    )
    stage.bank.sql("analyze movement, journal")


class Calls:
    """How often the core was asked: statements of a near one, requests to a far one."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        from dirisha.core.fineract.link import Link
        from dirisha.db.transactions import Tx

        self._count = 0
        counted: tuple[type, str] = (Link, "exchange") if stage.is_far else (Tx, "run")
        whole = getattr(*counted)

        def counting(*given: Any, **named: Any) -> Any:
            self._count += 1
            return whole(*given, **named)

        monkeypatch.setattr(*counted, counting)

    def begin(self) -> None:
        self._count = 0

    def seen(self) -> int:
        return self._count
