"""Interest earned, posting period by posting period, from the balances that an account had.

Interest earned before enters through compounding, unrounded: posted interest is no part of the balances.
Source: Fineract's `PostingPeriod.calculateInterest`, `CompoundInterestHelper`; loan-math §14.3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dirisha.core.native.rounding import UNROUNDED
from dirisha.core.native.savings.interest_terms import BalanceMethod, Every, InterestTerms
from dirisha.core.native.savings.periods import ONE_DAY, PostingPeriod, compounding_periods, posting_periods
from dirisha.core.native.savings.stretch_interest import (
    ZERO,
    EarningRates,
    Stretch,
    compounded_daily,
    on_average_balance,
    on_each_balance,
)

# A day, and the balance in minor units from that day on; None: no balance that counts.
Balance = tuple[date, int | None]


@dataclass(frozen=True, slots=True)
class Carried:
    """What later periods need of earlier ones: where they start, and the interest so far (major units, nine decimals).

    `balance_minor`: what stood on the account then; None: nothing ever did. `waiting` is earned but not yet compounded;
    `earned_minor` is the sum of the rounded interest of the periods before.
    """

    start: date
    balance_minor: int | None = None
    compounded: Decimal = ZERO
    waiting: Decimal = ZERO
    earned_minor: int = 0


@dataclass(frozen=True, slots=True)
class EarnedInPeriod:
    """Interest of one posting period, rounded once; below zero where an overdraft costs more than a balance earned.

    `carried` is where the next period starts from.
    """

    period: PostingPeriod
    posted_on: date
    amount_minor: int
    carried: Carried


# Whether the interest of a period leaves the account, so that it does not compound.
LeavesAccount = Callable[[PostingPeriod, date], bool]


def stays(_period: PostingPeriod, _posted_on: date) -> bool:
    return False


def earned(
    terms: InterestTerms,
    scale: int,
    balances: Sequence[Balance],
    carried: Carried,
    until: date,
    *,
    annual_rate: Decimal | None = None,
    by_hand: Sequence[date] = (),
    leaves: LeavesAccount = stays,
) -> list[EarnedInPeriod]:
    """Interest from `carried.start` to `until`, that day included.

    `balances` in order of days, from `carried.start` on.
    """
    rates = EarningRates.of(terms, terms.annual_rate if annual_rate is None else annual_rate, scale)
    interest_on = _method(terms)
    walk = _Walk(carried.balance_minor, balances, scale)
    compounded, waiting, total = carried.compounded, carried.waiting, carried.earned_minor
    found = []
    for period in posting_periods(carried.start, until, terms.posting, terms.financial_year_start, by_hand):
        interest = ZERO
        for first, last, compounds in compounding_periods(period, terms.compounding, terms.financial_year_start):
            if first > until:
                break
            gain = interest_on(walk.stretches(first, min(last, until)), compounded, rates)
            interest = UNROUNDED.add(interest, gain)
            waiting = UNROUNDED.add(waiting, gain)
            if compounds:
                compounded, waiting = UNROUNDED.add(compounded, waiting), ZERO
        amount = int(UNROUNDED.scaleb(interest, scale).to_integral_value(terms.rounding))
        total += amount
        posted_on = _posting_day(terms, period)
        if leaves(period, posted_on):
            compounded = ZERO
        after = Carried(period.end + ONE_DAY, walk.balance_minor, compounded, waiting, total)
        found.append(EarnedInPeriod(period, posted_on, amount, after))
    return found


def _posting_day(terms: InterestTerms, period: PostingPeriod) -> date:
    """The next day, or by custom of the institution the last one; a day chosen by hand is that day in any case."""
    return period.end if terms.posted_on_period_end and not period.by_hand else period.end + ONE_DAY


def _method(terms: InterestTerms) -> Callable[[Sequence[Stretch], Decimal, EarningRates], Decimal]:
    """Daily compounding looks at each day's balance in any case."""
    if terms.compounding is Every.DAILY:
        return compounded_daily
    return on_average_balance if terms.method is BalanceMethod.AVERAGE_DAILY else on_each_balance


class _Walk:
    """The balances cut into windows of days that are asked for in order."""

    __slots__ = ("_balances", "_next", "_scale", "balance_minor")

    def __init__(self, balance_minor: int | None, balances: Sequence[Balance], scale: int) -> None:
        self.balance_minor = balance_minor
        self._balances = balances
        self._scale = scale
        self._next = 0

    def stretches(self, first: date, last: date) -> list[Stretch]:
        """Unchanged balances from `first` to `last`, both included; nothing for days before the first balance."""
        found: list[Stretch] = []
        balances, following, minor = self._balances, self._next, self.balance_minor
        day = first
        while following < len(balances) and balances[following][0] <= last:
            on, next_minor = balances[following]
            if on > day:
                if minor is not None:
                    found.append((Decimal(minor).scaleb(-self._scale), (on - day).days))
                day = on
            minor = next_minor
            following += 1
        self._next, self.balance_minor = following, minor
        if minor is not None:
            found.append((Decimal(minor).scaleb(-self._scale), (last - day).days + 1))
        return found
