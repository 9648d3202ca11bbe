"""Which rule finds the interest of an installment, and which its principal."""

from __future__ import annotations

from dirisha.core.native.loans.basis import Basis
from dirisha.core.native.loans.course import InterestRule, PrincipalRule
from dirisha.core.native.loans.declining_interest import DecliningInterest
from dirisha.core.native.loans.flat_interest import flat_interest
from dirisha.core.native.loans.grace import repaying_principal, without_principal
from dirisha.core.native.loans.principal import (
    EqualInstallments,
    EqualPrincipal,
    FlatPrincipal,
    PercentagePrincipal,
    level_installment,
)
from dirisha.core.native.loans.terms import Amortization, InterestMethod


def interest_rule(basis: Basis) -> InterestRule:
    if basis.terms.interest_method is InterestMethod.FLAT:
        return flat_interest(basis)
    return DecliningInterest(basis.amounts, basis.rates, basis.terms.grace)


def principal_rule(basis: Basis) -> PrincipalRule:
    terms, amounts = basis.terms, basis.amounts
    spared = without_principal(terms)
    repaying = repaying_principal(terms, spared)
    percentage, flat = terms.fixed_principal_percentage, terms.interest_method is InterestMethod.FLAT
    if terms.fixed_installment is not None:
        return EqualInstallments(terms.fixed_installment.minor, frozenset() if flat else spared)
    if flat:
        return FlatPrincipal(amounts, repaying, percentage, spared)
    if terms.amortization is Amortization.EQUAL_INSTALLMENTS:
        level_minor = level_installment(amounts, basis.to_repay_minor, basis.rates, repaying)
        return EqualInstallments(level_minor, spared)
    if percentage is not None:
        return PercentagePrincipal(amounts, percentage, spared)
    return EqualPrincipal(amounts.share(basis.to_repay_minor, repaying), spared)
