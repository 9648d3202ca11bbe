"""Schedules agreed anew in the middle: other dates, more installments, grace, another installment or rate.

The figures of the first four are those of recordings (d-resched-date, -extra, -emi, -grace).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.reschedule import Reschedule
from dirisha.core.native.loans.schedule import schedule
from dirisha.core.native.loans.terms import Amortization, InterestMethod, LoanTerms
from dirisha.kit.money import Currency, Money

KES = Currency("KES")
LENT_ON = date(2024, 1, 10)
LOAN = LoanTerms(principal=Money.of(5000, KES), number_of_repayments=6, interest_rate=Decimal(24))
SECOND = date(2024, 3, 10)


def rows(change: Reschedule, terms: LoanTerms = LOAN) -> list[tuple[str, int, int]]:
    installments = schedule(replace(terms, reschedules=(change,)), LENT_ON)
    return [(f"{i.due_date:%m-%d}", i.due.principal, i.due.interest) for i in installments]


def test_a_moved_date_takes_the_later_ones_with_it_and_leaves_the_amounts() -> None:
    moved = rows(Reschedule(from_due=SECOND, moved_to=date(2024, 3, 30)))
    assert [day for day, _, _ in moved] == ["02-10", "03-30", "04-30", "05-30", "06-30", "07-30"]
    assert moved[1] == ("03-30", 808_48, 84_15)


def test_more_installments_spread_what_is_out() -> None:
    longer = rows(Reschedule(from_due=SECOND, extra_installments=2))
    assert longer[1:3] == [("03-10", 565_94, 84_15), ("04-10", 577_26, 72_83)]
    assert longer[-1] == ("09-10", 637_34, 12_75)


def test_another_installment_holds_until_its_day_and_the_rest_is_spread() -> None:
    change = Reschedule(from_due=SECOND, installment=Money.of(700, KES), installment_until=date(2024, 4, 10))
    assert rows(change)[1:] == [
        ("03-10", 615_85, 84_15),
        ("04-10", 628_17, 71_83),
        ("05-10", 968_29, 59_27),
        ("06-10", 987_66, 39_90),
        ("07-10", 1007_40, 20_15),
    ]


def test_a_grace_makes_the_loan_longer_and_carries_its_interest() -> None:
    change = Reschedule(from_due=SECOND, grace_on_principal=2, grace_on_interest_payment=1)
    assert rows(change)[1:4] == [("03-10", 0, 0), ("04-10", 0, 168_30), ("05-10", 808_48, 84_15)]
    assert rows(change)[-1] == ("09-10", 875_12, 17_50)


def test_another_rate_is_charged_on_what_is_out_and_sets_the_installment_anew() -> None:
    dearer = rows(Reschedule(from_due=SECOND, interest_rate=Decimal(36)))
    assert dearer[1][2] == 126_22
    assert len({principal + interest for _, principal, interest in dearer[1:-1]}) == 1
    equal_principal = replace(LOAN, amortization=Amortization.EQUAL_PRINCIPAL)
    assert rows(Reschedule(from_due=SECOND, interest_rate=Decimal(0)), equal_principal)[1:3] == [
        ("03-10", 833_33, 0),
        ("04-10", 833_33, 0),
    ]


def test_principal_still_sums_to_the_loan_after_one_reschedule_and_another() -> None:
    changes = (
        Reschedule(from_due=SECOND, extra_installments=3, interest_rate=Decimal(30)),
        Reschedule(from_due=date(2024, 6, 10), moved_to=date(2024, 6, 25), grace_on_principal=1),
    )
    installments = schedule(replace(LOAN, reschedules=changes), LENT_ON)
    assert len(installments) == 10
    assert sum(i.due.principal for i in installments) == LOAN.principal.minor
    assert all(i.due.principal >= 0 and i.due.interest >= 0 for i in installments)


@pytest.mark.parametrize(
    ("terms", "change"),
    [
        (LOAN, Reschedule(from_due=SECOND, moved_to=date(2024, 3, 9))),
        (LOAN, Reschedule(from_due=SECOND, extra_installments=600)),
        (replace(LOAN, interest_method=InterestMethod.FLAT), Reschedule(from_due=SECOND, extra_installments=1)),
        (
            replace(LOAN, amortization=Amortization.EQUAL_PRINCIPAL),
            Reschedule(from_due=SECOND, installment=Money.of(900, KES)),
        ),
    ],
)
def test_what_cannot_be_agreed_anew_is_refused(terms: LoanTerms, change: Reschedule) -> None:
    with pytest.raises(TermsRefused) as refused:
        replace(terms, reschedules=(change,))
    assert refused.value.rule is Rule.RESCHEDULE
