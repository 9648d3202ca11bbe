"""A slow core keeps nobody longer than a gateway waits, whatever a turn asks of it; and a sleeping one keeps only some."""

from __future__ import annotations

import threading

import pytest

from tests.bank import FarBank
from tests.channels import core_days
from tests.journeys.drivers.ussd import UssdDoor

# Each look has a second, and so has the whole turn.
ONE_SECOND = {"[limits]": "[patience]\nussd = 1\n[waits]\nussd = 0\n[limits]"}


@pytest.mark.security("P-05")
def test_all_looks_of_a_turn_together_end_with_its_budget(far_bank: FarBank) -> None:
    """The menu for a repayment asks three times in a row: half a second each is more than the turn has."""
    from dirisha.simulators.fineract.faults import Chances, Fault

    door = UssdDoor(far_bank)
    door.dial(far_bank.someone("trader"))
    far_bank.change(**ONE_SECOND)
    before = far_bank.movements()
    far_bank.core.faults.set(reads=Chances({Fault.DELAY: 100}, 500))

    screen = door.phone.type("3")

    assert "We can't reach the books now." in screen and door.phone.has_ended
    assert far_bank.movements() == before


@pytest.mark.security("P-05")
def test_no_more_wait_for_a_sleeping_core_than_may(far_bank: FarBank) -> None:
    """Whoever comes when all places are taken is told at once, so that threads are left for everybody else."""
    from dirisha.core.budget import place_to_wait, places
    from dirisha.core.port import CoreAway

    door = UssdDoor(far_bank)
    door.dial(far_bank.someone("trader"))
    most = places().waiting
    let_go, waiting = threading.Event(), threading.Barrier(most + 1)

    def wait() -> None:
        with place_to_wait():
            waiting.wait(30)
            let_go.wait(30)

    sleepers = [threading.Thread(target=wait) for _ in range(most)]
    for sleeper in sleepers:
        sleeper.start()
    try:
        waiting.wait(30)
        with pytest.raises(CoreAway), place_to_wait():
            pass
        assert "We can't reach the books now." in door.phone.type("1")
    finally:
        let_go.set()
        for sleeper in sleepers:
            sleeper.join()
    core_days.well_again(far_bank)
    door.dial(far_bank.someone("trader"))
    assert "Everyday savings" in door.phone.type("1")
