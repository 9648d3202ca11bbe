"""The installments of a recurring deposit: when they are due, which are paid, which are late, what comes of it all.

Source: Fineract's `RecurringDepositAccount` (generateSchedule, handleScheduleInstallments, updateOverduePayments).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.savings.deposit_rate import deposit_start, deposit_terms, maturity_on
from dirisha.core.native.savings.deposit_terms import Recurring
from dirisha.core.native.savings.maturity import with_maturity
from dirisha.core.native.savings.periods import ONE_DAY
from dirisha.core.native.savings.refusals import Rule, SavingsRefused
from dirisha.core.native.savings.state import DueDeposit, Overdue, State
from dirisha.core.native.savings.terms import SavingsTerms
from dirisha.core.native.savings.transactions import Kind


def recurring_terms(terms: SavingsTerms) -> Recurring:
    recurring = deposit_terms(terms).recurring
    if recurring is None:
        raise SavingsRefused(Rule.NOT_OFFERED, limit="a recurring deposit", given="a fixed one")
    return recurring


def due_deposits(terms: SavingsTerms, state: State) -> tuple[DueDeposit, ...]:
    """One installment each period from the first day on, the last before maturity; each date follows from the one
    before."""
    recurring = recurring_terms(terms)
    due, end = deposit_start(terms, state), maturity_on(terms, state)
    found = []
    while due < end:
        found.append(DueDeposit(due, recurring.installment_minor))
        due = recurring.every.after(due)
    return tuple(found)


def deposits_counted(terms: SavingsTerms, state: State, on: date) -> State:
    """After a deposit: installments paid in order, those late before today, and the maturity now to be expected."""
    state = replace(state, due_deposits=_paid(terms, state))
    maturity = maturity_on(terms, state)
    late = [due for due in state.due_deposits if due.outstanding_minor and due.due_on < min(on, maturity)]
    overdue = Overdue(len(late), sum(due.outstanding_minor for due in late))
    state = replace(state, overdue=overdue, reckoned_to=_next_expected(state, maturity) - ONE_DAY)
    return with_maturity(terms, state)


def _next_expected(state: State, maturity: date) -> date:
    """The day of the next deposit that is still to come; what is late is expected with the last deposit made."""
    last_on = state.transactions[-1].on
    open_dues = (max(due.due_on, last_on) for due in state.due_deposits if due.outstanding_minor)
    return next(open_dues, maturity)


def _paid(terms: SavingsTerms, state: State) -> tuple[DueDeposit, ...]:
    """Every deposit from the beginning, since one may have been dated back."""
    ahead = recurring_terms(terms).advance_pays_future
    installments = [replace(due, paid_minor=0) for due in state.due_deposits]
    for line in state.transactions:
        if line.kind is not Kind.DEPOSIT or not line.counts:
            continue
        left = line.amount_minor
        for index, due in enumerate(installments):
            if not left or (not ahead and line.on < due.due_on):
                break
            part = min(left, due.outstanding_minor)
            installments[index] = replace(due, paid_minor=due.paid_minor + part)
            left -= part
    return tuple(installments)
