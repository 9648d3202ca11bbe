"""What every step of a schedule is worked out from: the terms, the day of disbursement, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.due_dates import FirstDueDate, first_due_date, last_due_date, start_date
from dirisha.core.native.loans.limits import check_disbursements, check_interest_starts, check_last_tranche
from dirisha.core.native.loans.rates import Rates
from dirisha.core.native.loans.terms import LoanTerms
from dirisha.core.native.loans.tranches import Disbursement, disbursements, down_payment_minor


@dataclass(frozen=True, slots=True)
class Basis:
    """`first` is the first due date, `disbursements` the money that goes out, in order of date."""

    terms: LoanTerms
    disbursed_on: date
    amounts: Amounts
    rates: Rates
    first: FirstDueDate
    disbursements: tuple[Disbursement, ...]

    @classmethod
    def of(cls, terms: LoanTerms, disbursed_on: date) -> Basis:
        """Raises `TermsRefused` where terms and day of disbursement do not go together."""
        amounts, first = Amounts(terms), first_due_date(terms, disbursed_on)
        lent = disbursements(terms, amounts, disbursed_on)
        basis = cls(terms, disbursed_on, amounts, Rates(terms, first.seed), first, lent)
        check_disbursements(terms, [part.on for part in lent], disbursed_on)
        if terms.interest_from is not None:
            check_interest_starts(terms, basis.last_due_on)
        if len(lent) > 1:
            check_last_tranche(lent[-1].on, basis.last_due_on)
        return basis

    @property
    def last_due_on(self) -> date:
        """The date on which the last of the agreed repayments is due."""
        return last_due_date(self.terms, self.first, start_date(self.terms, self.disbursed_on))

    @property
    def lent_minor(self) -> int:
        """What goes out, less what of it is paid down at once."""
        return sum(part.lent_minor for part in self.disbursements)

    @property
    def agreed_minor(self) -> int:
        """The principal that installments and flat interest are worked out from.

        Once money has gone out, it is what has; tranches to come are left to the last installment until they do.
        """
        out_minor = sum(tranche.principal.minor for tranche in self.terms.tranches if tranche.is_out)
        return out_minor or self.terms.principal.minor

    @property
    def to_repay_minor(self) -> int:
        """What of it is left for the installments: down payments are taken off."""
        if self.terms.down_payment is None:
            return self.agreed_minor
        return self.agreed_minor - down_payment_minor(self.terms, self.amounts, self.agreed_minor)
