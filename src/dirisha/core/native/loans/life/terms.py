"""What a loan's life follows from, besides what happens in it: the terms of its schedule, the rules of its product."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.core.native.loans.charges import ChargeTerms
from dirisha.core.native.loans.life.allocation import MIFOS_STANDARD, Allocation
from dirisha.core.native.loans.terms import LoanTerms, PeriodUnit
from dirisha.kit.money import Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class OverduePenalty:
    """A penalty of the product on each installment that stays unpaid (loan-math §11).

    It falls due `wait_days` after the due date, and is dated back by `grace_on_posting_days`; with `every` it is
    charged again every so many `unit` as long as the installment stays unpaid.
    """

    charge: ChargeTerms
    wait_days: int = 2
    grace_on_posting_days: int = 0
    every: int | None = None
    unit: PeriodUnit = PeriodUnit.DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeTerms:
    """`allocation` says how repayments fall on installments.

    `arrears_grace_days` is what the nightly job leaves out of the arrears, `npa_after_days` how long a loan may be
    overdue before it is non-performing. `accrues_by_period` says that income is accrued by jobs over time, and not as
    a whole at disbursement.
    """

    loan: LoanTerms
    allocation: Allocation = MIFOS_STANDARD
    overdue_penalty: OverduePenalty | None = None
    arrears_grace_days: int = 0
    npa_after_days: int | None = None
    leaves_npa_only_without_arrears: bool = False
    accrues_by_period: bool = False

    @property
    def currency(self) -> Currency:
        return self.loan.principal.currency
