"""The figures of an account at a glance, each the sum of its transactions. Source: `SavingsAccountSummary`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.transactions import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Amounts in minor units; `interest_not_posted_minor`: earned to `interest_calculated_on`, less what is posted."""

    deposits_minor: int
    withdrawals_minor: int
    withdrawal_fees_minor: int
    annual_fees_minor: int
    fees_minor: int
    penalties_minor: int
    interest_earned_minor: int
    interest_posted_minor: int
    interest_not_posted_minor: int
    overdraft_interest_minor: int
    withheld_tax_minor: int
    balance_minor: int
    available_minor: int
    interest_calculated_on: date | None
    interest_posted_until: date | None
    last_active_on: date | None


def summary(state: State) -> Summary:
    sums: Counter[Kind] = Counter()
    penalties = 0
    last_active = state.activated_on
    for line in state.transactions:
        if not line.counts:
            continue
        sums[line.kind] += line.amount_minor
        if line.kind is Kind.PAY_CHARGE and line.penalty:
            penalties += line.amount_minor
        elif line.kind is Kind.DEPOSIT or line.kind is Kind.WITHDRAWAL:
            last_active = line.on
    posted = sums[Kind.INTEREST_POSTING]
    overdraft_interest = sums[Kind.OVERDRAFT_INTEREST]
    return Summary(
        deposits_minor=sums[Kind.DEPOSIT] + sums[Kind.DIVIDEND_PAYOUT],
        withdrawals_minor=sums[Kind.WITHDRAWAL],
        withdrawal_fees_minor=sums[Kind.WITHDRAWAL_FEE],
        annual_fees_minor=sums[Kind.ANNUAL_FEE],
        fees_minor=sums[Kind.PAY_CHARGE] - penalties,
        penalties_minor=penalties,
        interest_earned_minor=state.interest_earned_minor,
        interest_posted_minor=posted,
        interest_not_posted_minor=state.interest_earned_minor - posted + overdraft_interest,
        overdraft_interest_minor=overdraft_interest,
        withheld_tax_minor=sums[Kind.WITHHOLD_TAX],
        balance_minor=state.balance_minor,
        available_minor=state.available_minor,
        interest_calculated_on=state.interest_calculated_on,
        interest_posted_until=state.interest_posted_until,
        last_active_on=last_active,
    )
