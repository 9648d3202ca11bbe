"""A far core that does not answer, or is away for an hour: nobody else waits for it, and it is left in peace."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.bank import NOW, SLUGS, Bank, FarBank
from tests.books.far_line import CUT, Line, Seen, maintenance, nothing, on_the_line
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

THOUSAND = 1000


def test_while_the_core_does_not_answer_everybody_else_goes_on(far_bank: FarBank) -> None:
    from dirisha.acts.access.set_language import set_language
    from dirisha.audit import sealer
    from dirisha.engine.outcome import Done
    from dirisha.engine.run import run
    from dirisha.ledger import fold
    from dirisha.queries import summary
    from dirisha.queries.ask import ask
    from tests.gateway import Desk

    accounts = more_accounts(far_bank, "trader", 13)
    trader, farmer = far_bank.actor("trader", "mifos"), far_bank.actor("farmer", "portal")
    second = far_bank.house.institution(SLUGS[1])
    with on_the_line(far_bank, **waits(10), **HIGH_LIMITS) as line:
        earlier = transfer(far_bank, trader, accounts[0], accounts[1], "1")
        assert isinstance(earlier, Done)
        far_bank.relay(30)
        with line.holding(lambda call: call.moves_money) as held:
            # As many as can be sent at once: each from an account of its own.
            acts = [Beside(partial(transfer, far_bank, trader, source, accounts[0], "1")) for source in accounts[1:]]
            held.wait_until_reached(len(acts))
            began = time.monotonic()

            assert _open_transactions(far_bank) == []
            assert _locks(far_bank) == []
            # Another kind of call: the facts of somebody else's page, from the same core.
            assert ask(summary.mine, farmer, at=NOW).savings
            # What needs no core, at this institution; and money at one whose books are its own.
            assert isinstance(run(set_language, farmer, at=NOW, language="en"), Done)
            assert _native_transfer_ends(far_bank, second)
            # The worker's other loops.
            fold.fold()
            assert sealer.seal(NOW) > 0
            assert Desk(far_bank.institution).relay(NOW + timedelta(minutes=1))
            assert _open_transactions(far_bank) == []

            assert time.monotonic() - began < 9, "held for longer than the doors wait: nothing was shown"
            assert set(states(far_bank)[1:]) == {"sent"}
            held.release()
            outcomes = [act.ended() for act in acts]
    assert all(isinstance(outcome, Done) for outcome in outcomes), outcomes
    assert set(moved(far_bank).values()) == {1}
    assert len(moved(far_bank)) == 1 + len(acts)


def _open_transactions(bank: FarBank) -> list[tuple[Any, ...]]:
    return bank.sql(
        "select pid, state, query from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null"
        " and backend_type = 'client backend'"
    )


def _locks(bank: FarBank) -> list[tuple[Any, ...]]:
    return bank.sql(
        "select l.locktype, l.mode, l.relation::regclass::text from pg_locks l"
        " join pg_stat_activity a on a.pid = l.pid where a.datname = current_database() and l.pid <> pg_backend_pid()"
        " and a.backend_type = 'client backend'"
    )


def _native_transfer_ends(bank: FarBank, institution: Any) -> bool:
    from dirisha.engine.outcome import Done
    from dirisha.tenants.current import use

    with use(institution):
        near = Bank(bank.house)
        accounts = near.someone("trader").savings
        outcome = transfer(bank, near.actor("trader", "mifos"), accounts[0], accounts[1], "1")
        near.hang_up()
    return isinstance(outcome, Done)


@pytest.mark.slow
@pytest.mark.security("M-02", "M-11")
def test_a_thousand_wait_for_an_hour_and_are_drained_in_order(far_bank: FarBank) -> None:
    from dirisha.core.fineract.breaker import REST_S
    from dirisha.engine.outcome import Pending
    from dirisha.payments.relay import AT_ONCE

    accounts = more_accounts(far_bank, "trader", 18)
    trader = far_bank.actor("trader", "mifos")
    far_bank.change(**waits(0), **HIGH_LIMITS)
    # Facts are read while the core still answers, and money is not: nobody waits at the door.
    with as_written(far_bank):
        for number in range(THOUSAND):
            source, target = accounts[number % 20], accounts[(number + 1) % 20]
            assert isinstance(transfer(far_bank, trader, source, target, "1"), Pending)
    assert states(far_bank) == ["accepted"] * THOUSAND

    with on_the_line(far_bank, **waits(0), **HIGH_LIMITS) as line:
        line.before = maintenance
        began = time.monotonic()
        far_bank.relay(0)
        assert far_bank.sql("select count(*) from instruction where tries > 0")[0][0] <= AT_ONCE
        for minute in range(3, 60, 3):
            far_bank.relay(60 * minute)
        rested = int((time.monotonic() - began) / REST_S) + 1
        # Left in peace: one round's worth of calls, then one in each rest of the breaker, whatever waits.
        assert len(line.transfers()) <= AT_ONCE + rested
        # Whose 503 it was nobody knows: what was sent may have been carried out, and is asked for.
        assert set(states(far_bank)) == {"accepted", "unknown"} and moved(far_bank) == {}
        assert limits(far_bank) == {("accepted", "reserved"), ("unknown", "reserved")}

    with on_the_line(far_bank, **waits(0), **HIGH_LIMITS) as line:
        seconds = 3600
        while set(states(far_bank)) != {"posted"}:
            far_bank.relay(seconds)
            seconds += 1
        _drained_in_order(far_bank, line)


def _drained_in_order(bank: FarBank, line: Line) -> None:
    assert set(states(bank)) == {"posted"}
    assert limits(bank) == {("posted", "used")}
    assert moved(bank) == {reference: 1 for reference, _, _ in bank.instructions()}
    # No key went twice, and each source's orders are in the books as they were accepted.
    assert set(Counter(call.key for call in line.transfers()).values()) == {1}
    accepted = bank.sql("select source, reference from instruction order by source, place")
    booked = bank.sql(
        r"select m.debit, substring(c.terms->'body'->>'transferDescription' from 'Dirisha (\S+) ') from journal j"
        " join movement m on m.journal = j.id join command c on c.id = j.command"
        " where c.actor = 'fineract:CREATE_ACCOUNTTRANSFER' order by m.debit, m.debit_line"
    )
    assert booked == accepted


@pytest.mark.security("M-02", "M-11")
def test_what_waits_too_long_behind_an_unknown_one_is_refused_told_and_its_limit_released(far_bank: FarBank) -> None:
    from dirisha.engine.outcome import Pending, Refused

    trader = far_bank.actor("trader", "mifos")
    source, target = far_bank.someone("trader").savings[:2]
    with on_the_line(far_bank, **waits(1)) as line:
        line.before = _cut_money
        first = transfer(far_bank, trader, source, target, "1", key="first")
        second = transfer(far_bank, trader, source, target, "2", key="second")
        assert isinstance(first, Pending) and isinstance(second, Pending)
        assert states(far_bank) == ["unknown", "accepted"]

        far_bank.relay(24 * 3600 - 60)
        assert states(far_bank) == ["unknown", "accepted"]
        far_bank.relay(24 * 3600 + 60)
        assert states(far_bank) == ["unknown", "refused"]
        assert told(far_bank) == [(second.reference, "not_made")]
        assert limits(far_bank) == {("unknown", "reserved"), ("refused", "released")}
        again = transfer(far_bank, trader, source, target, "2", key="second")
        assert isinstance(again, Refused) and again.code == "core.not_taken"

        line.before = nothing
        far_bank.relay(24 * 3600 + 120)
    assert states(far_bank) == ["posted", "refused"]
    assert moved(far_bank) == {first.reference: 1}
    assert told(far_bank) == [(first.reference, "transferred"), (second.reference, "not_made")]
    assert limits(far_bank) == {("posted", "used"), ("refused", "released")}


def _cut_money(call: Seen) -> str | None:
    return CUT if call.moves_money else None
