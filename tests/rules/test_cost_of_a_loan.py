"""What a loan costs: the rates of the directive's own examples, and what holds for any loan."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.installments import Installment
from dirisha.core.native.loans.cost import Cost, Flow, cost, effective_rate, nominal_rate
from dirisha.core.native.loans.terms import PeriodUnit
from dirisha.core.parts import Parts
from dirisha.kit.money import Currency, Money

KES = Currency("KES")
START = date(2023, 1, 1)


def installments(*due: tuple[int, int]) -> list[Installment]:
    """(days after the start, amount in minor units) each."""
    return [
        Installment(number=n, from_date=START, due_date=START + timedelta(days=days), due=Parts(minor))
        for n, (days, minor) in enumerate(due, start=1)
    ]


def cost_of(lent_minor: int, *due: tuple[int, int], every: int = 1, unit: PeriodUnit = PeriodUnit.MONTHS) -> Cost:
    lent = [Flow(START, lent_minor)]
    return cost(lent, installments(*due), every=every, unit=unit, principal=Money(lent_minor, KES))


def test_one_repayment_after_a_year_is_its_own_rate() -> None:
    found = cost_of(1000_00, (365, 1120_00), unit=PeriodUnit.YEARS)
    assert (found.effective_percent, found.nominal_percent) == (Decimal("12.00"), Decimal("12.00"))
    assert (found.cost, found.per_hundred) == (Money(120_00, KES), Decimal("112.00"))


@pytest.mark.parametrize(
    ("lent", "repaid", "percent"),
    [
        # The examples of Annex I of directive 98/7/EC, with a year of 365 days.
        ([(0, 1000)], [(547.5, 1200)], "12.92"),
        ([(0, 950)], [(547.5, 1200)], "16.85"),
        ([(0, 1000)], [(365, 600), (730, 600)], "13.07"),
        ([(0, 1000)], [(91.25, 272), (182.5, 272), (365, 544)], "13.19"),
    ],
)
def test_the_directives_examples(lent: list[tuple[float, int]], repaid: list[tuple[float, int]], percent: str) -> None:
    """In quarter days, so that 91.25 of them are whole; the rate of a "year" of four of ours is then the root."""
    flows = [[Flow(START + timedelta(days=int(4 * days)), minor) for days, minor in side] for side in (lent, repaid)]
    of_a_quarter_day_year = effective_rate(flows[0], flows[1])
    assert of_a_quarter_day_year is not None
    yearly = (1 + of_a_quarter_day_year) ** 4 - 1
    assert abs(yearly * 100 - Decimal(percent)) <= Decimal("0.006")


def test_monthly_installments_have_a_nominal_rate_near_the_contracts() -> None:
    """12,000 at 2 % a month in four installments, loan-math §15.A."""
    found = cost_of(12000_00, (30, 3151_49), (61, 3151_49), (91, 3151_49), (122, 3151_47))
    assert found.nominal_percent is not None
    assert abs(found.nominal_percent - 24) < Decimal("0.2")
    assert found.per_hundred == Decimal("105.05")


def test_a_fee_kept_back_makes_it_dearer() -> None:
    plain, after_fee = cost_of(1000_00, (30, 1010_00)), cost_of(990_00, (30, 1010_00))
    assert plain.effective_percent is not None and after_fee.effective_percent is not None
    assert after_fee.effective_percent > plain.effective_percent


def test_without_interest_it_costs_nothing() -> None:
    found = cost_of(1000_00, (30, 500_00), (60, 500_00))
    assert (found.effective_percent, found.nominal_percent, found.cost.minor) == (0, 0, 0)


@pytest.mark.parametrize("due", [[], [(0, 1000_00)], [(1, 10**12)]])
def test_where_no_rate_compares_there_is_none(due: list[tuple[int, int]]) -> None:
    found = cost_of(1000_00, *due)
    assert (found.effective_percent, found.nominal_percent) == (None, None)


def test_nothing_received_has_no_rate() -> None:
    found = cost([Flow(START, 0)], installments((30, 10)), every=1, unit=PeriodUnit.MONTHS, principal=Money(10, KES))
    assert (found.per_hundred, found.effective_percent, found.nominal_percent) == (None, None, None)


@given(
    lent=st.integers(1_000, 10**9),
    percent=st.integers(50, 500),
    days=st.lists(st.integers(30, 2000), min_size=1, max_size=40),
)
def test_at_the_rate_both_sides_are_worth_the_same(lent: int, percent: int, days: list[int]) -> None:
    each = lent * percent // 100 // len(days) + 1
    rate = effective_rate([Flow(START, lent)], [Flow(START + timedelta(days=after), each) for after in days])
    assert rate is not None
    discount = (1 + rate) ** (Decimal(-1) / 365)
    worth = sum((each * discount**after for after in days), Decimal(0))
    assert abs(worth / lent - 1) < Decimal("1e-9")
    assert (rate > 0) == (each * len(days) > lent)


def test_the_nominal_rate_compounds_to_the_effective_one() -> None:
    monthly = Decimal("0.02")
    effective = (1 + monthly) ** 12 - 1
    assert round(nominal_rate(effective, 1, PeriodUnit.MONTHS), 12) == Decimal("0.24")
    assert round(nominal_rate((1 + monthly) ** 26 - 1, 2, PeriodUnit.WEEKS), 12) == Decimal("0.52")
