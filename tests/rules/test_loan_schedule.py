"""Schedules of declining-balance loans in equal installments. Worked examples: loan-math §15."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.installments import Installment
from dirisha.core.native.loan_terms import (
    HIGHEST_RATE,
    MOST_REPAYMENTS,
    InterestPeriod,
    LoanTerms,
    RatePer,
    Rule,
    TermsRefused,
)
from dirisha.core.native.schedule import balances_after, equal_installment, schedule
from dirisha.kit.money import Currency, Money, NotMoney
from tests.rules.loan_strategies import days, loan_terms

KES = Currency("KES")


def loan(principal: int, **terms: Any) -> LoanTerms:
    return LoanTerms(principal=Money.of(principal, KES), **terms)


def rows(installments: tuple[Installment, ...]) -> list[tuple[str, str]]:
    """Principal and interest of each installment, as a statement prints them."""
    return [(Money(i.due.principal, KES).plain(), Money(i.due.interest, KES).plain()) for i in installments]


def total_interest(installments: tuple[Installment, ...]) -> str:
    return Money(sum(i.due.interest for i in installments), KES).plain()


def test_example_a_two_percent_a_month() -> None:
    terms = loan(12_000, number_of_repayments=4, interest_rate=Decimal(2), rate_per=RatePer.MONTH)
    installments = schedule(terms, date(2011, 9, 20))
    assert equal_installment(terms).plain() == "3151.49"
    assert rows(installments) == [
        ("2911.49", "240.00"),
        ("2969.72", "181.77"),
        ("3029.11", "122.38"),
        ("3089.68", "61.79"),
    ]
    assert [i.due_date for i in installments] == [
        date(2011, 10, 20),
        date(2011, 11, 20),
        date(2011, 12, 20),
        date(2012, 1, 20),
    ]


EIGHTEEN_MONTHS = loan(5000, number_of_repayments=18, interest_rate=Decimal(12), installment_multiple=1)


def test_example_b_installments_in_multiples_leave_the_difference_to_the_last() -> None:
    installments = schedule(EIGHTEEN_MONTHS, date(2022, 11, 1))
    assert equal_installment(EIGHTEEN_MONTHS).plain() == "305.00"
    assert rows(installments)[:4] == [
        ("255.00", "50.00"),
        ("257.55", "47.45"),
        ("260.13", "44.87"),
        ("262.73", "42.27"),
    ]
    assert rows(installments)[-2:] == [("299.01", "5.99"), ("300.22", "3.00")]
    assert total_interest(installments) == "488.22"


def test_example_c_daily_interest_counts_days_but_the_equal_installment_does_not() -> None:
    installments = schedule(replace(EIGHTEEN_MONTHS, interest_period=InterestPeriod.DAILY), date(2022, 11, 1))
    written = rows(installments)
    assert (written[0], written[1], written[3]) == (("255.68", "49.32"), ("256.65", "48.35"), ("266.08", "38.92"))
    assert (written[15], written[17]) == (("296.47", "8.53"), ("299.38", "2.95"))
    assert total_interest(installments) == "487.33"


def test_example_f_an_exact_middle_rounds_to_even() -> None:
    terms = loan(1250, number_of_repayments=4, interest_rate=Decimal(15), installment_multiple=1)
    installments = schedule(terms, date(2023, 9, 1))
    assert rows(installments) == [("306.38", "15.62"), ("310.20", "11.80"), ("314.08", "7.92"), ("319.34", "3.99")]
    assert total_interest(installments) == "39.33"


def test_without_interest_the_principal_is_shared_out() -> None:
    installments = schedule(loan(100, number_of_repayments=3, interest_rate=Decimal(0)), date(2024, 1, 1))
    assert rows(installments) == [("33.33", "0.00"), ("33.33", "0.00"), ("33.34", "0.00")]


def test_a_rounded_up_installment_repays_the_loan_sooner() -> None:
    terms = loan(100, number_of_repayments=12, interest_rate=Decimal(0), installment_multiple=20)
    assert equal_installment(terms).plain() == "0.00"
    terms = replace(terms, installment_multiple=15)
    assert rows(schedule(terms, date(2024, 1, 1))) == [("15.00", "0.00")] * 6 + [("10.00", "0.00")]


def test_a_rate_has_twelve_digits_which_shows_on_very_large_principals() -> None:
    """20 % a year is 1.66666666667 % a month (loan-math §16, pitfall 1)."""
    terms = loan(90_000_000_000_000, number_of_repayments=12, interest_rate=Decimal(20))
    assert rows(schedule(terms, date(2024, 1, 1)))[0][1] == "1500000000003.00"


# --- properties -------------------------------------------------------------------------------------------------------


@given(terms=loan_terms(multiples=True), disbursed_on=days)
def test_principal_sums_to_the_loan_and_nothing_is_negative(terms: LoanTerms, disbursed_on: date) -> None:
    try:
        installments = schedule(terms, disbursed_on)
    except TermsRefused as refused:
        assert refused.rule is Rule.INSTALLMENT_COVERS_INTEREST
        assert refused.given < refused.limit  # type: ignore[operator]
        return
    assert sum(i.due.principal for i in installments) == terms.principal.minor
    assert all(i.due.principal >= 0 and i.due.interest >= 0 for i in installments)
    assert [i.number for i in installments] == list(range(1, len(installments) + 1))
    assert balances_after(installments)[-1] == 0
    assert all(i.outstanding_minor == i.due.principal + i.due.interest and i.met_on is None for i in installments)


@given(terms=loan_terms(), disbursed_on=days)
def test_every_installment_but_the_last_is_the_same(terms: LoanTerms, disbursed_on: date) -> None:
    terms = replace(terms, interest_period=InterestPeriod.SAME_AS_REPAYMENT)
    installments = schedule(terms, disbursed_on)
    equal_minor = equal_installment(terms).minor
    assert {i.outstanding_minor for i in installments[:-1]} <= {equal_minor}
    if len(installments) == terms.number_of_repayments:
        rate = Fraction(terms.interest_rate) * terms.repayment_every_months / 1200
        # Each row is half a unit off at most, and grows; a double has a few digits to spare over the amount, not more.
        drift = len(installments) * (1 + rate) ** len(installments) * (1 + Fraction(terms.principal.minor, 10**10))
        assert abs(installments[-1].outstanding_minor - equal_minor) <= drift + 1


@given(terms=loan_terms(), disbursed_on=days)
def test_interest_is_the_rate_on_what_is_still_out(terms: LoanTerms, disbursed_on: date) -> None:
    terms = replace(terms, interest_period=InterestPeriod.SAME_AS_REPAYMENT)
    rate = Fraction(terms.interest_rate) * terms.repayment_every_months / 1200
    out_minor = terms.principal.minor
    for installment in schedule(terms, disbursed_on):
        # Half a unit of rounding, and the twelve digits of the rate.
        assert abs(installment.due.interest - out_minor * rate) <= Fraction(1, 2) + Fraction(out_minor, 10**11)
        out_minor -= installment.due.principal


@given(terms=loan_terms(), scale=st.integers(0, 4))
def test_a_schedule_in_minor_units_does_not_depend_on_where_the_point_stands(terms: LoanTerms, scale: int) -> None:
    moved = replace(terms, principal=Money(terms.principal.minor, Currency("XXX", scale)))
    ours, theirs = equal_installment(terms).minor, equal_installment(moved).minor
    assert abs(ours - theirs) <= 1 + terms.principal.minor // 10**12


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "rule", "limit"),
    [
        ({"principal": Money(0, KES)}, Rule.PRINCIPAL_ABOVE_ZERO, Money(0, KES)),
        ({"principal": Money(-1, KES)}, Rule.PRINCIPAL_ABOVE_ZERO, Money(0, KES)),
        ({"number_of_repayments": 0}, Rule.NUMBER_OF_REPAYMENTS, 1),
        ({"number_of_repayments": MOST_REPAYMENTS + 1}, Rule.NUMBER_OF_REPAYMENTS, MOST_REPAYMENTS),
        ({"repayment_every_months": 0}, Rule.REPAYMENT_EVERY, 1),
        ({"interest_rate": Decimal("-0.01")}, Rule.INTEREST_RATE, 0),
        ({"interest_rate": Decimal("1e400")}, Rule.INTEREST_RATE, HIGHEST_RATE),
        ({"interest_rate": Decimal("NaN")}, Rule.INTEREST_RATE, HIGHEST_RATE),
        ({"interest_rate": Decimal("Infinity")}, Rule.INTEREST_RATE, HIGHEST_RATE),
        ({"installment_multiple": 0}, Rule.INSTALLMENT_MULTIPLE, 1),
        ({"days_to_first_repayment": -1}, Rule.DAYS_TO_FIRST_REPAYMENT, 0),
    ],
)
def test_terms_outside_their_limits_are_refused(changes: dict[str, Any], rule: Rule, limit: object) -> None:
    with pytest.raises(TermsRefused) as refused:
        replace(EIGHTEEN_MONTHS, **changes)
    assert (refused.value.rule, refused.value.limit) == (rule, limit)
    assert rule in str(refused.value)


def test_a_principal_with_more_decimals_than_its_currency_cannot_be_written_down() -> None:
    with pytest.raises(NotMoney, match="KES has 2 decimals"):
        Money.of(Decimal("100.001"), KES)


def test_an_installment_rounded_below_its_interest_is_refused() -> None:
    """A multiple may round the installment down to where the debt would grow."""
    with pytest.raises(TermsRefused) as refused:
        schedule(
            loan(1000, number_of_repayments=36, interest_rate=Decimal(60), installment_multiple=200), date(2024, 1, 1)
        )
    assert refused.value.rule is Rule.INSTALLMENT_COVERS_INTEREST
    assert (refused.value.limit, refused.value.given) == (Money(50_00, KES), Money(0, KES))


def test_interest_that_outgrows_a_double_still_gives_a_schedule() -> None:
    terms = loan(1000, number_of_repayments=600, interest_rate=Decimal(50_000))
    installments = schedule(terms, date(2024, 1, 1))
    assert sum(i.due.principal for i in installments) == terms.principal.minor
    assert installments[0].due.interest == equal_installment(terms).minor
