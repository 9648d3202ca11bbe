"""A part of a loan repaid ahead of its time: fewer installments, or smaller ones; nothing is entered.

The loan: 6,000.00 at 24 % a year in six equal monthly installments of 1,071.15, out on 15 January 2024.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.native.loans.life import State, events, replay
from dirisha.core.native.loans.life.refusals import EventRefused
from dirisha.core.native.loans.life.terms import LifeTerms
from dirisha.core.native.loans.previews import PartPrepaid, Wish, prepay_part
from dirisha.core.native.loans.refusals import TermsRefused
from dirisha.core.native.loans.terms import Amortization, Grace, InterestPeriod, LoanTerms
from dirisha.kit.money import Currency, Money

KES = Currency("KES", 2)
OUT_ON, FIRST, MIDDLE = date(2024, 1, 15), date(2024, 2, 15), date(2024, 3, 1)
LOAN = LoanTerms(principal=Money(600_000, KES), number_of_repayments=6, interest_rate=Decimal(24))


def one_installment_later(loan: LoanTerms = LOAN) -> State:
    """Lent, and the first installment paid on its day."""
    opening = [
        events.Submit(on=OUT_ON, expected_on=OUT_ON),
        events.Approve(on=OUT_ON),
        events.Disburse(on=OUT_ON, amount_minor=loan.principal.minor),
    ]
    lent = replay(LifeTerms(loan=loan), opening)
    return replay(LifeTerms(loan=loan), [*opening, events.Repay(on=FIRST, amount_minor=lent.installments[0].due.total)])


def dues(preview: PartPrepaid) -> list[tuple[int, int, int]]:
    return [(row.number, row.due.principal, row.due.interest) for row in preview.rest]


def test_smaller_installments_repay_what_is_left_in_as_many() -> None:
    """Out 5,048.85; the running period keeps its 100.98, the installment is that of 3,048.85 in five: 646.84."""
    preview = prepay_part(one_installment_later(), 200_000, MIDDLE, Wish.SMALLER_INSTALLMENTS)
    assert [row.due.total for row in preview.rest[:-1]] == [64_684] * 4
    assert dues(preview)[0] == (2, 54_586, 10_098)
    assert dues(preview)[1] == (3, 59_678, 5_006)  # 2 % of 2,502.99
    assert sum(row.due.principal for row in preview.rest) == 304_885


def test_a_shorter_term_keeps_the_installment() -> None:
    preview = prepay_part(one_installment_later(), 200_000, MIDDLE, Wish.SHORTER_TERM)
    assert [row.due.total for row in preview.rest[:-1]] == [107_115, 107_115]
    assert len(preview.rest) == 3
    assert sum(row.due.principal for row in preview.rest) == 304_885


def test_daily_interest_falls_from_the_day_of_the_payment() -> None:
    """15 days on what was out before it, 14 on what is left; each stretch is rounded by itself."""
    state = one_installment_later(replace(LOAN, interest_period=InterestPeriod.DAILY))
    out = sum(row.due.principal for row in state.installments[1:])
    first = prepay_part(state, 200_000, MIDDLE, Wish.SMALLER_INSTALLMENTS).rest[0]
    stretches = [(out * 24 * 15, 36_500), ((out - 200_000) * 24 * 14, 36_500)]
    assert first.due.interest == sum(round(Decimal(part) / whole) for part, whole in stretches)


def test_equal_principal_is_shared_anew_or_kept() -> None:
    state = one_installment_later(replace(LOAN, amortization=Amortization.EQUAL_PRINCIPAL))
    smaller = prepay_part(state, 200_000, MIDDLE, Wish.SMALLER_INSTALLMENTS)
    assert [row.due.principal for row in smaller.rest] == [60_000] * 5
    shorter = prepay_part(state, 200_000, MIDDLE, Wish.SHORTER_TERM)
    assert [row.due.principal for row in shorter.rest] == [100_000] * 3
    assert shorter.interest_saved_minor == (10_000 + 8_000 + 6_000 + 4_000 + 2_000) - (10_000 + 4_000 + 2_000)


def test_what_is_due_is_paid_first() -> None:
    """On the second due date 1,071.15 is due; of 2,000.00 the rest is ahead of its time."""
    preview = prepay_part(one_installment_later(), 200_000, date(2024, 3, 15), Wish.SHORTER_TERM)
    assert preview.prepaid_minor == 200_000 - 107_115
    assert preview.rest[0].number == 3


@pytest.mark.parametrize("amount_minor", [0, 504_885, 600_000])
def test_only_a_part_can_be_prepaid(amount_minor: int) -> None:
    with pytest.raises(EventRefused, match=r"loan\.prepays_a_part: the limit is more than 0, less than 504885"):
        prepay_part(one_installment_later(), amount_minor, MIDDLE, Wish.SHORTER_TERM)


def test_a_loan_that_is_not_plain_is_refused() -> None:
    spared = one_installment_later(replace(LOAN, grace=Grace(on_interest_payment=1)))
    with pytest.raises(EventRefused, match=r"loan\.prepays_plain_loan"):
        prepay_part(spared, 100_000, MIDDLE, Wish.SHORTER_TERM)


@given(
    prepaid=st.integers(1, 504_884),
    wish=st.sampled_from(Wish),
    amortization=st.sampled_from(Amortization),
    counted=st.sampled_from(InterestPeriod),
)
def test_no_unit_is_lost_and_interest_never_grows(
    prepaid: int, wish: Wish, amortization: Amortization, counted: InterestPeriod
) -> None:
    state = one_installment_later(replace(LOAN, amortization=amortization, interest_period=counted))
    out = sum(row.due.principal for row in state.installments[1:])
    try:
        preview = prepay_part(state, prepaid, MIDDLE, wish)
    except (EventRefused, TermsRefused):
        return
    assert sum(row.due.principal for row in preview.rest) + preview.prepaid_minor == out
    assert all(part >= 0 for row in preview.rest for part in (row.due.principal, row.due.interest))
    assert len(preview.rest) <= 5
    assert preview.interest_saved_minor >= -1
