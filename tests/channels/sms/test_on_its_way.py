"""Money on its way by SMS: the code is answered at once, and the notice is the end of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.bank import FarBank
from tests.channels import core_days
from tests.channels.sms.conftest import Clock
from tests.journeys.drivers.sms import CODE, SmsDoor


@pytest.fixture
def trader(far_bank: FarBank, clock: Clock) -> SmsDoor:
    door = SmsDoor(far_bank, clock)
    door.pick_up(far_bank.someone("trader"))
    return door


def _later(trader: SmsDoor, clock: Clock) -> list[str]:
    """What has arrived when some minutes have gone by."""
    clock.at += timedelta(minutes=5)
    return trader.phone.fetch()


def _code(trader: SmsDoor, wish: str = "PAY 300") -> str:
    [asked] = trader.phone.send(wish)
    found = CODE.search(asked)
    assert found, asked
    return found[1]


def _reference(bank: FarBank) -> Any:
    [(reference, *_)] = bank.instructions()
    return reference


def test_what_the_core_books_at_once_is_answered_by_the_notice(
    far_bank: FarBank, trader: SmsDoor, clock: Clock
) -> None:
    code = _code(trader)
    trader.phone.post(code)
    far_bank.relay(2)
    [notice] = _later(trader, clock)
    loan = far_bank.someone("trader").loans[0]
    assert notice.startswith(f"KES 300.00 paid to loan {loan.ref.masked} from "), notice
    assert f"Ref {_reference(far_bank)}." in notice


def test_on_its_way_is_answered_and_the_notice_follows(far_bank: FarBank, trader: SmsDoor, clock: Clock) -> None:
    code = _code(trader)
    core_days.closed_for_money(far_bank)
    [answer] = trader.phone.send(code)
    loan = far_bank.someone("trader").loans[0]
    assert answer == (
        f"On its way: KES 300.00 to loan {loan.ref.masked}. We'll text you when it is done. Don't pay it again. "
        f"Questions? Call {far_bank.institution.help_number}. Ref {_reference(far_bank)}"
    )
    core_days.well_again(far_bank)
    [notice] = _later(trader, clock)
    assert re.match(rf"KES 300\.00 paid to loan {re.escape(loan.ref.masked)} .* Ref {_reference(far_bank)}\.", notice)
    far_bank.relay(2 * core_days.A_WHILE_S)
    assert _later(trader, clock) == []


def test_the_same_message_again_is_no_second_payment(far_bank: FarBank, trader: SmsDoor) -> None:
    code = _code(trader)
    core_days.closed_for_money(far_bank)
    trader.phone.send(code, carrier_id="one message")
    assert trader.phone.send(code, carrier_id="one message") == []
    assert len(far_bank.instructions()) == 1


def test_refused_late_is_told_by_the_notice(far_bank: FarBank, trader: SmsDoor, clock: Clock) -> None:
    who = far_bank.someone("trader")
    code = _code(trader)
    core_days.closed_for_money(far_bank)
    trader.phone.send(code)
    core_days.has_spent_all(far_bank, next(each for each in who.savings if each.id == _source(far_bank)))
    core_days.well_again(far_bank)
    [notice] = _later(trader, clock)
    assert notice.startswith(f"Not made: KES 300.00 to {who.loans[0].ref.masked}, as the account has too little."), (
        notice
    )
    assert "Nothing moved." in notice and _reference(far_bank) in notice


def _source(bank: FarBank) -> int:
    return int(bank.sql("select source from instruction")[0][0])


def test_what_the_core_refuses_at_once_is_told_with_its_reference(far_bank: FarBank, trader: SmsDoor) -> None:
    code = _code(trader)
    core_days.is_a_day_behind(far_bank)
    texts = trader.phone.send(code)
    assert (
        "Nothing was paid: your branch's system refused it. Ask at your branch, or call "
        f"{far_bank.institution.help_number}. Ref {_reference(far_bank)}"
    ) in texts, texts


@pytest.mark.parametrize("asked", ["BAL", "LOAN", "PAY 300"])
def test_a_core_that_is_away_puts_the_answer_off_until_it_is_back(
    far_bank: FarBank, trader: SmsDoor, clock: Clock, asked: str
) -> None:
    from dirisha.channels.sms.desk import work_off

    core_days.talks_nonsense(far_bank)
    assert trader.phone.send(asked) == []
    core_days.well_again(far_bank)
    # A try may still hear what was under way when the core talked nonsense; the one after it does not.
    answers: list[str] = []
    for _ in range(3):
        clock.at += timedelta(minutes=2)
        work_off(clock.at)
        answers += trader.phone.fetch()
    [answer] = answers
    assert "KES" in answer, answer


def test_what_a_blocked_account_holds_is_told_and_not_paid_from(far_bank: FarBank, trader: SmsDoor) -> None:
    blocked, other = far_bank.someone("trader").savings
    core_days.blocked(far_bank, blocked)
    assert blocked.balance.gsm_text() in trader.balance()
    [asked] = trader.phone.send("PAY 300")
    assert other.ref.masked in asked and blocked.ref.masked not in asked
