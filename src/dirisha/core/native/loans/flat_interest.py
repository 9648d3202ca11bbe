"""Flat interest: on the whole principal for the whole term, known before the first installment.

Source: Fineract's `LoanApplicationTerms.calculateTotalInterestCharged`, `calculateTotalFlatInterestForPeriod` and
`calculateTotalFlatInterestForInstallmentAveragingOutGracePeriods`; loan-math §4, §6.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.basis import Basis
from dirisha.core.native.loans.interest import Interest
from dirisha.core.native.loans.periods import Period
from dirisha.core.native.loans.terms import Amortization, Grace, InterestPeriod, LoanTerms


class EvenInterest:
    """The same in each installment that pays interest; the last one takes what rounding has left of the total."""

    __slots__ = ("_none_until", "_share_minor", "total_minor")

    def __init__(self, amounts: Amounts, total_minor: int, paying: int, none_until: int = 0) -> None:
        self.total_minor: int | None = total_minor
        self._share_minor = amounts.share(total_minor, paying)
        self._none_until = none_until

    def of(
        self, period: Period, balance_minor: int, carried_minor: int, changes: Iterable[tuple[date, int]] = ()
    ) -> Interest:
        share_minor = 0 if period.number <= self._none_until else self._share_minor
        return Interest(share_minor, share_minor, carried_minor)


class CarriedFlatInterest:
    """A share for each installment; those that a grace on payment spares come with the first one after it."""

    __slots__ = ("_grace", "_share_minor", "total_minor")

    def __init__(self, total_minor: int, share_minor: int, grace: Grace) -> None:
        self.total_minor: int | None = total_minor
        self._share_minor = share_minor
        self._grace = grace

    def of(
        self, period: Period, balance_minor: int, carried_minor: int, changes: Iterable[tuple[date, int]] = ()
    ) -> Interest:
        number, share_minor = period.number, self._share_minor
        if number <= self._grace.on_interest_payment:
            return Interest(0, 0, carried_minor + share_minor)
        if number <= self._grace.interest_free:
            return Interest(0, 0, carried_minor)
        if number == self._grace.on_interest_payment + 1:
            return Interest(carried_minor + share_minor, carried_minor + share_minor, 0)
        return Interest(share_minor, share_minor, carried_minor)


def flat_interest(basis: Basis) -> EvenInterest | CarriedFlatInterest:
    """With equal installments a grace spreads evenly over those that pay; with equal principal it is carried."""
    terms, amounts, grace = basis.terms, basis.amounts, basis.terms.grace
    rate = basis.rates.of_term(_interest_starts(terms, basis.disbursed_on), basis.last_due_on)
    for_term_minor = amounts.times(basis.agreed_minor, rate)
    share_minor = amounts.share(for_term_minor, terms.number_of_repayments)
    # Shares that were rounded up must not give back more interest than there is.
    total_minor = max(0, for_term_minor - share_minor * grace.interest_free)
    if terms.amortization is Amortization.EQUAL_PRINCIPAL:
        return CarriedFlatInterest(total_minor, share_minor, grace)
    paying = terms.number_of_repayments - grace.on_interest_payment - grace.interest_free
    return EvenInterest(amounts, total_minor, paying, max(grace.on_interest_payment, grace.interest_free))


def _interest_starts(terms: LoanTerms, disbursed_on: date) -> date:
    """Daily interest never starts ahead of the disbursement."""
    if terms.interest_from is None:
        return disbursed_on
    if terms.interest_period is InterestPeriod.DAILY:
        return max(terms.interest_from, disbursed_on)
    return terms.interest_from
