"""A loan is agreed anew in the middle of its life: what the fold makes of it, and what it refuses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dirisha.core.native.loans.charges import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.loans.life import State, replay, step
from dirisha.core.native.loans.life.events import Approve, Disburse, Event, Repay, Submit
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.rescheduling import RescheduleLoan
from dirisha.core.native.loans.life.stored import dump, load
from dirisha.core.native.loans.life.terms import LifeTerms
from dirisha.core.native.loans.reschedule import Reschedule
from dirisha.core.native.loans.terms import LoanTerms
from dirisha.kit.money import Currency, Money

KES = Currency("KES")
LENT_ON, PAID_ON, ASKED_ON = date(2024, 1, 10), date(2024, 2, 10), date(2024, 2, 16)
LONGER = Reschedule(from_due=date(2024, 3, 10), extra_installments=2)
FEE = ChargeTerms(time=ChargeTime.INSTALLMENT_FEE, calculation=ChargeCalculation.FLAT, amount=Decimal(5))


def active(*more: Event, charges: tuple[ChargeTerms, ...] = ()) -> State:
    terms = LoanTerms(
        principal=Money.of(5000, KES), number_of_repayments=6, interest_rate=Decimal(24), charges=charges
    )  # fmt: skip
    events = [
        Submit(on=LENT_ON, expected_on=LENT_ON),
        Approve(on=LENT_ON),
        Disburse(on=LENT_ON, amount_minor=5000_00),
    ]
    return replay(LifeTerms(loan=terms), [*events, *more])


def test_what_was_paid_stays_paid_and_the_rest_is_spread() -> None:
    state = step(active(Repay(on=PAID_ON, amount_minor=892_63)), RescheduleLoan(on=ASKED_ON, change=LONGER))
    assert len(state.installments) == 8
    assert state.installments[0].met_on == PAID_ON
    assert state.installments[1].due.total == 650_09
    assert state.terms.loan.reschedules == (LONGER,)
    assert load(state.terms, dump(state)) == state


def test_an_installment_that_is_paid_or_not_due_on_that_day_is_not_agreed_anew() -> None:
    paid = active(Repay(on=PAID_ON, amount_minor=892_63))
    for from_due in (PAID_ON, date(2024, 3, 11)):
        with pytest.raises(EventRefused) as refused:
            step(paid, RescheduleLoan(on=ASKED_ON, change=Reschedule(from_due=from_due, extra_installments=1)))
        assert refused.value.rule is EventRule.RESCHEDULES_UNPAID_INSTALLMENT


def test_a_loan_with_a_fee_for_each_installment_is_not_agreed_anew() -> None:
    with pytest.raises(EventRefused) as refused:
        step(active(charges=(FEE,)), RescheduleLoan(on=ASKED_ON, change=LONGER))
    assert refused.value.rule is EventRule.RESCHEDULES_WITHOUT_INSTALLMENT_FEES
