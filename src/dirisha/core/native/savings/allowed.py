"""What must hold before money moves: an open account, no block, no lock, a date that can be, enough money.

Source: Fineract's `SavingsAccount.validateAccountBalanceDoesNotBecomeNegative` and the checks of each act.
"""

from __future__ import annotations

from datetime import date

from dirisha.core.native.savings.charge_terms import ChargeTime
from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least, not_after, not_before
from dirisha.core.native.savings.state import State, Status, SubStatus
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.core.native.savings.transactions import DEBITS, Kind

_CHARGES_FALLING_DUE = frozenset({Kind.ANNUAL_FEE, Kind.PAY_CHARGE})


def in_status(state: State, *statuses: Status) -> None:
    if state.status not in statuses:
        allowed = " or ".join(status.name.lower() for status in statuses)
        raise SavingsRefused(Rule.STATUS, limit=allowed, given=state.status.name.lower())


def active(state: State) -> None:
    if state.status is not Status.ACTIVE:
        raise SavingsRefused(Rule.NOT_ACTIVE, limit="active", given=state.status.name.lower())


def credit_allowed(state: State) -> None:
    _not_blocked(state, Rule.CREDITS_BLOCKED, SubStatus.CREDITS_BLOCKED)


def debit_allowed(state: State) -> None:
    _not_blocked(state, Rule.DEBITS_BLOCKED, SubStatus.DEBITS_BLOCKED)


def _not_blocked(state: State, rule: Rule, block: SubStatus) -> None:
    if state.sub_status is SubStatus.BLOCKED:
        raise SavingsRefused(Rule.BLOCKED, limit="an account that is not blocked", given="blocked")
    if state.sub_status is block:
        raise SavingsRefused(rule, limit="an account without that block", given=block.name.lower())


def dated(state: State, value_date: date, on: date) -> None:
    """Not after the day of entry, not before the account was active."""
    not_after(Rule.DATE_IN_FUTURE, value_date, on)
    if state.activated_on is not None:
        not_before(Rule.BEFORE_ACTIVATION, value_date, state.activated_on)


def after_last_transaction(state: State, value_date: date) -> None:
    """A reversed transaction counts, too: its day is in the books."""
    if state.transactions:
        not_before(Rule.BEFORE_LAST_TRANSACTION, value_date, state.transactions[-1].on)


def not_locked(state: State, value_date: date) -> None:
    if state.locked_until is not None:
        not_before(Rule.LOCKED_IN, value_date, state.locked_until)


def enough(terms: SavingsTerms, state: State, since: date, rule: Rule = Rule.INSUFFICIENT_BALANCE) -> None:
    """No debit from a day on leaves less than the terms require.

    A dated or recurring charge may: it falls due whatever is there (Fineract's `canOverriteSavingAccountRules`).
    With an overdraft only the last balance is looked at: posted interest may have gone below the limit before.
    """
    held = 0
    at_activation = {charge.number for charge in state.charges if charge.terms.time is ChargeTime.ACTIVATION}
    for line in state.transactions:
        if not line.counts:
            continue
        held += line.balance_change_minor - line.available_change_minor
        falls_due = line.kind in _CHARGES_FALLING_DUE and line.charge not in at_activation
        checked = line.on >= since and line.kind in DEBITS and not falls_due
        if (
            checked
            and terms.overdraft_limit_minor is None
            and line.running_balance_minor + held < terms.least_balance_minor
        ):
            raise SavingsRefused(rule, limit=terms.least_balance_minor, given=line.running_balance_minor + held)
    if terms.overdraft_limit_minor is not None:
        at_least(rule, state.balance_minor, terms.least_balance_minor)


def enough_beside_holds(terms: SavingsTerms, state: State) -> None:
    if state.held_minor > 0:
        at_least(Rule.INSUFFICIENT_BALANCE, state.balance_minor, state.held_minor + terms.minimum_balance_minor)
