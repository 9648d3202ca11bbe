"""The repayment schedule of a declining-balance loan in equal installments.

Each period bears interest on the principal still out; the rest of the equal installment repays principal; the last
installment takes whatever is left, and with it every rounding. Source: Fineract's cumulative schedule generator.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate

from dirisha.core.installments import Installment
from dirisha.core.native.doubles import level_payment
from dirisha.core.native.due_dates import Period, periods
from dirisha.core.native.loan_terms import LoanTerms, Rule, TermsRefused
from dirisha.core.native.rates import annuity_rate, period_rate
from dirisha.core.native.rounding import UNROUNDED, minor_units, nearest_multiple, whole
from dirisha.core.parts import Parts
from dirisha.kit.money import Money


def schedule(terms: LoanTerms, disbursed_on: date) -> tuple[Installment, ...]:
    """The installments, nothing paid yet. Raises `TermsRefused`.

    There are fewer than the terms say where a rounded-up installment repays the loan sooner.
    """
    equal_minor = equal_installment(terms).minor
    balance_minor = terms.principal.minor
    installments: list[Installment] = []
    for period in periods(terms, disbursed_on):
        interest_minor = whole(UNROUNDED.multiply(balance_minor, _rate(terms, period)))
        if period.number == terms.number_of_repayments:
            principal_minor = balance_minor
        else:
            _check_covers(equal_minor, interest_minor, terms)
            principal_minor = min(equal_minor - interest_minor, balance_minor)
        balance_minor -= principal_minor
        installments.append(
            Installment(
                number=period.number,
                from_date=period.from_date,
                due_date=period.due_date,
                due=Parts(principal_minor, interest_minor),
            )
        )
        if balance_minor == 0:
            break
    return tuple(installments)


def equal_installment(terms: LoanTerms) -> Money:
    """What each installment but the last comes to, rounded to the product's multiple, then to the currency."""
    amount = level_payment(terms.principal.decimal, annuity_rate(terms), terms.number_of_repayments)
    if terms.installment_multiple is not None:
        amount = nearest_multiple(amount, terms.installment_multiple)
    return Money(minor_units(amount, terms.principal.currency), terms.principal.currency)


def balances_after(installments: Sequence[Installment]) -> tuple[int, ...]:
    """The principal, in minor units, that the schedule leaves after each installment: the plan, whatever was paid."""
    lent_minor = sum(installment.due.principal for installment in installments)
    repaid_minor = accumulate(installment.due.principal for installment in installments)
    return tuple(lent_minor - minor for minor in repaid_minor)


def _rate(terms: LoanTerms, period: Period) -> Decimal:
    return period_rate(terms, (period.due_date - period.interest_from).days)


def _check_covers(equal_minor: int, interest_minor: int, terms: LoanTerms) -> None:
    """An installment below its interest would raise the debt: refused, as the reference core refuses it."""
    if interest_minor > equal_minor:
        currency = terms.principal.currency
        raise TermsRefused(
            Rule.INSTALLMENT_COVERS_INTEREST,
            limit=Money(interest_minor, currency),
            given=Money(equal_minor, currency),
        )
