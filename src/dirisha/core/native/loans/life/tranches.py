"""Which tranches of a loan are out: one after the other goes out, and the last may be taken back.

Until it is out a tranche stands in the schedule on the day on which it is expected. Source: Fineract's
`Loan.handleDisbursementTransaction` and `undoLastDisbursal`; loan-math §8.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.terms import LoanTerms, Tranche
from dirisha.kit.money import Money


def with_next_out(loan: LoanTerms, on: date, amount_minor: int) -> LoanTerms:
    """The next of the tranches goes out, on another day or with another amount than expected as may be."""
    out = [tranche for tranche in loan.tranches if tranche.is_out]
    expected = [tranche for tranche in loan.tranches if not tranche.is_out]
    if not expected:
        raise EventRefused(EventRule.TRANCHE_EXPECTED, limit=len(loan.tranches), given=len(loan.tranches) + 1)
    if out and on < out[-1].expected_on:
        raise EventRefused(EventRule.TRANCHES_IN_ORDER, limit=out[-1].expected_on, given=on)
    gone = Tranche(on, Money(amount_minor, loan.principal.currency), is_out=True)
    return replace(loan, tranches=(*out, gone, *expected[1:]))


def without_last_out(loan: LoanTerms) -> tuple[LoanTerms, int]:
    """The tranche that went out last is dropped altogether; and its amount, in minor units. The first one stays."""
    out = [tranche for tranche in loan.tranches if tranche.is_out]
    if len(out) < 2:
        raise EventRefused(EventRule.TRANCHES_TO_UNDO, limit="more than one tranche out", given=len(out))
    tranches = tuple(tranche for tranche in loan.tranches if tranche is not out[-1])
    return replace(loan, tranches=tranches), out[-1].principal.minor


def with_none_out(loan: LoanTerms) -> LoanTerms:
    return replace(loan, tranches=tuple(replace(tranche, is_out=False) for tranche in loan.tranches))
