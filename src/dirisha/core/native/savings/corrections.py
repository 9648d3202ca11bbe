"""A transaction undone, reversed by a counter-entry, or changed; interest that followed from it is posted anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.savings import allowed
from dirisha.core.native.savings import charges as lives
from dirisha.core.native.savings.account_interest import reckoned
from dirisha.core.native.savings.cash import with_fees
from dirisha.core.native.savings.charge_acts import charge_of, with_charge
from dirisha.core.native.savings.events import Modify, Reverse, Undo
from dirisha.core.native.savings.ledger_lines import added, exchanged, reversed_line
from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least
from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.core.native.savings.transactions import CHARGE_PAYMENTS, Kind, Transaction

_NOT_BY_CORRECTION = frozenset({Kind.HOLD, Kind.RELEASE, Kind.ESCHEAT})


def undo(terms: SavingsTerms, state: State, event: Undo) -> State:
    line = _correctable(terms, state, event.transaction)
    known = state.next_number
    return _checked(terms, _taken_back(state, line), event.on, line.on, known, corrects=line.bears_interest)


def reverse(terms: SavingsTerms, state: State, event: Reverse) -> State:
    line = _correctable(terms, state, event.transaction)
    known = state.next_number
    counter = replace(
        line, number=known, reverses=line.number, replaces=None, running_balance_minor=0, overdraft_minor=0
    )
    return _checked(terms, added(_taken_back(state, line), counter), event.on, line.on, known)


def modify(terms: SavingsTerms, state: State, event: Modify) -> State:
    """The old one is reversed; one of the new day and amount stands in for it, with its own withdrawal fees.

    As a deposit, it is in the books before balances are looked at.
    """
    line = _correctable(terms, state, event.transaction)
    if line.kind not in {Kind.DEPOSIT, Kind.WITHDRAWAL}:
        raise SavingsRefused(Rule.NOT_OFFERED, limit="deposits and withdrawals", given=line.kind.name.lower())
    at_least(Rule.AMOUNT_ABOVE_ZERO, event.amount_minor, 1)
    allowed.dated(state, event.value_date, event.on)
    new = Transaction(
        number=state.next_number,
        kind=line.kind,
        on=event.value_date,
        amount_minor=event.amount_minor,
        replaces=line.number,
    )
    state = added(_taken_back(state, line), new)
    if line.kind is Kind.WITHDRAWAL:
        state = with_fees(state, event.value_date, event.amount_minor)
    return _checked(terms, state, event.on, min(line.on, event.value_date), new.number + 1)


def _correctable(terms: SavingsTerms, state: State, number: int) -> Transaction:
    if terms.deposit is not None and terms.deposit.recurring is None:
        raise SavingsRefused(Rule.NOT_OFFERED, limit="savings and recurring deposits", given="a fixed deposit")
    allowed.active(state)
    line = state.transaction(number)
    if line is None or not line.counts:
        raise SavingsRefused(Rule.NO_SUCH_TRANSACTION, limit="a transaction that stands", given=number)
    if line.kind in _NOT_BY_CORRECTION:
        raise SavingsRefused(Rule.NOT_OFFERED, limit="releasing a hold", given=line.kind.name.lower())
    if line.of_transfer:
        raise SavingsRefused(Rule.PART_OF_TRANSFER, limit="undoing the transfer", given=number)
    return line


def _taken_back(state: State, line: Transaction) -> State:
    """With a withdrawal its fees go; a charge that was paid or waived is open again."""
    lines = [line]
    if line.kind is Kind.WITHDRAWAL:
        following = line.number + 1
        while (fee := state.transaction(following)) is not None and fee.kind is Kind.WITHDRAWAL_FEE and fee.counts:
            lines.append(fee)
            following += 1
    for taken in lines:
        if taken.charge is None:
            continue
        charge = charge_of(state, taken.charge)
        if taken.kind in CHARGE_PAYMENTS:
            state = with_charge(state, lives.payment_undone(charge, taken.amount_minor))
        elif taken.kind is Kind.WAIVE_CHARGE:
            state = with_charge(state, lives.waiver_undone(charge, taken.amount_minor))
    return exchanged(state, *(reversed_line(taken) for taken in lines))


def _checked(
    terms: SavingsTerms, state: State, on: date, changed_on: date, known: int, *, corrects: bool = True
) -> State:
    state = reckoned(terms, state, on, changed_on, known, corrects=corrects)
    allowed.enough(terms, state, changed_on, Rule.BALANCE_BELOW_ZERO)
    return state
