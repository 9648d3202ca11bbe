"""Who takes the roundings: the last installment takes what is left, and none takes more than that.

Source: Fineract's `adjustPrincipalIfLastRepaymentPeriod` and `adjustInterestIfLastRepaymentPeriod`; loan-math §5.
"""

from __future__ import annotations

from decimal import Decimal

from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.terms import LoanTerms

NO_THRESHOLD = Decimal(0)


def last_principal(
    terms: LoanTerms, amounts: Amounts, number: int, principal_minor: int, repaid_minor: int, lent_minor: int
) -> int:
    """`repaid_minor` is what the installments before have repaid.

    With an installment fixed by the borrower, the loan is over when it is repaid, sooner or later than agreed; what
    would be left below the product's threshold (percent of the principal of the installment) is taken at once.
    """
    left_minor = lent_minor - repaid_minor - principal_minor
    if left_minor < 0:
        return principal_minor + left_minor
    if terms.fixed_installment is not None:
        threshold = terms.last_installment_threshold or NO_THRESHOLD
        takes_rest = left_minor < amounts.share(amounts.times(principal_minor, threshold), 100)
        return principal_minor + left_minor if takes_rest else principal_minor
    if number == terms.number_of_repayments:
        return principal_minor + left_minor
    return principal_minor


def last_flat_interest(terms: LoanTerms, number: int, asked_minor: int, charged_minor: int, total_minor: int) -> int:
    """`charged_minor` is what the installments before have charged of `total_minor`."""
    left_minor = total_minor - charged_minor - asked_minor
    if left_minor < 0 or number == terms.number_of_repayments:
        return asked_minor + left_minor
    return asked_minor
