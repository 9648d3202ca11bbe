"""Charges of a share account: on activation, on what is bought, on what is redeemed."""

from __future__ import annotations

from dataclasses import replace

from dirisha.core.native.savings.charge_terms import ChargeCalculation
from dirisha.core.native.savings.shares.state import ShareCharge, ShareState
from dirisha.core.native.savings.shares.terms import ShareChargeTime


def charged(state: ShareState, time: ShareChargeTime, amount_minor: int, *, paid: bool) -> tuple[ShareState, int]:
    """The charges of a purchase or redemption added to their sums, and what they are together."""
    total = 0
    charges = []
    for charge in state.charges:
        if charge.terms.time is time:
            due = charge.terms.on_minor(amount_minor)
            total += due
            charge = _grown(charge, amount_minor, due)
            charge = replace(charge, paid_minor=charge.paid_minor + due) if paid else charge
        charges.append(charge)
    return replace(state, charges=tuple(charges)), total


def _grown(charge: ShareCharge, amount_minor: int, due_minor: int) -> ShareCharge:
    """A percentage is taken of all that was bought so far, so that the sum is rounded once."""
    if charge.terms.calculation is ChargeCalculation.FLAT:
        return replace(charge, amount_minor=charge.amount_minor + due_minor)
    on_minor = charge.on_minor + amount_minor
    return replace(charge, on_minor=on_minor, amount_minor=charge.terms.on_minor(on_minor))


def purchases_paid(state: ShareState, amount_minor: int) -> ShareState:
    """The charges of a purchase of that amount are paid with it."""
    return replace(
        state,
        charges=tuple(
            replace(charge, paid_minor=charge.paid_minor + charge.terms.on_minor(amount_minor))
            if charge.terms.time is ShareChargeTime.PURCHASE
            else charge
            for charge in state.charges
        ),
    )


def purchase_taken_back(state: ShareState, amount_minor: int) -> ShareState:
    """The charges of a purchase that is not to be."""
    charges = []
    for charge in state.charges:
        if charge.terms.time is ShareChargeTime.PURCHASE:
            charge = _grown(charge, -amount_minor, -charge.terms.on_minor(amount_minor))
        charges.append(charge)
    return replace(state, charges=tuple(charges))


def purchases_open_again(state: ShareState) -> ShareState:
    return replace(
        state,
        charges=tuple(
            replace(charge, paid_minor=0) if charge.terms.time is ShareChargeTime.PURCHASE else charge
            for charge in state.charges
        ),
    )
