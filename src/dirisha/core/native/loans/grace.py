"""Which installments a grace spares: principal, payment of interest, interest itself. Source: loan-math §6."""

from __future__ import annotations

from dirisha.core.native.loans.terms import LoanTerms


def without_principal(terms: LoanTerms) -> frozenset[int]:
    """The numbers of the installments in which no principal is due."""
    grace = terms.grace
    spared = set(range(1, grace.on_principal + 1))
    if grace.between_principal:
        every = grace.between_principal + 1
        numbers = range(grace.on_principal + 1, terms.number_of_repayments + 1)
        spared.update(number for number in numbers if (number - grace.on_principal) % every != 1)
    return frozenset(spared)


def repaying_principal(terms: LoanTerms, spared: frozenset[int], after: int = 0) -> int:
    """How many installments after the one numbered `after` repay principal."""
    return terms.number_of_repayments - after - sum(number > after for number in spared)
