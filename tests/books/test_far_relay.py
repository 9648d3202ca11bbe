"""The relay and the door that sends at once, beside each other: leases that end, answers that come late, a database away."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import psycopg
import pytest

from tests.bank import NOW, FarBank
from tests.books.far_line import CUT, Answer, Seen, first, lost, maintenance, nothing, on_the_line
from tests.books.far_people import (
    HIGH_LIMITS,
    Beside,
    as_written,
    limits,
    more_accounts,
    moved,
    states,
    told,
    transfer,
    waits,
)
from tests.books.test_database_away import away
from tests.parallel import at_once

LATER = 80  # seconds after which a lease has ended
# Surely not carried out, and no reason to leave the core in peace.
TOO_MANY: Answer = (429, [("Content-Type", "text/html")], b"<h1>429</h1>")
BAD_GATEWAY: Answer = (502, [("Content-Type", "text/html")], b"<h1>502</h1>")
pytestmark = pytest.mark.security("M-02", "M-11")


def steps(bank: FarBank) -> list[str]:
    return [state for (state,) in bank.sql("select state from instruction_step order by at, n")]


def test_two_workers_at_once_send_each_order_once(far_bank: FarBank) -> None:
    accounts = more_accounts(far_bank, "trader", 8)
    trader = far_bank.actor("trader", "mifos")
    with on_the_line(far_bank, **waits(0), **HIGH_LIMITS) as line:
        for number in range(40):
            transfer(far_bank, trader, accounts[number % 10], accounts[(number + 1) % 10], "1")
        seconds = 10
        while "accepted" in states(far_bank):
            at_once([partial(far_bank.relay, seconds)] * 3)
            seconds += 5
        assert Counter(call.key for call in line.transfers()) == {
            key: 1 for (key,) in far_bank.sql("select key from instruction")
        }
    far_bank.relay(seconds + LATER)
    assert set(states(far_bank)) == {"posted"}
    assert moved(far_bank) == {reference: 1 for reference, _, _ in far_bank.instructions()}
    assert Counter(told(far_bank)) == {(reference, "transferred"): 1 for reference in moved(far_bank)}


def test_a_lease_that_ends_while_the_first_sender_still_waits(far_bank: FarBank) -> None:
    from dirisha.engine.outcome import Done

    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(9)) as line, line.holding(_first_transfers(1), answered=True) as held:
        door = Beside(partial(transfer, far_bank, trader, source, target, "1"))
        held.wait_until_reached()
        far_bank.relay(LATER)  # another finds it in the books
        assert states(far_bank) == ["posted"]
        held.release()
        outcome = door.ended()
    assert isinstance(outcome, Done)
    far_bank.relay(3 * LATER)
    assert moved(far_bank) == {outcome.result.reference: 1}
    assert told(far_bank) == [(outcome.result.reference, "transferred")]
    assert steps(far_bank) == ["posted"]
    assert limits(far_bank) == {("posted", "used")}


def test_a_late_booking_is_heard_from_who_has_lost_the_lease(far_bank: FarBank) -> None:
    from dirisha.engine.outcome import Done

    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(9)) as line, line.holding(_first_transfers(1)) as held:
        door = Beside(partial(transfer, far_bank, trader, source, target, "1"))
        held.wait_until_reached()
        line.after = _cut_if(lambda call: call.line.endswith("/search"))
        far_bank.relay(LATER)  # the books can't be looked at: not known
        assert states(far_bank) == ["unknown"]
        held.release()
        outcome = door.ended()
    assert isinstance(outcome, Done)
    assert states(far_bank) == ["posted"]


def test_that_a_sending_failed_is_not_heard_from_who_has_lost_the_lease(far_bank: FarBank) -> None:
    """The other's may have succeeded: what counts as never sent would be given up in time, and refused."""
    from dirisha.engine.outcome import Pending

    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(9)) as line:
        with line.holding(_first_transfers(1)) as held:
            door = Beside(partial(transfer, far_bank, trader, source, target, "1"))
            held.wait_until_reached()
            line.after = first(CUT)  # another sends it: it is booked, and the answer lost
            far_bank.relay(LATER)
            assert states(far_bank) == ["unknown"]
            held.decided = TOO_MANY
            line.after = lost  # and the first one's looks find nothing out
            held.release()
            outcome = door.ended()
        line.after = nothing
        assert isinstance(outcome, Pending)
        assert states(far_bank) == ["unknown"], "the first one's failure says nothing of the second's"
        far_bank.relay(25 * 3600)  # given up is only what was never sent
    assert states(far_bank) == ["posted"]
    assert moved(far_bank) == {outcome.reference: 1}
    assert limits(far_bank) == {("posted", "used")}


def test_a_round_gives_nothing_back_that_another_has_taken_since(far_bank: FarBank) -> None:
    """Thirteen leased, twelve at a time: the last waits for its turn, and meanwhile the lease ends."""
    accounts = more_accounts(far_bank, "trader", 11)
    trader = far_bank.actor("trader", "mifos")
    with on_the_line(far_bank, **waits(0), **HIGH_LIMITS) as line:
        for number in range(13):
            transfer(far_bank, trader, accounts[number], accounts[(number + 1) % 13], "1")
        last = str(far_bank.sql("select key from instruction order by place desc limit 1")[0][0])
        with line.holding(_first_transfers(12)) as held:
            held.decided = TOO_MANY
            slow = Beside(partial(far_bank.relay, 0))
            held.wait_until_reached(12)
            line.after = _cut_if(lambda call: call.moves_money and call.key == last)
            far_bank.relay(LATER)
            assert Counter(states(far_bank)) == {"posted": 12, "unknown": 1}
            held.release()
            slow.ended()
        assert Counter(states(far_bank)) == {"posted": 12, "unknown": 1}
        line.after = _cut_if(lambda call: False)
        far_bank.relay(4 * LATER)
    assert set(states(far_bank)) == {"posted"}
    assert set(moved(far_bank).values()) == {1}


@pytest.mark.parametrize("fate", [CUT, BAD_GATEWAY], ids=["cut", "502"])
@pytest.mark.parametrize("has_acted", [True, False], ids=["had acted", "had not acted"])
def test_a_door_that_gets_no_answer_asks_within_its_budget(far_bank: FarBank, fate: Any, has_acted: bool) -> None:
    """Looked for in the books first; the same key goes again only where there is nothing."""
    from dirisha.engine.outcome import Done

    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(3)) as line:
        setattr(line, "after" if has_acted else "before", first(fate))
        outcome = transfer(far_bank, trader, source, target, "1")
        assert isinstance(outcome, Done)
        assert len(line.transfers()) == (1 if has_acted else 2)
        assert len({call.key for call in line.transfers()}) == 1
    assert far_bank.sql("select tries from instruction") == [(1,)], "one lease, and one try"
    far_bank.relay(LATER)
    assert moved(far_bank) == {outcome.result.reference: 1}
    assert told(far_bank) == [(outcome.result.reference, "transferred")]


def test_a_door_that_never_hears_what_became_of_it_says_on_its_way(far_bank: FarBank) -> None:
    from dirisha.engine.outcome import Pending
    from dirisha.payments.relay import ASK_AFTER_S

    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(3)) as line:
        line.before = maintenance
        outcome = transfer(far_bank, trader, source, target, "1")
        assert isinstance(outcome, Pending)
        assert len(line.transfers()) == 1 + len(ASK_AFTER_S)
    assert states(far_bank) == ["unknown"]
    assert far_bank.sql("select leased_until from instruction") == [(None,)], "the worker may go on at once"


def test_what_the_door_itself_shows_as_refused_is_told_again_and_never_twice(far_bank: FarBank) -> None:
    from dirisha.engine.outcome import Refused

    ended, _ = _spent_while_it_is_sent(far_bank, lambda: None)
    again = _once(far_bank)()
    assert isinstance(ended, Refused) and isinstance(again, Refused) and again.replayed
    assert ended.code == again.code == "account.not_enough_money"
    assert states(far_bank) == ["refused"] and told(far_bank) == []


def test_who_asked_beside_the_door_and_was_promised_a_notice_gets_it(far_bank: FarBank) -> None:
    """A page sent twice, say: the browser shows the second answer, and the first one's goes to nobody."""
    from dirisha.engine.outcome import Pending, Refused

    ended, beside = _spent_while_it_is_sent(far_bank, _once(far_bank))
    assert isinstance(beside, Pending) and isinstance(ended, Refused)
    assert told(far_bank) == [(beside.reference, "not_made")]


def _once(bank: FarBank) -> Any:
    trader = bank.actor("trader", "mifos")
    source, target = bank.someone("trader").savings[:2]
    return lambda: transfer(bank, trader, source, target, "120", key="once")


def _spent_while_it_is_sent(bank: FarBank, meanwhile: Any) -> tuple[Any, Any]:
    """What the door was answered, whose order finds no money any more, and what `meanwhile` was."""
    with on_the_line(bank, **waits(9)) as line, line.holding(_first_transfers(1)) as held:
        once = _once(bank)
        door = Beside(once)
        held.wait_until_reached()
        beside = meanwhile()
        bank.sql("update balance set minor = 100 where account = %s", bank.someone("trader").savings[0].id)
        held.release()
        return door.ended(), beside


def test_an_order_is_not_sent_before_the_one_that_went_before_it_has_an_end(far_bank: FarBank) -> None:
    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(1)) as line:
        line.before = _cut_if(lambda call: call.moves_money)
        transfer(far_bank, trader, source, target, "1")
        transfer(far_bank, trader, source, target, "2")
        other = transfer(far_bank, trader, target, source, "3")  # of another account
        assert states(far_bank) == ["unknown", "accepted", "unknown"]
        far_bank.relay(10)
        keys = [key for (key,) in far_bank.sql("select key from instruction order by place")]
        assert {call.key for call in line.transfers()} == {keys[0], keys[2]}
        assert other.instruction.key == keys[2]


def test_the_database_goes_away_between_the_answer_and_its_record(far_bank: FarBank) -> None:
    from dirisha.db.transactions import release
    from dirisha.engine.outcome import Done, Refused

    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(9)) as line:
        with line.holding(_first_transfers(1), answered=True) as held:
            door = Beside(partial(transfer, far_bank, trader, source, target, "1", key="once"))
            held.wait_until_reached()
            with away(far_bank):
                held.release()
                outcome = door.ended()
                release()
        assert isinstance(outcome, Refused)
        assert (outcome.code, outcome.refusal.facts) == ("system.try_later", {"known": False})
        assert states(far_bank) == ["sent"]
        far_bank.relay(LATER)
    again = transfer(far_bank, trader, source, target, "1", key="once")
    assert isinstance(again, Done) and again.replayed
    assert moved(far_bank) == {again.result.reference: 1}
    assert told(far_bank) == [(again.result.reference, "transferred")]


def test_the_database_goes_away_while_the_worker_asks(far_bank: FarBank) -> None:
    from dirisha.db.transactions import release

    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(0)) as line:
        transfer(far_bank, trader, source, target, "1")
        with line.holding(_first_transfers(1), answered=True) as held:
            round_ = Beside(partial(far_bank.relay, 0))
            held.wait_until_reached()
            with away(far_bank):
                held.release()
                assert isinstance(round_.ended(), psycopg.OperationalError)
                release()
        assert states(far_bank) == ["sent"]
        far_bank.relay(LATER)
    assert states(far_bank) == ["posted"]
    assert set(moved(far_bank).values()) == {1}


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_what_waits_for_a_checker_is_on_its_way_until_it_is_decided(far_bank: FarBank, decision: str) -> None:
    from dirisha.core.fineract.calls import READ_AUDIT
    from dirisha.engine.outcome import Pending
    from dirisha.simulators.fineract.users import SUPER_USER, Users
    from tests.bank import service_user

    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    ours = service_user()
    far_bank.core.users = Users(SUPER_USER, replace(ours, permissions=ours.permissions | {READ_AUDIT}))
    far_bank.core.branch = replace(far_bank.core.branch, checked=frozenset({"CREATE_ACCOUNTTRANSFER"}))

    far_bank.change(**waits(0.5))
    with as_written(far_bank):
        pending = transfer(far_bank, trader, source, target, "1")
        later = transfer(far_bank, trader, source, target, "2")
    assert isinstance(pending, Pending) and isinstance(later, Pending)
    far_bank.relay(2 * LATER)
    far_bank.relay(4 * LATER)
    assert states(far_bank) == ["sent", "accepted"] and moved(far_bank) == {} and told(far_bank) == []
    trace = str(far_bank.sql("select trace from instruction order by place limit 1")[0][0])

    decided = httpx.post(
        f"{far_bank.url}/api/v1/makercheckers/{trace}?command={decision}",
        json={}, auth=("mifos", "password"), headers={"Fineract-Platform-TenantId": "default"},
    )  # fmt: skip
    assert decided.status_code == 200
    far_bank.core.branch = replace(far_bank.core.branch, checked=frozenset())
    far_bank.relay(6 * LATER)
    far_bank.relay(7 * LATER)
    if decision == "approve":
        assert states(far_bank) == ["posted", "posted"]
        assert moved(far_bank) == {pending.reference: 1, later.reference: 1}
        assert told(far_bank) == [(pending.reference, "transferred"), (later.reference, "transferred")]
    else:
        assert states(far_bank) == ["refused", "posted"]
        assert moved(far_bank) == {later.reference: 1}
        assert told(far_bank) == [(pending.reference, "not_made"), (later.reference, "transferred")]
        assert limits(far_bank) == {("refused", "released"), ("posted", "used")}


def test_what_was_taken_up_since_it_was_found_to_wait_too_long_is_not_given_up(far_bank: FarBank) -> None:
    """Found by one worker, and sent by another before the first has its row."""
    from dirisha.payments import relay

    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(0)) as line:
        pending = transfer(far_bank, trader, source, target, "1")
        with line.holding(_first_transfers(1)) as held:
            round_ = Beside(partial(far_bank.relay, 0))
            held.wait_until_reached()
            relay._refuse_expired(pending.instruction.id, NOW)
            assert states(far_bank) == ["sent"]
            held.release()
            round_.ended()
    assert states(far_bank) == ["posted"]
    assert limits(far_bank) == {("posted", "used")}


def test_two_answers_at_once_are_settled_once(far_bank: FarBank) -> None:
    """Both have heard that it is booked, and wait for the row: one writes the end, the other finds it."""
    from dirisha.core.port import Booked
    from dirisha.payments import relay
    from dirisha.payments.relay import Heard, Leased
    from dirisha.payments.states import State

    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(1)) as line:
        line.after = lost
        pending = transfer(far_bank, trader, source, target, "1")
        line.after = nothing
        leased = Leased(relay.standing(pending.instruction.id), State.SENT)
        answers = [Heard(leased, Booked("7"), _particulars(far_bank, pending))]
        ended = at_once([partial(relay.settle, answers, NOW)] * 6)
    assert ended == []
    assert told(far_bank) == [(pending.reference, "transferred")]
    assert [row[:2] for row in far_bank.audit() if row[0] == "transfers.own"] == [
        ("transfers.own", "accepted"),
        ("transfers.own", "done"),
    ]


def test_who_reads_the_balance_at_once_tells_it_once(far_bank: FarBank) -> None:
    """The door and two workers have all read what the notice has to say."""
    from dirisha.core.port import Booked
    from dirisha.payments import relay
    from dirisha.payments.relay import Heard, Leased
    from dirisha.payments.states import State

    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(1)) as line:
        line.after = lost
        pending = transfer(far_bank, trader, source, target, "1")
        line.after = nothing
        instruction = relay.standing(pending.instruction.id)
        relay.settle([Heard(Leased(instruction, State.SENT), Booked("7"), None)], NOW)
        assert states(far_bank) == ["posted"] and told(far_bank) == []
        particulars = _particulars(far_bank, pending)
        at_once([partial(relay.tell, instruction.id, particulars, NOW)] * 6)
        far_bank.relay(LATER)
    assert told(far_bank) == [(pending.reference, "transferred")]


def _particulars(bank: FarBank, pending: Any) -> Any:
    from dirisha.core.view import core_of

    core = core_of(bank.institution)
    assert core.facts_are == "as read"
    return core.particulars(pending.instruction.order, "7", patience_s=5)


def _first_transfers(most: int) -> Any:
    """Those calls that move money which come first, so many."""
    left, lock = [most], threading.Lock()

    def is_meant(call: Seen) -> bool:
        with lock:
            if not call.moves_money or left[0] == 0:
                return False
            left[0] -= 1
            return True

    return is_meant


def _cut_if(is_meant: Any) -> Any:
    return lambda call: CUT if is_meant(call) else None
