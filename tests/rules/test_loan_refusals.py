"""Terms that cannot be honoured are refused by the rule that they break and the limit that it sets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dirisha.core.native.loans.charges import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.loans.limits import HIGHEST_RATE, MOST_REPAYMENTS
from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.schedule import MOST_INSTALLMENTS, schedule
from dirisha.core.native.loans.terms import (
    Amortization,
    DownPayment,
    DueDateRule,
    Grace,
    InterestPeriod,
    LoanTerms,
    NthWeekday,
    PeriodUnit,
    Tranche,
)
from dirisha.core.native.loans.working_days import WorkingDays
from dirisha.kit.money import Currency, Money, NotMoney

KES, JPY = Currency("KES"), Currency("JPY", 0)
DAY = date(2024, 1, 1)
LOAN = LoanTerms(principal=Money.of(5000, KES), number_of_repayments=18, interest_rate=Decimal(12))
NOTHING = Money.zero(KES)


def tranche(on: date, amount: int) -> Tranche:
    return Tranche(on, Money.of(amount, KES))


@pytest.mark.parametrize(
    ("changes", "rule", "limit"),
    [
        ({"principal": NOTHING}, Rule.PRINCIPAL_ABOVE_ZERO, NOTHING),
        ({"principal": Money(-1, KES)}, Rule.PRINCIPAL_ABOVE_ZERO, NOTHING),
        ({"principal": Money(1020, JPY), "currency_multiple": 50}, Rule.PRINCIPAL_IN_CURRENCY_MULTIPLE, 50),
        ({"currency_multiple": 0}, Rule.CURRENCY_MULTIPLE, 1),
        ({"number_of_repayments": 0}, Rule.NUMBER_OF_REPAYMENTS, 1),
        ({"number_of_repayments": MOST_REPAYMENTS + 1}, Rule.NUMBER_OF_REPAYMENTS, MOST_REPAYMENTS),
        ({"repayment_every": 0}, Rule.REPAYMENT_EVERY, 1),
        ({"interest_rate": Decimal("-0.01")}, Rule.INTEREST_RATE, 0),
        ({"interest_rate": Decimal("1e400")}, Rule.INTEREST_RATE, HIGHEST_RATE),
        ({"interest_rate": Decimal("NaN")}, Rule.INTEREST_RATE, HIGHEST_RATE),
        ({"interest_rate": Decimal("Infinity")}, Rule.INTEREST_RATE, HIGHEST_RATE),
        ({"installment_multiple": 0}, Rule.INSTALLMENT_MULTIPLE, 1),
        ({"dates": DueDateRule(days_to_first_repayment=-1)}, Rule.DAYS_TO_FIRST_REPAYMENT, 0),
        ({"dates": DueDateRule(nth_weekday=NthWeekday(5, 1))}, Rule.NTH_WEEKDAY, 4),
        ({"dates": DueDateRule(nth_weekday=NthWeekday(1, 8))}, Rule.NTH_WEEKDAY, 7),
        (
            {"dates": DueDateRule(nth_weekday=NthWeekday(1, 1)), "repayment_unit": PeriodUnit.WEEKS},
            Rule.NTH_WEEKDAY,
            PeriodUnit.MONTHS,
        ),
        ({"dates": DueDateRule(fixed_length=0)}, Rule.FIXED_LENGTH, 1),
        ({"dates": DueDateRule(working_days=WorkingDays(frozenset()))}, Rule.WORKING_DAYS, 1),
        ({"grace": Grace(on_principal=18)}, Rule.GRACE, 17),
        ({"grace": Grace(on_interest_payment=-1)}, Rule.GRACE, 0),
        ({"grace": Grace(on_interest_payment=9, interest_free=9)}, Rule.GRACE, 17),
        ({"fixed_installment": NOTHING}, Rule.FIXED_INSTALLMENT_ABOVE_ZERO, NOTHING),
        ({"fixed_principal_percentage": Decimal(101)}, Rule.FIXED_PRINCIPAL_PERCENTAGE, 100),
        (
            {"fixed_principal_percentage": Decimal(10), "fixed_installment": Money.of(400, KES)},
            Rule.FIXED_INSTALLMENT_OR_PRINCIPAL,
            10,
        ),
        ({"last_installment_threshold": Decimal(-1)}, Rule.LAST_INSTALLMENT_THRESHOLD, 0),
        ({"tranches": (tranche(DAY, 0),)}, Rule.TRANCHE_ABOVE_ZERO, NOTHING),
        ({"tranches": (tranche(DAY, 5001),)}, Rule.TRANCHES_WITHIN_PRINCIPAL, LOAN.principal),
        ({"down_payment": DownPayment(percentage=Decimal(100))}, Rule.DOWN_PAYMENT, 100),
        (
            {
                "charges": (
                    ChargeTerms(time=ChargeTime.DISBURSEMENT, calculation=ChargeCalculation.FLAT, amount=Decimal(-1)),
                )
            },
            Rule.CHARGE,
            0,
        ),
        ({"rounding": "ROUND_05UP"}, Rule.ROUNDING, 7),
    ],
)
def test_terms_outside_their_limits_are_refused(changes: dict[str, Any], rule: Rule, limit: object) -> None:
    with pytest.raises(TermsRefused) as refused:
        replace(LOAN, **changes)
    assert (refused.value.rule, refused.value.limit) == (rule, limit)
    assert rule in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "rule", "limit", "given"),
    [
        (
            {"dates": DueDateRule(first_repayment_on=date(2023, 12, 31))},
            Rule.FIRST_REPAYMENT_AFTER_DISBURSEMENT, DAY, date(2023, 12, 31),
        ),
        (
            {"dates": DueDateRule(first_repayment_on=date(2024, 1, 10), days_to_first_repayment=10)},
            Rule.DAYS_TO_FIRST_REPAYMENT, date(2024, 1, 11), date(2024, 1, 10),
        ),
        (
            {"dates": DueDateRule(first_repayment_on=date(9999, 11, 30))},
            Rule.LAST_DUE_DATE, date.max, date(9999, 12, 30),
        ),
        ({"interest_from": date(2025, 7, 1)}, Rule.INTEREST_FROM, date(2025, 7, 1), date(2025, 7, 1)),
        (
            {"tranches": (tranche(date(2024, 1, 2), 5000),)},
            Rule.FIRST_TRANCHE_AT_DISBURSEMENT, DAY, date(2024, 1, 2),
        ),
        (
            {"tranches": (tranche(DAY, 4000), tranche(date(2025, 7, 2), 1000))},
            Rule.TRANCHE_WITHIN_TERM, date(2025, 7, 1), date(2025, 7, 2),
        ),
        (
            {"tranches": (tranche(DAY, 4000), tranche(date(2024, 1, 20), 1000)), "most_outstanding": Money.of(4500, KES)},
            Rule.MOST_OUTSTANDING, Money.of(4500, KES), Money.of(5000, KES),
        ),
        # A multiple may round the installment down to where the debt would grow.
        (
            {"interest_rate": Decimal(60), "number_of_repayments": 36, "installment_multiple": 1000},
            Rule.INSTALLMENT_COVERS_INTEREST, Money.of(250, KES), NOTHING,
        ),
        # The first installment after a grace brings all the interest that the grace has spared.
        (
            {"grace": Grace(on_interest_payment=17)},
            Rule.INSTALLMENT_COVERS_INTEREST, Money(488_41, KES), Money(304_91, KES),
        ),
        (
            {"fixed_installment": Money.of(50, KES)},
            Rule.INSTALLMENT_REPAYS_PRINCIPAL, MOST_INSTALLMENTS, Money.of(50, KES),
        ),
    ],
)  # fmt: skip
def test_a_schedule_that_cannot_be_honoured_is_refused(
    changes: dict[str, Any], rule: Rule, limit: object, given: object
) -> None:
    with pytest.raises(TermsRefused) as refused:
        schedule(replace(LOAN, **changes), DAY)
    assert (refused.value.rule, refused.value.limit, refused.value.given) == (rule, limit, given)


def test_interest_that_starts_so_late_that_less_than_none_would_be_left_is_refused() -> None:
    """The days before the start count against the first interest; the reference core shows a negative one."""
    terms = replace(
        LOAN, number_of_repayments=6, amortization=Amortization.EQUAL_PRINCIPAL, interest_period=InterestPeriod.DAILY,
        interest_from=date(2024, 4, 20),
    )  # fmt: skip
    with pytest.raises(TermsRefused) as refused:
        schedule(terms, DAY)
    assert refused.value.rule is Rule.INTEREST_FROM


def test_a_principal_with_more_decimals_than_its_currency_cannot_be_written_down() -> None:
    with pytest.raises(NotMoney, match="KES has 2 decimals"):
        Money.of(Decimal("100.001"), KES)


@pytest.mark.parametrize("principal", [1, 10**15])
def test_interest_that_outgrows_a_double_still_gives_a_schedule_or_is_refused(principal: int) -> None:
    terms = replace(
        LOAN, principal=Money(principal, KES), number_of_repayments=600, interest_rate=Decimal(50_000)
    )  # fmt: skip
    installments = schedule(terms, DAY)
    assert sum(i.due.principal for i in installments) == principal
