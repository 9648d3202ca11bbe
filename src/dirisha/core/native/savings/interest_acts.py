"""Interest reckoned, posted, posted as on a chosen day, and paid out to another account."""

from __future__ import annotations

from dataclasses import replace

from dirisha.core.native.savings import allowed
from dirisha.core.native.savings.account_interest import interest_to, posted
from dirisha.core.native.savings.deposit_rate import deposit_terms
from dirisha.core.native.savings.events import CalculateInterest, PostInterest, PostInterestAsOn, TransferInterest
from dirisha.core.native.savings.ledger_lines import added, balanced
from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.core.native.savings.transactions import Kind, Transaction


def calculate_interest(terms: SavingsTerms, state: State, event: CalculateInterest) -> State:
    allowed.active(state)
    return interest_to(terms, state, event.on)[0] if terms.bears_interest else state


def post_interest(terms: SavingsTerms, state: State, event: PostInterest) -> State:
    allowed.active(state)
    if not terms.bears_interest:
        return state
    known = state.next_number
    state, periods = interest_to(terms, state, event.on)
    return posted(terms, state, periods, event.on, known)


def post_interest_as_on(terms: SavingsTerms, state: State, event: PostInterestAsOn) -> State:
    """The running period is cut: interest to the day before is posted on the chosen day."""
    allowed.active(state)
    allowed.dated(state, event.value_date, event.on)
    allowed.after_last_transaction(state, event.value_date)
    if not terms.bears_interest:
        return state
    known = state.next_number
    state, periods = interest_to(terms, state, event.on, event.value_date)
    return posted(terms, state, periods, event.on, known)


def transfer_interest(terms: SavingsTerms, state: State, event: TransferInterest) -> State:
    """Each posting after the lock-in leaves once; interest then is reckoned again, since it lowers the balance."""
    allowed.active(state)
    if not deposit_terms(terms).interest_paid_out:
        return state
    gone = {line.on for line in state.transactions if line.pays_interest_out and line.counts}
    leaving = [
        line
        for line in state.transactions
        if line.kind is Kind.INTEREST_POSTING and line.counts and line.on not in gone and line.amount_minor > 0
        and (state.locked_until is None or line.on > state.locked_until)
    ]  # fmt: skip
    known = state.next_number
    for line in leaving:
        paid_out = replace(
            line, number=state.next_number, kind=Kind.WITHDRAWAL, by_hand=False, replaces=None, of_transfer=True,
            pays_interest_out=True,
        )  # fmt: skip
        state = added(state, paid_out)
    if not leaving:
        return state
    state = balanced(terms, state, leaving[0].on, known)
    return interest_to(terms, state, event.on)[0]


def moved_out(state: State) -> tuple[Transaction, ...]:
    """The withdrawals whose other leg is a deposit of posted interest to the linked account."""
    return tuple(line for line in state.transactions if line.pays_interest_out and line.counts)
