"""Terms that cannot be honoured are refused by the rule that they break, never turned into a wrong schedule."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from dirisha.kit.money import Money

Figure = Money | Decimal | int | date | str


class Rule(StrEnum):
    """What loan terms must keep to; the code of a `TermsRefused`."""

    PRINCIPAL_ABOVE_ZERO = "terms.principal_above_zero"
    PRINCIPAL_IN_CURRENCY_MULTIPLE = "terms.principal_in_currency_multiple"
    NUMBER_OF_REPAYMENTS = "terms.number_of_repayments"
    REPAYMENT_EVERY = "terms.repayment_every"
    INTEREST_RATE = "terms.interest_rate"
    INSTALLMENT_MULTIPLE = "terms.installment_multiple"
    CURRENCY_MULTIPLE = "terms.currency_multiple"
    DAYS_TO_FIRST_REPAYMENT = "terms.days_to_first_repayment"
    FIRST_REPAYMENT_AFTER_DISBURSEMENT = "terms.first_repayment_after_disbursement"
    LAST_DUE_DATE = "terms.last_due_date"
    INTEREST_FROM = "terms.interest_from"
    WORKING_DAYS = "terms.working_days"
    NTH_WEEKDAY = "terms.nth_weekday"
    FIXED_LENGTH = "terms.fixed_length"
    GRACE = "terms.grace"
    INSTALLMENT_COVERS_INTEREST = "terms.installment_covers_interest"
    INSTALLMENT_REPAYS_PRINCIPAL = "terms.installment_repays_principal"
    FIXED_INSTALLMENT_ABOVE_ZERO = "terms.fixed_installment_above_zero"
    FIXED_INSTALLMENT_OR_PRINCIPAL = "terms.fixed_installment_or_principal"
    FIXED_PRINCIPAL_PERCENTAGE = "terms.fixed_principal_percentage"
    LAST_INSTALLMENT_THRESHOLD = "terms.last_installment_threshold"
    TRANCHE_ABOVE_ZERO = "terms.tranche_above_zero"
    TRANCHES_WITHIN_PRINCIPAL = "terms.tranches_within_principal"
    FIRST_TRANCHE_AT_DISBURSEMENT = "terms.first_tranche_at_disbursement"
    TRANCHE_WITHIN_TERM = "terms.tranche_within_term"
    MOST_OUTSTANDING = "terms.most_outstanding"
    RESCHEDULE = "terms.reschedule"
    DOWN_PAYMENT = "terms.down_payment"
    CHARGE = "terms.charge"
    CHARGE_DECIMALS = "terms.charge_decimals"
    ROUNDING = "terms.rounding"
    PROGRESSIVE_METHOD = "terms.progressive_method"


class TermsRefused(ValueError):
    """Terms that cannot be honoured: the rule they break, the limit it sets, and what was given."""

    def __init__(self, rule: Rule, *, limit: Figure, given: Figure) -> None:
        super().__init__(f"{rule}: the limit is {_words(limit)}, not {_words(given)}")
        self.rule = rule
        self.limit = limit
        self.given = given


def _words(figure: Figure) -> str:
    return figure.plain() if isinstance(figure, Money) else str(figure)
