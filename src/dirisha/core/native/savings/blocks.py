"""An account blocked for debits, for credits, or for both; credits and debits blocked one by one make a full block."""

from __future__ import annotations

from dataclasses import replace

from dirisha.core.native.savings import allowed
from dirisha.core.native.savings.events import Block, Unblock
from dirisha.core.native.savings.refusals import Rule, SavingsRefused
from dirisha.core.native.savings.state import State, SubStatus
from dirisha.core.native.savings.terms import SavingsTerms

_OTHER = {
    SubStatus.CREDITS_BLOCKED: SubStatus.DEBITS_BLOCKED,
    SubStatus.DEBITS_BLOCKED: SubStatus.CREDITS_BLOCKED,
}


def block(terms: SavingsTerms, state: State, event: Block) -> State:
    allowed.active(state)
    if state.sub_status is SubStatus.BLOCKED:
        raise SavingsRefused(Rule.BLOCKED, limit="an account that is not blocked", given="blocked")
    both = _OTHER.get(event.block) is state.sub_status
    return replace(state, sub_status=SubStatus.BLOCKED if both else event.block)


def unblock(terms: SavingsTerms, state: State, event: Unblock) -> State:
    """Half of a full block may be lifted: the other half stays."""
    allowed.active(state)
    if state.sub_status is event.block:
        return replace(state, sub_status=SubStatus.NONE)
    if state.sub_status is SubStatus.BLOCKED and event.block in _OTHER:
        return replace(state, sub_status=_OTHER[event.block])
    raise SavingsRefused(Rule.NOT_BLOCKED, limit=event.block.name.lower(), given=state.sub_status.name.lower())
