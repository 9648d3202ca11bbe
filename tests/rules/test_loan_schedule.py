"""Schedules of loans, by worked examples: loan-math §15, and rules that no recording shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any

import pytest

from dirisha.core.installments import Installment
from dirisha.core.native.loans.charges import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.loans.schedule import full_schedule, schedule
from dirisha.core.native.loans.terms import (
    Amortization,
    DownPayment,
    Grace,
    InterestMethod,
    InterestPeriod,
    LoanTerms,
    RatePer,
    Tranche,
)
from dirisha.kit.money import Currency, Money

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


@pytest.mark.parametrize(
    ("mode", "interest"),
    [(ROUND_HALF_EVEN, "15.62"), (ROUND_HALF_UP, "15.63"), (ROUND_DOWN, "15.62"), (ROUND_UP, "15.63")],
)
def test_an_institution_chooses_how_a_middle_rounds(mode: str, interest: str) -> None:
    terms = loan(1250, number_of_repayments=4, interest_rate=Decimal(15), rounding=mode)
    assert rows(schedule(terms, date(2023, 9, 1)))[0][1] == interest


def test_a_currency_in_multiples_rounds_every_amount_a_middle_upwards() -> None:
    """The installment of 3,400.22 is 3,400; interest of 100 is 100, of 67 and of 33.50 it is 50."""
    terms = LoanTerms(
        principal=Money(10_000, Currency("UGX", 0)), number_of_repayments=3, interest_rate=Decimal(12),
        currency_multiple=50,
    )  # fmt: skip
    shown = [(i.due.principal, i.due.interest) for i in schedule(terms, date(2024, 1, 1))]
    assert shown == [(3300, 100), (3350, 50), (3350, 50)]


def test_without_interest_the_principal_is_shared_out() -> None:
    installments = schedule(loan(100, number_of_repayments=3, interest_rate=Decimal(0)), date(2024, 1, 1))
    assert rows(installments) == [("33.33", "0.00"), ("33.33", "0.00"), ("33.34", "0.00")]


def test_a_rounded_up_installment_repays_the_loan_sooner() -> None:
    terms = loan(100, number_of_repayments=12, interest_rate=Decimal(0), installment_multiple=15)
    assert rows(schedule(terms, date(2024, 1, 1))) == [("15.00", "0.00")] * 6 + [("10.00", "0.00")]


def test_a_rate_has_twelve_digits_which_shows_on_very_large_principals() -> None:
    """20 % a year is 1.66666666667 % a month (loan-math §16, pitfall 1)."""
    terms = loan(90_000_000_000_000, number_of_repayments=12, interest_rate=Decimal(20))
    assert rows(schedule(terms, date(2024, 1, 1)))[0][1] == "1500000000003.00"


def test_example_d_equal_principal() -> None:
    terms = loan(5000, number_of_repayments=18, interest_rate=Decimal(12), amortization=Amortization.EQUAL_PRINCIPAL)
    written = rows(schedule(terms, date(2022, 11, 1)))
    assert written[:3] == [("277.78", "50.00"), ("277.78", "47.22"), ("277.78", "44.44")]
    assert written[-1] == ("277.74", "2.78")


def flat(principal: int, **terms: Any) -> LoanTerms:
    return loan(principal, interest_method=InterestMethod.FLAT, interest_rate=Decimal(12), **terms)


def test_example_e_flat_interest_keeps_its_cents_and_principal_makes_the_multiple() -> None:
    three = flat(1250, number_of_repayments=3, installment_multiple=1)
    assert rows(schedule(three, date(2024, 1, 1))) == [("416.50", "12.50"), ("416.50", "12.50"), ("417.00", "12.50")]
    twenties = replace(three, installment_multiple=20)
    assert rows(schedule(twenties, date(2024, 1, 1))) == [("427.50", "12.50"), ("427.50", "12.50"), ("395.00", "12.50")]
    eighteen = schedule(flat(5000, number_of_repayments=18, installment_multiple=1), date(2022, 11, 1))
    assert rows(eighteen) == [("278.00", "50.00")] * 17 + [("274.00", "50.00")]


def test_example_g_principal_grace_spreads_the_principal_over_the_rest() -> None:
    terms = replace(EIGHTEEN_MONTHS, grace=Grace(on_principal=3))
    written = rows(schedule(terms, date(2022, 11, 1)))
    assert written[:5] == [("0.00", "50.00")] * 3 + [("311.00", "50.00"), ("314.11", "46.89")]
    assert written[-1] == ("351.36", "3.51")


def test_example_g_interest_payment_grace_carries_interest_to_the_first_installment_after_it() -> None:
    terms = replace(EIGHTEEN_MONTHS, grace=Grace(on_principal=6, on_interest_payment=3))
    installments = schedule(terms, date(2022, 11, 1))
    written = rows(installments)
    assert [interest for _, interest in written[:6]] == ["0.00", "0.00", "0.00", "200.00", "50.00", "50.00"]
    assert written[6:8] == [("394.00", "50.00"), ("397.94", "46.06")]
    assert written[-1] == ("442.66", "4.43")
    assert total_interest(installments) == "631.09"


def test_interest_free_installments_are_never_charged() -> None:
    terms = loan(1200, number_of_repayments=3, interest_rate=Decimal(12), grace=Grace(interest_free=2))
    terms = replace(terms, amortization=Amortization.EQUAL_PRINCIPAL)
    assert rows(schedule(terms, date(2024, 1, 1))) == [("400.00", "0.00"), ("400.00", "0.00"), ("400.00", "4.00")]


def test_between_repayments_of_principal_interest_alone_is_due() -> None:
    terms = loan(
        900, number_of_repayments=6, interest_rate=Decimal(12), amortization=Amortization.EQUAL_PRINCIPAL,
        grace=Grace(on_principal=1, between_principal=1),
    )  # fmt: skip
    assert [principal for principal, _ in rows(schedule(terms, date(2024, 1, 1)))] == [
        "0.00", "300.00", "0.00", "300.00", "0.00", "300.00",
    ]  # fmt: skip


def test_a_fixed_installment_ends_the_loan_when_it_is_repaid() -> None:
    terms = loan(1000, number_of_repayments=6, interest_rate=Decimal(12), fixed_installment=Money.of(400, KES))
    assert rows(schedule(terms, date(2024, 1, 1))) == [("390.00", "10.00"), ("393.90", "6.10"), ("216.10", "2.16")]
    merged = replace(terms, last_installment_threshold=Decimal(60))
    assert rows(schedule(merged, date(2024, 1, 1))) == [("390.00", "10.00"), ("610.00", "6.10")]


def test_a_fixed_percentage_of_principal_leaves_the_rest_to_the_last() -> None:
    terms = loan(
        1000, number_of_repayments=4, interest_rate=Decimal(0), amortization=Amortization.EQUAL_PRINCIPAL,
        fixed_principal_percentage=Decimal(15),
    )  # fmt: skip
    assert [principal for principal, _ in rows(schedule(terms, date(2024, 1, 1)))] == [
        "150.00", "150.00", "150.00", "550.00",
    ]  # fmt: skip


def test_a_tranche_bears_interest_from_the_day_it_goes_out() -> None:
    terms = loan(
        2000, number_of_repayments=2, interest_rate=Decimal("36.5"), interest_period=InterestPeriod.DAILY,
        amortization=Amortization.EQUAL_PRINCIPAL,
        tranches=(Tranche(date(2024, 1, 1), Money.of(1500, KES)), Tranche(date(2024, 1, 21), Money.of(500, KES))),
    )  # fmt: skip
    # 31 days on 1500 but for the first 20 and, from the 21st, 11 days on 2000; then 29 days on 1000.
    assert rows(schedule(terms, date(2024, 1, 1))) == [("1000.00", "52.00"), ("1000.00", "29.00")]


def test_once_money_is_out_the_installment_is_worked_out_from_that_and_tranches_to_come_wait_for_the_last() -> None:
    first, second = (Tranche(date(2024, 1, 1), Money.of(300, KES)), Tranche(date(2024, 1, 15), Money.of(600, KES)))
    terms = loan(900, number_of_repayments=3, interest_rate=Decimal(0), tranches=(first, second))
    assert [principal for principal, _ in rows(schedule(terms, date(2024, 1, 1)))] == ["300.00", "300.00", "300.00"]
    terms = replace(terms, tranches=(replace(first, is_out=True), second))
    assert [principal for principal, _ in rows(schedule(terms, date(2024, 1, 1)))] == ["100.00", "100.00", "700.00"]


def test_a_down_payment_is_an_installment_of_its_own_on_the_day_of_its_tranche() -> None:
    terms = loan(
        2000, number_of_repayments=2, interest_rate=Decimal(0), down_payment=DownPayment(percentage=Decimal(10)),
        tranches=(Tranche(date(2024, 1, 1), Money.of(1000, KES)), Tranche(date(2024, 2, 10), Money.of(1000, KES))),
    )  # fmt: skip
    shown = [(i.number, i.kind.value, i.due_date, i.due.principal) for i in schedule(terms, date(2024, 1, 1))]
    assert shown == [
        (1, "down_payment", date(2024, 1, 1), 100_00),
        (2, "repayment", date(2024, 2, 1), 900_00),
        (3, "down_payment", date(2024, 2, 10), 100_00),
        (4, "repayment", date(2024, 3, 1), 900_00),
    ]


# --- charges ----------------------------------------------------------------------------------------------------------


def test_example_h_an_installment_fee_in_percent_of_what_the_installment_asks_for() -> None:
    fee = charge(ChargeTime.INSTALLMENT_FEE, ChargeCalculation.PERCENT_OF_AMOUNT_AND_INTEREST, "1.5")
    installments = schedule(flat(3000, number_of_repayments=3, charges=(fee,)), date(2024, 1, 1))
    assert [i.due.fees for i in installments] == [15_45, 15_45, 15_45]
    assert [i.due.total for i in installments] == [1045_45, 1045_45, 1045_45]


def charge(time: ChargeTime, calculation: ChargeCalculation, amount: str, **more: Any) -> ChargeTerms:
    return ChargeTerms(time=time, calculation=calculation, amount=Decimal(amount), **more)


def test_dated_charges_fall_in_the_period_of_their_day_the_first_day_in_the_first() -> None:
    def fee(day: date, **more: Any) -> ChargeTerms:
        return charge(ChargeTime.SPECIFIED_DUE_DATE, ChargeCalculation.FLAT, "7", due_on=day, **more)

    first_day, on_due_date, day_after, too_late = (
        fee(date(2024, 1, 1)), fee(date(2024, 2, 1)), fee(date(2024, 2, 2), is_penalty=True), fee(date(2024, 4, 2)),
    )  # fmt: skip
    terms = flat(300, number_of_repayments=3, charges=(first_day, on_due_date, day_after, too_late))
    shown = [(i.due.fees, i.due.penalties) for i in schedule(terms, date(2024, 1, 1))]
    assert shown == [(14_00, 0), (0, 7_00), (0, 0)]


def test_a_dated_percentage_of_interest_is_of_the_interest_of_the_whole_loan() -> None:
    fee = charge(
        ChargeTime.SPECIFIED_DUE_DATE, ChargeCalculation.PERCENT_OF_INTEREST, "10", due_on=date(2024, 1, 15)
    )  # fmt: skip
    installments = schedule(flat(3000, number_of_repayments=3, charges=(fee,)), date(2024, 1, 1))
    assert [i.due.fees for i in installments] == [9_00, 0, 0]


def test_a_charge_at_disbursement_keeps_within_its_least_and_most_and_is_no_installments() -> None:
    most = charge(
        ChargeTime.DISBURSEMENT, ChargeCalculation.PERCENT_OF_AMOUNT, "3", most=Money.of(50, KES)
    )  # fmt: skip
    least = charge(
        ChargeTime.DISBURSEMENT, ChargeCalculation.PERCENT_OF_AMOUNT, "0.1", least=Money.of(20, KES)
    )  # fmt: skip
    told = full_schedule(flat(3000, number_of_repayments=3, charges=(most, least)), date(2024, 1, 1))
    assert told.fees_at_disbursement_minor == 70_00
    assert not any(i.due.fees for i in told.installments)
