"""The life of a share account as a fold over its events. Source: Fineract's `ShareAccountDataSerializer`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least, at_most, not_before
from dirisha.core.native.savings.shares import events
from dirisha.core.native.savings.shares.share_charges import (
    charged,
    purchase_taken_back,
    purchases_open_again,
    purchases_paid,
)
from dirisha.core.native.savings.shares.state import (
    RequestStatus,
    ShareCharge,
    ShareKind,
    ShareState,
    ShareStatus,
    ShareTransaction,
)
from dirisha.core.native.savings.shares.terms import ShareChargeTime, ShareTerms


def applied(terms: ShareTerms, on: date, shares: int, bought_on: date) -> ShareState:
    """An application for so many shares at the price of `bought_on`; charges on activation are noted with it."""
    terms.within_product(shares)
    state = ShareState(
        status=ShareStatus.SUBMITTED,
        submitted_on=on,
        charges=tuple(ShareCharge(terms=charge) for charge in terms.charges),
    )
    state = _requested(terms, state, bought_on, shares)
    for charge in terms.charges:
        if charge.time is ShareChargeTime.ACTIVATION:
            state = _with(
                state,
                ShareTransaction(
                    number=_next(state),
                    kind=ShareKind.CHARGE_PAYMENT,
                    on=on,
                    status=RequestStatus.APPROVED,
                    amount_minor=int(charge.amount),
                ),
            )
    return charged(state, ShareChargeTime.ACTIVATION, 0, paid=False)[0]


def _requested(terms: ShareTerms, state: ShareState, on: date, shares: int) -> ShareState:
    """A purchase that waits for approval; its charge comes on top."""
    price = terms.price_minor(on)
    amount = shares * price
    state, charge = charged(state, ShareChargeTime.PURCHASE, amount, paid=False)
    line = ShareTransaction(
        number=_next(state), kind=ShareKind.PURCHASE, on=on, status=RequestStatus.APPLIED, shares=shares,
        price_minor=price, amount_minor=amount + charge, charge_minor=charge, paid_minor=amount,
    )  # fmt: skip
    return _with(state, line)


def _with(state: ShareState, line: ShareTransaction) -> ShareState:
    return replace(state, transactions=(*state.transactions, line))


def _next(state: ShareState) -> int:
    return len(state.transactions) + 1


def _in(state: ShareState, status: ShareStatus) -> None:
    if state.status is not status:
        raise SavingsRefused(Rule.STATUS, limit=status.name.lower(), given=state.status.name.lower())


def approve(terms: ShareTerms, state: ShareState, event: events.ApproveShares) -> ShareState:
    _in(state, ShareStatus.SUBMITTED)
    not_before(Rule.BEFORE_ACTIVATION, event.on, state.submitted_on)
    for line in state.transactions:
        if line.status is RequestStatus.APPLIED:
            state = _approved(state, line)
    return replace(state, status=ShareStatus.APPROVED, approved_on=event.on)


def _approved(state: ShareState, line: ShareTransaction) -> ShareState:
    state = purchases_paid(state, line.shares * line.price_minor)
    return _changed(state, replace(line, status=RequestStatus.APPROVED, paid_minor=line.paid_minor + line.charge_minor))


def _changed(state: ShareState, line: ShareTransaction) -> ShareState:
    lines = tuple(line if old.number == line.number else old for old in state.transactions)
    return replace(state, transactions=lines)


def undo_approval(terms: ShareTerms, state: ShareState, event: events.UndoShareApproval) -> ShareState:
    """The purchase waits again, with nothing paid of it."""
    _in(state, ShareStatus.APPROVED)
    for line in state.transactions:
        if line.kind is ShareKind.PURCHASE:
            state = _changed(state, replace(line, status=RequestStatus.APPLIED, paid_minor=0))
    return replace(purchases_open_again(state), status=ShareStatus.SUBMITTED, approved_on=None)


def reject(terms: ShareTerms, state: ShareState, event: events.RejectShares) -> ShareState:
    _in(state, ShareStatus.SUBMITTED)
    for line in state.transactions:
        if line.status is RequestStatus.APPLIED:
            state = _rejected(state, line)
    return replace(state, status=ShareStatus.REJECTED, closed_on=event.on)


def _rejected(state: ShareState, line: ShareTransaction) -> ShareState:
    state = purchase_taken_back(state, line.shares * line.price_minor)
    amount = line.amount_minor - line.charge_minor
    return _changed(state, replace(line, status=RequestStatus.REJECTED, amount_minor=amount))


def activate(terms: ShareTerms, state: ShareState, event: events.ActivateShares) -> ShareState:
    _in(state, ShareStatus.APPROVED)
    if state.approved_on is not None:
        not_before(Rule.BEFORE_ACTIVATION, event.on, state.approved_on)
    for line in state.transactions:
        if line.kind is ShareKind.CHARGE_PAYMENT:
            state = _changed(state, replace(line, on=event.on, paid_minor=line.amount_minor))
    charges = tuple(
        replace(charge, paid_minor=charge.amount_minor) if charge.terms.time is ShareChargeTime.ACTIVATION else charge
        for charge in state.charges
    )
    return replace(state, charges=charges, status=ShareStatus.ACTIVE, activated_on=event.on)


def request_more(terms: ShareTerms, state: ShareState, event: events.RequestMore) -> ShareState:
    _in(state, ShareStatus.ACTIVE)
    at_least(Rule.AMOUNT_ABOVE_ZERO, event.shares, 1)
    if terms.most is not None:
        at_most(Rule.SHARES_WITHIN_PRODUCT, state.held + event.shares, terms.most)
    _after_all(state, event.on)
    return _requested(terms, state, event.on, event.shares)


def _after_all(state: ShareState, on: date) -> None:
    """No purchase or redemption before one that is there."""
    dated = [line.on for line in state.transactions if line.kind is not ShareKind.CHARGE_PAYMENT]
    if dated:
        not_before(Rule.BEFORE_LAST_TRANSACTION, on, max(dated))


def _request(state: ShareState, number: int) -> ShareTransaction:
    line = next((line for line in state.transactions if line.number == number), None)
    if line is None or line.status is not RequestStatus.APPLIED:
        raise SavingsRefused(Rule.NO_SUCH_REQUEST, limit="a request that waits", given=number)
    return line


def approve_more(terms: ShareTerms, state: ShareState, event: events.ApproveMore) -> ShareState:
    _in(state, ShareStatus.ACTIVE)
    for number in event.requests:
        state = _approved(state, _request(state, number))
    return state


def reject_more(terms: ShareTerms, state: ShareState, event: events.RejectMore) -> ShareState:
    _in(state, ShareStatus.ACTIVE)
    for number in event.requests:
        state = _rejected(state, _request(state, number))
    return state


def redeem(terms: ShareTerms, state: ShareState, event: events.Redeem) -> ShareState:
    """At the price of the day, less the charge; only shares held, and held long enough."""
    _in(state, ShareStatus.ACTIVE)
    at_least(Rule.AMOUNT_ABOVE_ZERO, event.shares, 1)
    at_most(Rule.SHARES_HELD, event.shares, state.held)
    _after_all(state, event.on)
    if terms.lock_in is not None:
        at_most(Rule.LOCKED_IN, event.shares, _free_of_lock(terms, state, event.on))
    price = terms.price_minor(event.on)
    amount = event.shares * price
    state, charge = charged(state, ShareChargeTime.REDEMPTION, amount, paid=True)
    line = ShareTransaction(
        number=_next(state), kind=ShareKind.REDEMPTION, on=event.on, status=RequestStatus.APPROVED,
        shares=event.shares, price_minor=price, amount_minor=amount - charge, charge_minor=charge,
        paid_minor=amount - charge,
    )  # fmt: skip
    return _with(state, line)


def _free_of_lock(terms: ShareTerms, state: ShareState, on: date) -> int:
    free = 0
    for line in state.transactions:
        if line.status is not RequestStatus.APPROVED or terms.lock_in is None:
            continue
        if line.kind is ShareKind.REDEMPTION:
            free -= line.shares
        elif terms.lock_in.after(line.on) <= on:
            free += line.shares
    return free


def close(terms: ShareTerms, state: ShareState, event: events.CloseShares) -> ShareState:
    _in(state, ShareStatus.ACTIVE)
    if state.held:
        state = redeem(terms, state, events.Redeem(event.on, state.held))
    return replace(state, status=ShareStatus.CLOSED, closed_on=event.on)


_ACTS: dict[type, Callable[[ShareTerms, ShareState, Any], ShareState]] = {
    events.ApproveShares: approve,
    events.UndoShareApproval: undo_approval,
    events.RejectShares: reject,
    events.ActivateShares: activate,
    events.RequestMore: request_more,
    events.ApproveMore: approve_more,
    events.RejectMore: reject_more,
    events.Redeem: redeem,
    events.CloseShares: close,
}


def step(terms: ShareTerms, state: ShareState, event: events.ShareEvent) -> ShareState:
    """Raises `SavingsRefused` with the rule that is broken."""
    return _ACTS[type(event)](terms, state, event)


def replay(terms: ShareTerms, first: ShareState, happened: Iterable[events.ShareEvent]) -> ShareState:
    for event in happened:
        first = step(terms, first, event)
    return first
