"""What holds for the schedule of every loan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from dirisha.core.installments import Installment
from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.schedule import balances_after, schedule
from dirisha.core.native.loans.terms import Amortization, InterestMethod, InterestPeriod, LoanTerms, PeriodUnit
from dirisha.kit.money import Currency, Money
from tests.rules.loan_strategies import days, loan_terms

IN_YEAR = {PeriodUnit.DAYS: 365, PeriodUnit.WEEKS: 52, PeriodUnit.MONTHS: 12, PeriodUnit.YEARS: 1}


def unless_refused(terms: LoanTerms, disbursed_on: date) -> tuple[Installment, ...]:
    """The one refusal that ordinary terms meet: so much interest that the installment does not cover it."""
    try:
        return schedule(terms, disbursed_on)
    except TermsRefused as refused:
        assert refused.rule is Rule.INSTALLMENT_COVERS_INTEREST
        assert refused.given < refused.limit  # type: ignore[operator]
        assume(False)
        raise


@given(terms=loan_terms(multiples=True, grace=True), disbursed_on=days)
def test_principal_sums_to_the_loan_and_nothing_is_negative(terms: LoanTerms, disbursed_on: date) -> None:
    installments = unless_refused(terms, disbursed_on)
    assert sum(i.due.principal for i in installments) == terms.principal.minor
    assert all(i.due.principal >= 0 and i.due.interest >= 0 for i in installments)
    assert [i.number for i in installments] == list(range(1, len(installments) + 1))
    assert len(installments) <= terms.number_of_repayments
    assert balances_after(installments)[-1] == 0
    assert all(i.outstanding_minor == i.due.total and i.met_on is None for i in installments)
    assert all(i.from_date < i.due_date for i in installments)


@given(terms=loan_terms(), disbursed_on=days)
def test_every_installment_but_the_last_is_the_same(terms: LoanTerms, disbursed_on: date) -> None:
    terms = replace(
        terms, interest_method=InterestMethod.DECLINING_BALANCE, amortization=Amortization.EQUAL_INSTALLMENTS,
        interest_period=InterestPeriod.SAME_AS_REPAYMENT, partial_periods=False,
    )  # fmt: skip
    installments = unless_refused(terms, disbursed_on)
    levels = {i.due.total for i in installments[:-1]}
    assert len(levels) <= 1
    if levels and len(installments) == terms.number_of_repayments:
        rate = rate_of_a_period(terms)
        # Each row is half a unit off at most, and grows; a double has a few digits to spare over the amount, not more.
        drift = len(installments) * (1 + rate) ** len(installments) * (1 + Fraction(terms.principal.minor, 10**10))
        assert abs(installments[-1].due.total - levels.pop()) <= drift + 1


def rate_of_a_period(terms: LoanTerms) -> Fraction:
    in_year = IN_YEAR[terms.repayment_unit]
    if terms.repayment_unit is PeriodUnit.DAYS and terms.days_in_year != 1:
        in_year = int(terms.days_in_year)
    return Fraction(terms.interest_rate) * terms.repayment_every / (100 * in_year)


@given(terms=loan_terms(), disbursed_on=days)
def test_declining_interest_is_the_rate_on_what_is_still_out(terms: LoanTerms, disbursed_on: date) -> None:
    terms = replace(
        terms, interest_method=InterestMethod.DECLINING_BALANCE, interest_period=InterestPeriod.SAME_AS_REPAYMENT,
        partial_periods=False,
    )  # fmt: skip
    rate, out_minor = rate_of_a_period(terms), terms.principal.minor
    for installment in unless_refused(terms, disbursed_on):
        # Half a unit of rounding, and the twelve digits of the rate.
        assert abs(installment.due.interest - out_minor * rate) <= Fraction(1, 2) + Fraction(out_minor, 10**9)
        out_minor -= installment.due.principal


@given(terms=loan_terms(grace=True), disbursed_on=days, more=st.decimals("0.01", 50, places=2))
def test_interest_never_falls_with_the_rate(terms: LoanTerms, disbursed_on: date, more: Decimal) -> None:
    """But where installments are free of interest: at a higher rate they repay more, of which no interest arises."""
    terms = replace(terms, grace=replace(terms.grace, interest_free=0))
    dearer = replace(terms, interest_rate=terms.interest_rate + more)
    cheap, dear = unless_refused(terms, disbursed_on), unless_refused(dearer, disbursed_on)
    assert total_interest(dear) >= total_interest(cheap) - len(cheap)


@given(terms=loan_terms(), disbursed_on=days)
def test_interest_never_falls_with_the_term(terms: LoanTerms, disbursed_on: date) -> None:
    assume(terms.number_of_repayments < 60)
    longer = replace(terms, number_of_repayments=terms.number_of_repayments + 1)
    short, long = unless_refused(terms, disbursed_on), unless_refused(longer, disbursed_on)
    assert total_interest(long) >= total_interest(short) - len(long)


def total_interest(installments: tuple[Installment, ...]) -> int:
    return sum(i.due.interest for i in installments)


@given(terms=loan_terms(), disbursed_on=days, scale=st.integers(0, 4))
def test_a_schedule_in_minor_units_does_not_depend_on_where_the_point_stands(
    terms: LoanTerms, disbursed_on: date, scale: int
) -> None:
    """But for the last digits of a double, in which the annuity is worked out."""
    moved = replace(terms, principal=Money(terms.principal.minor, Currency("XXX", scale)))
    here, there = unless_refused(terms, disbursed_on), unless_refused(moved, disbursed_on)
    off_by = 1 + terms.principal.minor // 10**12
    for ours, theirs in zip(here[:1], there[:1], strict=True):
        assert abs(ours.due.principal - theirs.due.principal) <= off_by
        assert ours.due.interest == theirs.due.interest
