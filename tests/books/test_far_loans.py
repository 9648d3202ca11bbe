"""Two accounts, one loan: what is owed is looked at before each sending, so its repayments go one by one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.bank import NOW, FarBank
from tests.books.far_people import HIGH_LIMITS, as_written, waits


def _repay(bank: FarBank, source: Any, loan: Any, amount: Any) -> Any:
    from dirisha.acts.loans.repay import repay
    from dirisha.engine.run import run

    return run(
        repay,
        bank.actor("trader", "mifos"),
        at=NOW,
        key=str(uuid4()),
        source_id=source.id,
        loan_id=loan.id,
        amount=amount,
    )


@pytest.mark.security("M-02")
@pytest.mark.parametrize("door_waits_s", [0, 2])
def test_two_accounts_dont_overpay_one_loan(far_bank: FarBank, door_waits_s: int) -> None:
    """Each alone pays it off; the core of the field takes both, and the second is refused before it is sent."""
    from dirisha.engine.outcome import Pending, Refused
    from dirisha.simulators.fineract.faults import Chances, Fault

    who = far_bank.someone("trader")
    [loan], (first, second) = who.loans, who.savings[:2]
    owed = loan.outstanding
    far_bank.sql("update balance set minor = %s where account in (%s, %s)", owed.minor, first.id, second.id)
    far_bank.change(
        **waits(door_waits_s), **HIGH_LIMITS, **{'mifos_refused_from = "20000"': 'mifos_refused_from = "9000000"'}
    )
    far_bank.core.faults.set(money=Chances({Fault.CUT_BEFORE: 100}))

    with as_written(far_bank):
        ours, theirs = _repay(far_bank, first, loan, owed), _repay(far_bank, second, loan, owed)

    assert isinstance(ours, Pending) and isinstance(theirs, Pending)
    far_bank.core.faults.heal()
    posted = [call for call in far_bank.core.heard if call.method == "POST"]
    with as_written(far_bank):
        for seconds in range(100, 140, 10):
            far_bank.relay(seconds)
    assert far_bank.instructions() == [
        (ours.reference, "posted", None), (theirs.reference, "refused", "loan.not_active")
    ]  # fmt: skip
    sent = [call for call in far_bank.core.heard if call.method == "POST" and call not in posted]
    assert len(sent) <= 1
    assert far_bank.balance(second.id) == owed.minor
    with as_written(far_bank):
        again = _repay(far_bank, second, loan, owed)
    assert isinstance(again, Refused) and again.code == "loan.not_active"
