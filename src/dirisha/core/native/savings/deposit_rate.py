"""When a deposit began and matures, and the rate it earns: the chart's, less a penalty on leaving early.

Source: Fineract's `FixedDepositAccount.getEffectiveInterestRateAsFraction` (and the recurring one's).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from dirisha.core.native.rounding import UNROUNDED
from dirisha.core.native.savings.deposit_terms import DepositTerms, PenaltyBasis
from dirisha.core.native.savings.refusals import Rule, SavingsRefused
from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.terms import SavingsTerms


def deposit_terms(terms: SavingsTerms) -> DepositTerms:
    if terms.deposit is None:
        raise SavingsRefused(Rule.NOT_OFFERED, limit="fixed and recurring deposits", given="a savings account")
    return terms.deposit


def deposit_start(terms: SavingsTerms, state: State) -> date:
    """The first installment's day of a recurring deposit, else the activation (before it, the application)."""
    recurring = deposit_terms(terms).recurring
    if recurring is not None and recurring.first_on is not None:
        return recurring.first_on
    return state.activated_on or state.submitted_on


def maturity_on(terms: SavingsTerms, state: State) -> date:
    return deposit_terms(terms).term.after(deposit_start(terms, state))


def put_away_minor(terms: SavingsTerms, state: State) -> int:
    """The amount by which the chart is read: of a recurring deposit, all its installments together."""
    deposit = deposit_terms(terms)
    if deposit.recurring is None:
        return deposit.amount_minor
    return terms.opening_minor + sum(due.amount_minor for due in state.due_deposits)


def term_rate(terms: SavingsTerms, state: State) -> Decimal:
    start = deposit_start(terms, state)
    return deposit_terms(terms).chart.rate(put_away_minor(terms, state), start, maturity_on(terms, state))


def premature_rate(terms: SavingsTerms, state: State, last_day: date) -> Decimal:
    """`last_day`: the last that earns. The penalty is taken off the rate of the whole term, or of the term kept."""
    deposit = deposit_terms(terms)
    if deposit.penalty is None:
        return term_rate(terms, state)
    whole_term = deposit.penalty.basis is PenaltyBasis.WHOLE_TERM
    end = maturity_on(terms, state) - timedelta(days=1) if whole_term else last_day
    rate = deposit.chart.rate(put_away_minor(terms, state), deposit_start(terms, state), end)
    return max(UNROUNDED.subtract(rate, deposit.penalty.percentage), Decimal(0))
