"""How a repayment falls on a loan: oldest installment first, its interest before its principal."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.allocation import InstallmentPart, allocate, repaid
from dirisha.core.installments import Installment
from dirisha.core.parts import Parts
from tests.rules.loan_strategies import days, lent, outstanding_minor

TWO_MONTHS = (
    Installment(number=1, from_date=date(2024, 1, 10), due_date=date(2024, 2, 10), due=Parts(500_00, 20_00)),
    Installment(number=2, from_date=date(2024, 2, 10), due_date=date(2024, 3, 10), due=Parts(510_00, 10_00)),
)
ON_TIME = date(2024, 2, 10)


def test_interest_comes_before_principal() -> None:
    assert allocate(TWO_MONTHS, 15_00).parts == (InstallmentPart(1, Parts(0, 15_00)),)
    assert allocate(TWO_MONTHS, 50_00).parts == (InstallmentPart(1, Parts(30_00, 20_00)),)


def test_the_rest_of_a_payment_goes_to_the_next_installment() -> None:
    allocation = allocate(TWO_MONTHS, 535_00)
    assert allocation.parts == (InstallmentPart(1, Parts(500_00, 20_00)), InstallmentPart(2, Parts(5_00, 10_00)))
    assert (allocation.paid.principal, allocation.paid.interest, allocation.left_over_minor) == (505_00, 30_00, 0)


def test_what_no_installment_takes_is_left_over() -> None:
    allocation = allocate(TWO_MONTHS, 1_045_00)
    assert allocation.left_over_minor == 5_00
    assert all(installment.is_met for installment in repaid(TWO_MONTHS, allocation, on=ON_TIME))


def test_a_second_payment_goes_on_where_the_first_stopped() -> None:
    once = repaid(TWO_MONTHS, allocate(TWO_MONTHS, 15_00), on=ON_TIME)
    assert allocate(once, 10_00).parts == (InstallmentPart(1, Parts(5_00, 5_00)),)
    assert allocate(once[1:], 10_00).parts == (InstallmentPart(2, Parts(0, 10_00)),)


def test_an_installment_is_met_on_the_day_of_the_payment_that_completes_it() -> None:
    first = repaid(TWO_MONTHS, allocate(TWO_MONTHS, 519_99), on=date(2024, 2, 1))
    assert first[0].met_on is None
    second = repaid(first, allocate(first, 1), on=date(2024, 2, 12))
    assert second[0].met_on == date(2024, 2, 12)
    third = repaid(second, allocate(second, 520_00), on=date(2024, 3, 1))
    assert [installment.met_on for installment in third] == [date(2024, 2, 12), date(2024, 3, 1)]


def test_what_came_in_advance_and_late_is_kept_apart() -> None:
    early = repaid(TWO_MONTHS, allocate(TWO_MONTHS, 100_00), on=ON_TIME - timedelta(days=1))
    timely = repaid(early, allocate(early, 30_00), on=ON_TIME)
    late = repaid(timely, allocate(timely, 400_00), on=ON_TIME + timedelta(days=1))
    assert (late[0].paid_in_advance_minor, late[0].paid_late_minor) == (100_00, 390_00)
    assert (late[1].paid_in_advance_minor, late[1].paid_late_minor) == (10_00, 0)


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_a_repayment_is_above_zero(amount_minor: int) -> None:
    with pytest.raises(ValueError, match="above zero"):
        allocate(TWO_MONTHS, amount_minor)


# --- properties -------------------------------------------------------------------------------------------------------


@given(installments=lent(), data=st.data(), on=days)
def test_the_splits_sum_to_the_payment(installments: tuple[Installment, ...], data: st.DataObject, on: date) -> None:
    before_minor = outstanding_minor(installments)
    amount_minor = data.draw(st.integers(1, before_minor + 1000))
    allocation = allocate(installments, amount_minor)
    parts_minor = sum(part.paid.total for part in allocation.parts)
    assert parts_minor + allocation.left_over_minor == amount_minor
    assert allocation.paid.total == parts_minor
    assert allocation.left_over_minor == max(0, amount_minor - before_minor)
    after = repaid(installments, allocation, on=on)
    assert outstanding_minor(after) == before_minor - parts_minor
    for installment in after:
        assert 0 <= installment.paid.principal <= installment.due.principal
        assert 0 <= installment.paid.interest <= installment.due.interest
        assert installment.paid.principal == 0 or installment.outstanding.interest == 0
    met = [installment.is_met for installment in after if installment.due.total]
    assert met == sorted(met, reverse=True)


@given(installments=lent(), data=st.data(), on=days)
def test_pieces_of_one_day_leave_the_loan_as_one_payment_does(
    installments: tuple[Installment, ...], data: st.DataObject, on: date
) -> None:
    amount_minor = data.draw(st.integers(1, outstanding_minor(installments)))
    cuts = data.draw(st.sets(st.integers(1, amount_minor), max_size=8))
    edges = [0, *sorted(cuts | {amount_minor})]
    at_once = repaid(installments, allocate(installments, amount_minor), on=on)
    in_pieces = installments
    for start, end in pairwise(edges):
        in_pieces = repaid(in_pieces, allocate(in_pieces, end - start), on=on)
    assert in_pieces == at_once


@given(installments=lent(), data=st.data())
def test_met_installments_may_be_left_out(installments: tuple[Installment, ...], data: st.DataObject) -> None:
    """An act under lock reads the unpaid ones only."""
    first_minor = data.draw(st.integers(1, outstanding_minor(installments)))
    left = repaid(installments, allocate(installments, first_minor), on=installments[0].due_date)
    second_minor = data.draw(st.integers(1, 10**9))
    unpaid = tuple(installment for installment in left if not installment.is_met)
    assert allocate(unpaid, second_minor) == allocate(left, second_minor)
