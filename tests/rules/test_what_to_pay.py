"""What a borrower has to pay on a day, and how far the loan is repaid."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.allocation import allocate, repaid
from dirisha.core.installments import Installment
from dirisha.core.parts import Parts
from dirisha.core.what_to_pay import Amounts, WhatToPay, progress, what_to_pay
from dirisha.kit.money import Currency, Money
from tests.rules.loan_strategies import days, lent, outstanding_minor

KES = Currency("KES")
NOTHING = Amounts.of(Parts(), KES)

THREE_MONTHS = (
    Installment(number=1, from_date=date(2024, 1, 31), due_date=date(2024, 2, 29), due=Parts(330_00, 10_00)),
    Installment(number=2, from_date=date(2024, 2, 29), due_date=date(2024, 3, 31), due=Parts(333_00, 7_00)),
    Installment(number=3, from_date=date(2024, 3, 31), due_date=date(2024, 4, 30), due=Parts(337_00, 4_00)),
)


def to_pay(on: date, *, paid_minor: int = 0) -> WhatToPay:
    installments = THREE_MONTHS
    if paid_minor:
        installments = repaid(installments, allocate(installments, paid_minor), on=date(2024, 2, 1))
    return what_to_pay(installments, KES, on=on)


def of(principal_minor: int, interest_minor: int) -> Amounts:
    return Amounts.of(Parts(principal_minor, interest_minor), KES)


def test_before_the_first_due_date_nothing_is_due() -> None:
    today = to_pay(date(2024, 2, 28))
    assert (today.due_now, today.overdue, today.late_since, today.days_late) == (NOTHING, NOTHING, None, 0)
    assert (today.next_due_on, today.next_due) == (date(2024, 2, 29), of(330_00, 10_00))


def test_on_the_due_date_it_is_due_but_not_overdue() -> None:
    today = to_pay(date(2024, 2, 29))
    assert today.due_now == of(330_00, 10_00)
    assert (today.overdue, today.late_since, today.days_late) == (NOTHING, None, 0)
    assert (today.next_due_on, today.next_due.total) == (date(2024, 3, 31), Money(340_00, KES))


def test_the_day_after_it_is_overdue() -> None:
    today = to_pay(date(2024, 3, 1))
    assert (today.due_now, today.overdue) == (of(330_00, 10_00), of(330_00, 10_00))
    assert (today.late_since, today.days_late) == (date(2024, 2, 29), 1)


def test_what_is_overdue_is_part_of_what_is_due() -> None:
    today = to_pay(date(2024, 3, 31), paid_minor=15_00)
    assert (today.overdue, today.due_now) == (of(325_00, 0), of(658_00, 7_00))
    assert today.late_since == date(2024, 2, 29)


def test_after_the_last_due_date_there_is_no_next() -> None:
    today = to_pay(date(2024, 5, 1))
    assert (today.next_due_on, today.next_due) == (None, NOTHING)
    assert today.due_now == today.outstanding == of(1000_00, 21_00)


def test_a_prepaid_installment_is_passed_over() -> None:
    today = to_pay(date(2024, 2, 10), paid_minor=341_00)
    assert (today.next_due_on, today.next_due) == (date(2024, 3, 31), of(333_00, 6_00))


def test_a_repaid_loan_asks_for_nothing() -> None:
    today = to_pay(date(2024, 6, 1), paid_minor=1021_00)
    assert (today.due_now, today.overdue, today.outstanding, today.late_since) == (NOTHING, NOTHING, NOTHING, None)


def test_progress_counts_met_installments_and_closes_on_the_last_payment() -> None:
    start = progress(THREE_MONTHS, KES)
    assert (start.met, start.installments, start.paid, start.repaid_on) == (0, 3, NOTHING, None)
    assert start.expected == of(1000_00, 21_00)
    half = repaid(THREE_MONTHS, allocate(THREE_MONTHS, 400_00), on=date(2024, 2, 28))
    assert (progress(half, KES).met, progress(half, KES).paid) == (1, of(383_00, 17_00))
    whole = repaid(half, allocate(half, 621_00), on=date(2024, 3, 3))
    assert (progress(whole, KES).met, progress(whole, KES).repaid_on) == (3, date(2024, 3, 3))


# --- properties -------------------------------------------------------------------------------------------------------


@given(installments=lent(), data=st.data(), on=days)
def test_paying_what_is_due_leaves_nothing_due(
    installments: tuple[Installment, ...], data: st.DataObject, on: date
) -> None:
    paid_minor = data.draw(st.integers(1, outstanding_minor(installments)))
    installments = repaid(installments, allocate(installments, paid_minor), on=on)
    today = what_to_pay(installments, KES, on=on)
    assert today.overdue.total <= today.due_now.total <= today.outstanding.total
    assert today.outstanding.total.minor == outstanding_minor(installments)
    assert (today.days_late > 0) == today.overdue.total.is_positive == (today.late_since is not None)
    if today.due_now.total.is_positive:
        after = repaid(installments, allocate(installments, today.due_now.total.minor), on=on)
        tomorrow = what_to_pay(after, KES, on=on + timedelta(days=1))
        assert what_to_pay(after, KES, on=on).due_now.total.is_zero
        assert tomorrow.late_since is None
        assert what_to_pay(after, KES, on=on).next_due == today.next_due


@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_met_installments_may_be_left_out(left_out: int) -> None:
    paid_minor = sum(i.outstanding_minor for i in THREE_MONTHS[:left_out]) + 1
    installments = repaid(THREE_MONTHS, allocate(THREE_MONTHS, paid_minor), on=date(2024, 2, 1))
    assert what_to_pay(installments[left_out:], KES, on=date(2024, 4, 1)) == to_pay(
        date(2024, 4, 1), paid_minor=paid_minor
    )
