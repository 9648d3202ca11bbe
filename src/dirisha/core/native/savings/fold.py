"""The life of a savings account, a fixed or a recurring deposit, as a fold over its events in entry order.

`step` from a stored state equals `replay` from the beginning. A refused event raises `SavingsRefused`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from dirisha.core.native.savings import (
    application,
    blocks,
    cash,
    charge_acts,
    closing,
    corrections,
    dormancy,
    events,
    holds,
    interest_acts,
    maturity,
    premature,
)
from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.terms import SavingsTerms

_ACTS: dict[type, Callable[[SavingsTerms, State, Any], State]] = {
    events.Approve: application.approve,
    events.UndoApproval: application.undo_approval,
    events.Reject: application.reject,
    events.WithdrawApplication: application.withdraw_application,
    events.Activate: application.activate,
    events.Deposit: cash.deposit,
    events.PayDividend: cash.pay_dividend,
    events.Withdraw: cash.withdraw,
    events.CalculateInterest: interest_acts.calculate_interest,
    events.PostInterest: interest_acts.post_interest,
    events.PostInterestAsOn: interest_acts.post_interest_as_on,
    events.TransferInterest: interest_acts.transfer_interest,
    events.AddCharge: charge_acts.add_charge,
    events.ChangeCharge: charge_acts.change_charge,
    events.WaiveCharge: charge_acts.waive_charge,
    events.PayCharge: charge_acts.pay_charge,
    events.InactivateCharge: charge_acts.inactivate_charge,
    events.DeleteCharge: charge_acts.delete_charge,
    events.PayDueCharges: charge_acts.pay_due_charges,
    events.ApplyAnnualFees: charge_acts.apply_annual_fees,
    events.Hold: holds.hold,
    events.Release: holds.release,
    events.Block: blocks.block,
    events.Unblock: blocks.unblock,
    events.UpdateDormancy: dormancy.update_dormancy,
    events.Undo: corrections.undo,
    events.Reverse: corrections.reverse,
    events.Modify: corrections.modify,
    events.Close: closing.close,
    events.Mature: maturity.mature,
    events.CalculatePremature: premature.calculate_premature,
    events.ClosePrematurely: closing.close_prematurely,
}


def step(terms: SavingsTerms, state: State, event: events.Event) -> State:
    """Raises `SavingsRefused` with the rule that is broken."""
    return _ACTS[type(event)](terms, state, event)


def replay(terms: SavingsTerms, applied_on: date, happened: Iterable[events.Event]) -> State:
    state = application.applied(terms, applied_on)
    for event in happened:
        state = step(terms, state, event)
    return state
