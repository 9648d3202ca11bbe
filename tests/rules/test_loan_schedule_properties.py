"""What holds for the schedule of every loan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from dirisha.core.installments import Installment, InstallmentKind
from dirisha.core.native.loans.charges import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.schedule import balances_after, schedule
from dirisha.core.native.loans.terms import (
    Amortization,
    DownPayment,
    DueDateRule,
    InterestMethod,
    InterestPeriod,
    LoanTerms,
    PeriodUnit,
    Tranche,
)
from dirisha.core.native.rounding import ROUNDING_MODES
from dirisha.kit.money import Currency, Money
from tests.rules.loan_strategies import days, loan_terms

IN_YEAR = {PeriodUnit.DAYS: 365, PeriodUnit.WEEKS: 52, PeriodUnit.MONTHS: 12, PeriodUnit.YEARS: 1}


@st.composite
def any_loan(draw: st.DrawFn) -> tuple[LoanTerms, date]:
    """Besides all methods: multiples, grace, first dates, interest from a day on, tranches, down payments, charges."""
    terms, disbursed_on = draw(loan_terms(multiples=True, grace=True)), draw(days)
    later = st.one_of(st.none(), st.integers(0, 200).map(lambda ahead: disbursed_on + timedelta(days=ahead)))
    second, lent = draw(later), terms.principal.minor
    tranches = (Tranche(disbursed_on, terms.principal),)
    if second is not None and lent > 1:
        first_minor = draw(st.integers(1, lent - 1))
        parts = ((disbursed_on, first_minor), (second, lent - first_minor))
        tranches = tuple(Tranche(on, Money(minor, terms.principal.currency)) for on, minor in parts)
    return replace(
        terms,
        dates=DueDateRule(first_repayment_on=draw(later)),
        interest_from=draw(later),
        rounding=draw(st.sampled_from(ROUNDING_MODES)),
        down_payment=draw(st.sampled_from([None, DownPayment(percentage=Decimal("12.5"))])),
        equal_amortization=draw(st.booleans()),
        tranches=draw(st.sampled_from([(), tranches])),
        charges=draw(st.lists(charges(disbursed_on), max_size=3).map(tuple)),
    ), disbursed_on


@st.composite
def charges(draw: st.DrawFn, disbursed_on: date) -> ChargeTerms:
    calculation = draw(st.sampled_from(ChargeCalculation))
    flat = calculation is ChargeCalculation.FLAT
    return ChargeTerms(
        time=draw(st.sampled_from(ChargeTime)),
        calculation=calculation,
        amount=draw(st.decimals(0, 20, places=0 if flat else 2)),
        is_penalty=draw(st.booleans()),
        due_on=disbursed_on + timedelta(days=draw(st.integers(0, 400))),
    )


REFUSED_WITH_REASON = {Rule.INTEREST_FROM, Rule.TRANCHE_WITHIN_TERM, Rule.DOWN_PAYMENT}


@given(loan=any_loan())
def test_principal_sums_to_the_loan_and_nothing_is_negative(loan: tuple[LoanTerms, date]) -> None:
    terms, disbursed_on = loan
    try:
        installments = unless_refused(terms, disbursed_on)
    except TermsRefused as refused:
        assert refused.rule in REFUSED_WITH_REASON
        return
    assert sum(i.due.principal for i in installments) == terms.principal.minor
    assert all(min(i.due.principal, i.due.interest, i.due.fees, i.due.penalties) >= 0 for i in installments)
    assert [i.number for i in installments] == list(range(1, len(installments) + 1))
    repayments = [i for i in installments if i.kind is InstallmentKind.REPAYMENT]
    assert len(repayments) <= terms.number_of_repayments
    assert balances_after(installments)[-1] == 0
    assert all(i.outstanding_minor == i.due.total and i.met_on is None for i in installments)
    assert [i.due_date for i in repayments[:-1]] == [i.from_date for i in repayments[1:]]
    assert all(i.from_date <= i.due_date for i in installments)


def unless_refused(terms: LoanTerms, disbursed_on: date) -> tuple[Installment, ...]:
    """The one refusal that ordinary terms meet: so much interest that the installment does not cover it."""
    try:
        return schedule(terms, disbursed_on)
    except TermsRefused as refused:
        if refused.rule is Rule.INSTALLMENT_COVERS_INTEREST:
            assert refused.given < refused.limit  # type: ignore[operator]
            assume(False)
        raise


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
