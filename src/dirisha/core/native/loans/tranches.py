"""When the principal goes out: at once, or in tranches; and what of it is due at once as a down payment.

Source: Fineract's `AbstractCumulativeLoanScheduleGenerator`; loan-math §8.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.terms import LoanTerms
from dirisha.kit.money import Money


@dataclass(frozen=True, slots=True)
class Disbursement:
    """Money that goes out on a day, in minor units; `down_payment_minor` of it is due the same day."""

    on: date
    principal_minor: int
    down_payment_minor: int = 0

    @property
    def lent_minor(self) -> int:
        """What is left for the installments to repay."""
        return self.principal_minor - self.down_payment_minor


def disbursements(terms: LoanTerms, amounts: Amounts, disbursed_on: date) -> tuple[Disbursement, ...]:
    """In order of date. Raises `TermsRefused`."""
    parts = [(tranche.expected_on, tranche.principal.minor) for tranche in terms.tranches]
    if not parts:
        parts = [(disbursed_on, terms.principal.minor)]
    parts.sort(key=lambda part: part[0])
    return tuple(Disbursement(on, minor, down_payment_minor(terms, amounts, minor)) for on, minor in parts)


def down_payment_minor(terms: LoanTerms, amounts: Amounts, principal_minor: int) -> int:
    """In the product's multiple. Raises `TermsRefused` where rounding leaves nothing for the installments to repay."""
    if terms.down_payment is None:
        return 0
    paid_minor = amounts.in_installment_multiple(amounts.percent(principal_minor, terms.down_payment.percentage))
    if paid_minor >= principal_minor:
        currency = terms.principal.currency
        raise TermsRefused(Rule.DOWN_PAYMENT, limit=Money(principal_minor, currency), given=Money(paid_minor, currency))
    return paid_minor
