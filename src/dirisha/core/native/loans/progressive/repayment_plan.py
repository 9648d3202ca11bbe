"""Level installments over a loan's periods, worked out anew from the period in which money goes out.

Interest of a period is its balance by the period's rate, rounded once; where money goes out within the period, each
stretch of one balance is rounded on its own. The rest of the installment is principal; the last one takes what is left.
Source: Fineract's `ProgressiveEMICalculator`; loan-math §13.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.progressive.level_installment import level_installment
from dirisha.core.native.loans.progressive.period_rates import PeriodRates


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a period: what goes out at its start, and the rate for its days."""

    lent_minor: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """What one period asks for, in minor units."""

    principal: int
    interest: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a level installment makes of the periods from the one at index `at` on.

    `balances` begin with the one before that period.
    """

    at: int
    level_minor: int
    shares: list[Share]
    balances: list[int]


class RepaymentPlan:
    """`shares` are those of all periods, in order."""

    __slots__ = ("_amounts", "_balances", "_dates", "_rates", "_stretches", "shares")

    def __init__(self, dates: Sequence[tuple[date, date]], rates: PeriodRates, amounts: Amounts) -> None:
        self._dates = dates
        self._rates = rates
        self._amounts = amounts
        self._stretches = [[Stretch(0, rates.of(start, end, (end - start).days))] for start, end in dates]
        self._balances = [0] * (len(dates) + 1)
        self.shares = [Share(0, 0)] * len(dates)

    def lend(self, at: int, parts: Sequence[tuple[date, int]]) -> None:
        """Money goes out in the period at index `at`, on these days; the installments from there on change."""
        self._stretches[at] = self._split(at, parts)
        rates = [self._rate_of(index) for index in range(at, len(self._dates))]
        out_minor = self._balances[at] + sum(minor for _, minor in parts)
        run = self._evened(self._run(at, level_installment(out_minor, rates, self._amounts)))
        if min(run.balances) < 0:
            run = self._run(at, run.level_minor, no_more_than_is_out=True)
        self.shares[at:], self._balances[at:] = run.shares, run.balances

    def _split(self, at: int, parts: Sequence[tuple[date, int]]) -> list[Stretch]:
        start, end = self._dates[at]
        lent = {start: 0}
        for on, minor in parts:
            lent[on] = lent.get(on, 0) + minor
        days = [*sorted(lent), end]
        whole = (end - start).days
        return [Stretch(lent[first], self._rates.of(first, last, whole)) for first, last in pairwise(days)]

    def _rate_of(self, at: int) -> Decimal:
        return sum((stretch.rate for stretch in self._stretches[at]), Decimal(0))

    def _run(self, at: int, level_minor: int, *, no_more_than_is_out: bool = False) -> Run:
        """All periods from the one at index `at` on; an installment that was rounded up may repay more than is out."""
        shares: list[Share] = []
        balances = [self._balances[at]]
        last_at = len(self._dates) - 1
        for index, stretches in enumerate(self._stretches[at:], at):
            balance_minor, interest_minor = balances[-1], 0
            for stretch in stretches:
                balance_minor += stretch.lent_minor
                interest_minor += self._amounts.times(balance_minor, stretch.rate)
            principal_minor = balance_minor if index == last_at else level_minor - interest_minor
            if no_more_than_is_out:
                principal_minor = min(principal_minor, balance_minor)
            shares.append(Share(principal_minor, interest_minor))
            balances.append(balance_minor - principal_minor)
        return Run(at, level_minor, shares, balances)

    def _evened(self, run: Run) -> Run:
        """Where the last installment is far from the others, a share of the difference is laid on each.

        Far is more than half as many hundredths as there are installments, of a major unit each; and it stays as it
        was where the difference is no smaller then.
        """
        count, apart_minor = len(run.shares), _apart(run.shares)
        if abs(apart_minor) * 100 <= count // 2 * 10**self._amounts.scale or count == 1:
            return run
        evened_minor = run.level_minor + self._amounts.share(apart_minor, count)
        evened_minor = self._amounts.in_installment_multiple(evened_minor)
        if evened_minor == run.level_minor:
            return run
        evened = self._run(run.at, evened_minor)
        return evened if abs(_apart(evened.shares)) < abs(apart_minor) else run


def _apart(shares: Sequence[Share]) -> int:
    """How much more the last installment is than the one before it."""
    if len(shares) == 1:
        return 0
    last, before = shares[-1], shares[-2]
    return last.principal + last.interest - before.principal - before.interest
