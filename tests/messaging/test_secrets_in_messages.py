"""A code is in its message and nowhere else: not in the outbox after hand-over or expiry, not in any log."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.bank import NOW, Bank


def everything(bank: Bank) -> str:
    """Every row of every table, as text."""
    tables = bank.sql(
        "select quote_ident(relname) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    assert len(tables) > 20
    return "\n".join(str(row) for (table,) in tables for row in bank.sql(f"select t::text from {table} t"))


def asks_for_code(bank: Bank) -> None:
    from dirisha.acts.access.send_code import send_code
    from dirisha.acts.loans.repay import repay
    from dirisha.engine.run import quote, run

    trader, actor = bank.someone("trader"), bank.actor("trader", "portal")
    quoted = quote(
        repay, actor, at=NOW, loan_id=trader.loans[0].id, source_id=trader.savings[0].id, amount=bank.money("6000")
    )
    run(send_code, actor, at=NOW, quote_id=quoted.id)  # type: ignore[union-attr]


@pytest.mark.security("A-08")
def test_a_code_is_gone_from_the_database_once_it_is_handed_over(bank: Bank, capfd: pytest.CaptureFixture[str]) -> None:
    from tests.gateway import Desk

    asks_for_code(bank)
    assert bank.sql("select sealed is not null from outbox where state = 'waiting'") == [(True,)]
    [message] = Desk(bank.institution).relay(NOW)
    code = re.match(r"\d{6}", message.text)
    assert code is not None, message.text
    assert bank.sql("select count(*) from outbox where sealed is not null") == [(0,)]
    assert not re.search(rf"\b{code[0]}\b", everything(bank))
    captured = capfd.readouterr()
    assert not re.search(rf"\b{code[0]}\b", captured.out + captured.err)
    assert message.text not in captured.out + captured.err


@pytest.mark.security("A-08")
def test_a_code_that_nobody_took_is_wiped_and_never_sent(bank: Bank) -> None:
    from dirisha.messaging.sweeps import sweep
    from tests.gateway import Desk

    asks_for_code(bank)
    assert sweep(NOW + timedelta(minutes=9)) == 0
    assert sweep(NOW + timedelta(minutes=10)) == 1
    assert bank.sql("select state, sealed from outbox where kind = 'code'") == [("expired", None)]
    assert Desk(bank.institution).relay(NOW + timedelta(minutes=11)) == []


@pytest.mark.security("A-08")
def test_the_relay_sends_no_code_that_is_too_old_whatever_the_sweep_does(bank: Bank) -> None:
    from tests.gateway import Desk

    asks_for_code(bank)
    assert Desk(bank.institution).relay(NOW + timedelta(minutes=10)) == []
    assert bank.sql("select state, sealed from outbox where kind = 'code'") == [("expired", None)]


def test_counts_of_answers_are_swept_after_their_hour(bank: Bank) -> None:
    from dirisha.db.transactions import Role, transaction
    from dirisha.messaging import outbox
    from dirisha.messaging.sweeps import sweep

    kind = outbox.ReplyKind.OTHER

    def may_answer() -> bool:
        with transaction("test.allowance", Role.APP) as tx:
            return outbox.allowance(tx, "+254700000118", kind, NOW) is outbox.Allowance.ANSWER

    most = outbox.MOST_REPLIES_AN_HOUR[kind]
    assert [may_answer() for _ in range(most)] == [True] * most
    assert not may_answer()
    sweep(NOW + timedelta(hours=1))
    assert not may_answer(), "the hour before is still there"
    sweep(NOW + timedelta(hours=4))
    assert bank.sql("select count(*) from reply_count") == [(0,)]
