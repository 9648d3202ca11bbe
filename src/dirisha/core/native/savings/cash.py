"""Money in and out of an account, with the fee of a withdrawal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.savings import allowed
from dirisha.core.native.savings.account_interest import reckoned
from dirisha.core.native.savings.charge_terms import ChargeTime
from dirisha.core.native.savings.charges import Charge, paid
from dirisha.core.native.savings.events import Deposit, PayDividend, Withdraw
from dirisha.core.native.savings.ledger_lines import added
from dirisha.core.native.savings.recurring import deposits_counted
from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least
from dirisha.core.native.savings.state import State, Status, SubStatus
from dirisha.core.native.savings.terms import AccountKind, SavingsTerms
from dirisha.core.native.savings.transactions import Kind, Transaction

_ASLEEP = frozenset({SubStatus.INACTIVE, SubStatus.DORMANT})


def deposit(terms: SavingsTerms, state: State, event: Deposit) -> State:
    if terms.kind is AccountKind.FIXED_DEPOSIT:
        raise SavingsRefused(Rule.NOT_OFFERED, limit="the one deposit at activation", given="a deposit")
    if state.maturity is not None and (state.status is Status.MATURED or event.value_date >= state.maturity.on):
        raise SavingsRefused(Rule.AFTER_MATURITY, limit=state.maturity.on, given=event.value_date)
    state = credited(terms, state, event.on, event.value_date, event.amount_minor, of_transfer=event.of_transfer)
    return deposits_counted(terms, state, event.on) if terms.kind is AccountKind.RECURRING_DEPOSIT else state


def pay_dividend(terms: SavingsTerms, state: State, event: PayDividend) -> State:
    return credited(terms, state, event.on, event.on, event.amount_minor, kind=Kind.DIVIDEND_PAYOUT)


def credited(
    terms: SavingsTerms,
    state: State,
    on: date,
    value_date: date,
    amount_minor: int,
    *,
    kind: Kind = Kind.DEPOSIT,
    of_transfer: bool = False,
) -> State:
    """The reference core books a deposit before it looks at balances: one that repays an overdraft is booked again."""
    allowed.credit_allowed(state)
    allowed.active(state)
    at_least(Rule.AMOUNT_ABOVE_ZERO, amount_minor, 1)
    allowed.dated(state, value_date, on)
    line = Transaction(
        number=state.next_number, kind=kind, on=value_date, amount_minor=amount_minor, of_transfer=of_transfer
    )
    state = added(awake(state), line)
    return reckoned(terms, state, on, value_date, known_before=state.next_number)


def withdraw(terms: SavingsTerms, state: State, event: Withdraw) -> State:
    recurring = terms.deposit.recurring if terms.deposit else None
    if terms.deposit is not None and not (recurring and recurring.withdrawals):
        raise SavingsRefused(Rule.NOT_OFFERED, limit="closing the deposit", given="a withdrawal")
    free = event.of_transfer and not terms.withdrawal_fee_for_transfers
    return debited(
        terms, state, event.on, event.value_date, event.amount_minor, of_transfer=event.of_transfer, free_of_fees=free
    )


def debited(
    terms: SavingsTerms,
    state: State,
    on: date,
    value_date: date,
    amount_minor: int,
    *,
    of_transfer: bool = False,
    free_of_fees: bool = False,
) -> State:
    """A withdrawal and its fees, refused where the account could not bear them on any day since."""
    allowed.debit_allowed(state)
    if state.status is not Status.MATURED:
        allowed.active(state)
    at_least(Rule.AMOUNT_ABOVE_ZERO, amount_minor, 1)
    allowed.dated(state, value_date, on)
    allowed.not_locked(state, value_date)
    known = state.next_number
    line = Transaction(
        number=known, kind=Kind.WITHDRAWAL, on=value_date, amount_minor=amount_minor, of_transfer=of_transfer
    )
    state = added(awake(state), line)
    if not free_of_fees:
        state = with_fees(state, value_date, amount_minor)
    state = reckoned(terms, state, on, value_date, known)
    allowed.enough(terms, state, value_date)
    allowed.enough_beside_holds(terms, state)
    return state


def with_fees(state: State, value_date: date, withdrawn_minor: int) -> State:
    """Every active withdrawal fee, a percentage of what is withdrawn or flat."""
    charges: list[Charge] = []
    lines: list[Transaction] = []
    for charge in state.charges:
        fee = charge.terms.on_amount_minor(withdrawn_minor)
        if charge.terms.time is ChargeTime.WITHDRAWAL and charge.active and fee:
            number = state.next_number + len(lines)
            lines.append(
                Transaction(
                    number=number, kind=Kind.WITHDRAWAL_FEE, on=value_date, amount_minor=fee, charge=charge.number
                )
            )
            charge = paid(replace(charge, outstanding_minor=fee), fee)
        charges.append(charge)
    return added(replace(state, charges=tuple(charges)), *lines) if lines else state


def awake(state: State) -> State:
    """A deposit or withdrawal ends inactivity and dormancy."""
    return replace(state, sub_status=SubStatus.NONE) if state.sub_status in _ASLEEP else state
