"""The same wish twice, many times at once, and under changed circumstances: one journal, and nobody waits for it."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from dirisha.access.keys import decrypt
from dirisha.access.secrets import Secret, SecretKind
from dirisha.acts.access.send_code import send_code
from dirisha.acts.loans.repay import repay
from dirisha.acts.savings.deposit import deposit
from dirisha.acts.transfers.own import own
from dirisha.engine.outcome import Done, Quote, Refused
from dirisha.engine.run import Pressed, confirm, quote, run
from dirisha.ledger import verify
from tests.bank import NOW, Bank, FarBank
from tests.parallel import at_once


def code_for(bank: Bank, quote_id: UUID) -> str:
    """The code as the SMS will carry it: encrypted in its outbox row until it is handed over."""
    actor_code = bank.sql(
        "select sealed from outbox where kind = 'code' and sealed is not null order by made_at desc limit 1"
    )
    return decrypt(bytes(actor_code[0][0])).decode()


def quoted(bank: Bank, who: str, channel: str, amount: str, **more: Any) -> Quote:
    someone = bank.someone(who)
    made = quote(
        repay, bank.actor(who, channel), at=NOW, loan_id=someone.loans[0].id, source_id=someone.savings[0].id,
        amount=bank.money(amount), **more,
    )  # fmt: skip
    assert isinstance(made, Quote), made
    return made


def codes_of(results: list[Any]) -> Counter[str]:
    return Counter(
        ("replayed" if each.replayed else "done")
        if isinstance(each, Done)
        else each.code
        if isinstance(each, Refused)
        else repr(each)
        for each in results
    )


@pytest.mark.security("M-02")
@pytest.mark.security("I-06")
def test_two_hundred_confirms_of_one_quote_with_the_right_code_post_once(bank: Bank) -> None:
    made = quoted(bank, "trader", "portal", "5000")
    actor = bank.actor("trader", "portal")
    assert isinstance(run(send_code, actor, at=NOW, quote_id=made.id), Done)
    secret = code_for(bank, made.id)
    before = bank.movements()
    results = at_once(
        lambda n=n: confirm(made.id, actor, at=NOW, proof=Secret(SecretKind.CODE, secret, f"try-{n}"))
        for n in range(200)
    )
    told = codes_of(results)
    assert told["done"] == 1, told
    assert set(told) <= {"done", "replayed", "command.in_progress"}, told
    journals = bank.sql("select count(*) from journal where command = %s", made.id)
    assert journals == [(1,)]
    assert sum(minor for _, _, minor in bank.movements()[len(before) :]) == 500000
    assert bank.sql("select wrong, used_at is not null from one_time_code where command = %s", made.id) == [(0, True)]
    assert verify.findings() == []


def test_a_payment_that_was_put_off_for_too_long_says_so(far_bank: FarBank) -> None:
    made = quoted(far_bank, "trader", "portal", "5000")
    actor = far_bank.actor("trader", "portal")
    assert isinstance(run(send_code, actor, at=NOW, quote_id=made.id), Done)
    secret = Secret(SecretKind.CODE, code_for(far_bank, made.id), "late")
    ended = confirm(made.id, actor, at=NOW + timedelta(minutes=11), proof=secret)
    assert isinstance(ended, Refused) and ended.code == "quote.expired"


def test_while_a_confirm_is_held_open_the_others_return_at_once(bank: Bank) -> None:
    made = quoted(bank, "trader", "portal", "900")
    actor = bank.actor("trader", "portal")
    with psycopg.connect(bank.house.cluster.admin, dbname=bank.institution.database) as held:
        held.execute("select 1 from balance where account = %s for update", [bank.someone("trader").savings[0].id])
        first_done = threading.Event()
        results: list[Any] = []

        def first() -> Any:
            outcome = confirm(made.id, actor, at=NOW, proof=Pressed())
            first_done.set()
            return outcome

        def others() -> Any:
            _wait_until_waiting(bank)
            outcomes = [confirm(made.id, actor, at=NOW, proof=Pressed()) for _ in range(5)]
            still_open = not first_done.is_set()
            held.rollback()
            return outcomes, still_open

        results = at_once([first, others])
    outcomes, still_open = results[1]
    assert still_open
    assert codes_of(outcomes) == {"command.in_progress": 5}
    assert isinstance(results[0], Done)


def _wait_until_waiting(bank: Bank) -> None:
    for _ in range(5000):
        waiting = bank.sql(
            "select count(*) from pg_stat_activity where datname = %s and wait_event_type = 'Lock'",
            bank.institution.database,
        )
        if waiting[0][0]:
            return
    raise AssertionError("nobody ever waited")


@pytest.mark.parametrize("turned", [False, True], ids=["portal first", "ussd first"])
def test_two_doors_two_keys_one_instalment(bank: Bank, turned: bool) -> None:
    trader = bank.someone("trader")
    due = next(i for i in trader.loans[0].installments if not i.is_met).outstanding_minor
    amount = bank.institution.money(f"{due // 100}.{due % 100:02d}")
    keys = {"loan_id": trader.loans[0].id, "source_id": trader.savings[0].id, "amount": amount}
    ways = [
        lambda: run(repay, bank.actor("trader", "mifos"), at=NOW, key="a", **keys),
        lambda: confirm(small.id, bank.actor("trader", "portal"), at=NOW, proof=Pressed()),
    ]
    small = quote(repay, bank.actor("trader", "portal"), at=NOW, **keys)
    assert isinstance(small, Quote), small
    results = at_once(reversed(ways) if turned else ways)
    assert codes_of(results) == {"done": 2}, results
    paid = bank.sql(
        "select number, principal_paid_minor + interest_paid_minor from installment where loan = %s and number in (7, 8) order by number",
        trader.loans[0].id,
    )
    # The second one planned on what the first had left: the next instalment is paid, the first one not twice.
    assert paid[0] == (7, due)
    assert paid[1] == (8, due)
    assert verify.findings() == []


def test_a_final_refusal_is_final_under_its_key(bank: Bank) -> None:
    newcomer = bank.someone("newcomer")
    farmer = bank.someone("farmer")
    actor = bank.actor("farmer", "mifos")
    wish = {"loan_id": farmer.loans[0].id, "source_id": farmer.savings[0].id, "amount": bank.money("14000")}
    balance = bank.balance(farmer.savings[0].id)
    refused = run(repay, actor, at=NOW, key="once", **wish)
    assert isinstance(refused, Refused)
    assert refused.code in {"account.not_enough_money", "loan.more_than_outstanding"}, refused
    staff = bank.actor("staff", "console")
    assert isinstance(
        run(deposit, staff, at=NOW, key="cash", target_id=farmer.savings[0].id, amount=bank.money("50000")), Done
    )
    again = run(repay, actor, at=NOW, key="once", **wish)
    assert isinstance(again, Refused)
    assert (again.code, again.replayed) == (refused.code, True)
    assert bank.balance(farmer.savings[0].id) == balance + 5000000
    lower = wish | {"amount": bank.money("4000")}
    conflict = run(repay, actor, at=NOW, key="once", **lower)
    assert isinstance(conflict, Refused)
    assert conflict.code == "command.conflict"
    assert isinstance(run(repay, actor, at=NOW, key="anew", **lower), Done)
    assert newcomer.loans == ()


def test_an_asking_refusal_leaves_the_quote_open(bank: Bank) -> None:
    made = quoted(bank, "trader", "portal", "5000")
    actor = bank.actor("trader", "portal")
    asked = confirm(made.id, actor, at=NOW, proof=Pressed())
    assert isinstance(asked, Refused)
    assert (asked.code, asked.refusal.facts) == ("proof.needed", {"need": "code"})
    run(send_code, actor, at=NOW, quote_id=made.id)
    wrong = confirm(made.id, actor, at=NOW, proof=Secret(SecretKind.CODE, "000000", "w"))
    assert isinstance(wrong, Refused)
    assert wrong.code == "access.wrong_code"
    right = confirm(made.id, actor, at=NOW, proof=Secret(SecretKind.CODE, code_for(bank, made.id), "r"))
    assert isinstance(right, Done)


@pytest.mark.security("M-03")
def test_changed_terms_close_the_quote_and_name_a_new_one(bank: Bank) -> None:
    made = quoted(bank, "trader", "portal", "900")
    actor = bank.actor("trader", "portal")
    bank.change(**{"[carrier]": '[fees."loans.repay"]\nportal = "15"\n\n[carrier]'})
    before = bank.movements()
    from dirisha.tenants.current import use

    with use(bank.house.institution("tumaini")):
        changed = confirm(made.id, actor, at=NOW, proof=Pressed())
        assert isinstance(changed, Refused)
        assert changed.code == "plan.changed"
        assert changed.quote is not None
        assert changed.quote.quoted.fee == bank.money("15")
        assert bank.movements() == before
        again = confirm(made.id, actor, at=NOW, proof=Pressed())
        assert isinstance(again, Refused)
        assert (again.code, again.replayed) == ("plan.changed", True)
        done = confirm(changed.quote.id, actor, at=NOW, proof=Pressed())
    assert isinstance(done, Done)
    trader = bank.someone("trader")
    assert (trader.savings[0].id, 3, 1500) in bank.movements()


def test_an_old_quote_expires(bank: Bank) -> None:
    made = quoted(bank, "trader", "portal", "900")
    late = confirm(made.id, bank.actor("trader", "portal"), at=NOW + timedelta(minutes=11), proof=Pressed())
    assert isinstance(late, Refused)
    assert late.code == "quote.expired"


@pytest.mark.security("A-01")
def test_a_quote_is_its_own_actors_on_its_own_channel(bank: Bank) -> None:
    made = quoted(bank, "trader", "portal", "900")
    before = bank.movements()
    for actor in (bank.actor("farmer", "portal"), bank.actor("trader", "ussd")):
        refused = confirm(made.id, actor, at=NOW, proof=Pressed())
        assert isinstance(refused, Refused)
        assert refused.code == "object.not_found"
    assert bank.movements() == before


def test_two_accounts_of_one_client_never_pass_the_day_together(bank: Bank) -> None:
    trader = bank.someone("trader")
    first, second = trader.savings
    staff = bank.actor("staff", "console")
    for n, account in enumerate(trader.savings):
        run(deposit, staff, at=NOW, key=f"cash{n}", target_id=account.id, amount=bank.money("90000"))
    bank.change(**{'day = "100000"': 'day = "9000"'})
    from dirisha.tenants.current import use

    with use(bank.house.institution("tumaini")):
        mifos, portal = bank.actor("trader", "mifos"), bank.actor("trader", "portal")
        quotes = [
            quote(own, portal, at=NOW, source_id=second.id, target_id=first.id, amount=bank.money("1000"))
            for _ in range(8)
        ]
        calls: list[Any] = [
            lambda n=n: run(
                own, mifos, at=NOW, key=f"m{n}", source_id=first.id, target_id=second.id, amount=bank.money("1000")
            )
            for n in range(8)
        ]
        calls += [lambda q=q: confirm(q.id, portal, at=NOW, proof=Pressed()) for q in quotes if isinstance(q, Quote)]
        told = codes_of(at_once(calls))
    assert told == {"done": 9, "limit.day": 7}, told
    used = bank.sql(
        "select sum(amount_minor) from limit_use where payer = %s and rule = 'day' and period = %s",
        trader.client,
        NOW.date(),
    )
    assert used == [(900000,)]
