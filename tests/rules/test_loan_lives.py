"""Lives of loans: the rules that no recording shows, by example.

The loan: 600.00 without interest in three monthly installments of 200.00, out on 31 January 2024; where interest
matters, 24 % a year, equal principal: 12.00, 8.00 and 4.00.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from dirisha.core.installments import InstallmentKind
from dirisha.core.native.loans.charges import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.loans.life import State, events, replay, step
from dirisha.core.native.loans.life.accruing import accruals_until
from dirisha.core.native.loans.life.allocation import ALLOCATIONS, MIFOS_STANDARD
from dirisha.core.native.loans.life.arrears import is_non_performing
from dirisha.core.native.loans.life.changes import changes, disagreements
from dirisha.core.native.loans.life.delinquency import delinquency
from dirisha.core.native.loans.life.fold import seen_on
from dirisha.core.native.loans.life.foreclosing import payoff
from dirisha.core.native.loans.life.penalties import overdue_penalties
from dirisha.core.native.loans.life.state import Status
from dirisha.core.native.loans.life.summary import interest_not_due_minor, summary
from dirisha.core.native.loans.life.terms import LifeTerms, OverduePenalty
from dirisha.core.native.loans.life.transactions import TransactionKind
from dirisha.core.native.loans.terms import Amortization, LoanTerms, PeriodUnit
from dirisha.core.parts import Parts
from dirisha.kit.money import Currency, Money

KES = Currency("KES", 2)
OUT_ON, FIRST, SECOND, THIRD = date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)
DUE_FIRST = ALLOCATIONS["due-penalty-fee-interest-principal-in-advance-principal-penalty-fee-interest-strategy"]


def fee(amount: str, on: date | None = None, **more: object) -> ChargeTerms:
    given = {"time": ChargeTime.SPECIFIED_DUE_DATE, "calculation": ChargeCalculation.FLAT, "due_on": on} | more
    return ChargeTerms(amount=Decimal(amount), **given)  # type: ignore[arg-type]


def terms(rate: int = 0, charges: tuple[ChargeTerms, ...] = (), **more: object) -> LifeTerms:
    loan = LoanTerms(
        principal=Money(60_000, KES),
        number_of_repayments=3,
        interest_rate=Decimal(rate),
        amortization=Amortization.EQUAL_PRINCIPAL,
        charges=charges,
    )
    return LifeTerms(loan=loan, **more)  # type: ignore[arg-type]


def opening(settles_minor: int = 0) -> list[events.Event]:
    return [
        events.Submit(on=OUT_ON, expected_on=OUT_ON),
        events.Approve(on=OUT_ON),
        events.Disburse(on=OUT_ON, amount_minor=60_000, settles_minor=settles_minor),
    ]


def life(of: LifeTerms, *then: events.Event) -> State:
    return replay(of, [*opening(), *then])


def pay(on: date, amount_minor: int, booked_on: date | None = None) -> events.Repay:
    return events.Repay(on=on, booked_on=booked_on, amount_minor=amount_minor)


def paid(state: State) -> list[Parts]:
    return [row.paid for row in state.installments]


# --- charges ----------------------------------------------------------------------------------------------------------


def test_a_charge_that_is_not_due_yet_waits_for_the_principal_that_is() -> None:
    """Loan-math §15 J: 500 on the 10th, a penalty of 50 due on the 20th, 50 on the 21st."""
    penalty = events.AddCharge(on=date(2024, 2, 12), charge=fee("50", date(2024, 2, 20), is_penalty=True))
    state = life(terms(allocation=DUE_FIRST), pay(date(2024, 2, 10), 10_000), penalty, pay(date(2024, 2, 17), 5_000))
    assert paid(state)[0] == Parts(principal=15_000)
    assert paid(step(state, pay(date(2024, 2, 21), 5_000)))[0] == Parts(principal=15_000, penalties=5_000)


def test_what_is_left_of_a_waived_installment_fee_goes_to_principal() -> None:
    """Loan-math §15 J: 5 paid of a fee of 100, 95 waived; 15 dated back between them is principal."""
    each = fee("100", time=ChargeTime.INSTALLMENT_FEE)
    waived = life(
        terms(charges=(each,)),
        pay(date(2024, 2, 15), 500),
        events.WaiveCharge(on=date(2024, 2, 20), charge=1, installment=1),
    )
    state = step(waived, pay(date(2024, 2, 18), 1_500, booked_on=date(2024, 2, 20)))
    assert [one.split for one in state.transactions if one.kind is TransactionKind.REPAYMENT] == [
        Parts(fees=500),
        Parts(principal=1_500),
    ]
    assert summary(state).outstanding.principal == 58_500
    assert [fee.waived_minor for fee in state.charges[0].fees] == [9_500, 0, 0]


def test_a_charge_paid_by_itself_leaves_its_installment_to_the_rest() -> None:
    charged = life(terms(), events.AddCharge(on=OUT_ON, charge=fee("7", date(2024, 2, 10))))
    state = step(charged, events.PayCharge(on=date(2024, 2, 10), charge=1, amount_minor=700))
    assert paid(state)[0] == Parts(fees=700)
    assert state.charges[0].is_paid and state.overpaid_minor == 0
    # A payment dated before it leaves the charge paid by what was paid for it.
    assert paid(step(state, pay(date(2024, 2, 5), 100, booked_on=date(2024, 2, 10))))[0] == Parts(100, fees=700)


def test_an_installment_fee_is_paid_for_one_installment() -> None:
    state = life(
        terms(charges=(fee("3", time=ChargeTime.INSTALLMENT_FEE),)),
        events.PayCharge(on=date(2024, 2, 10), charge=1, amount_minor=300, installment=2),
    )
    assert [row.paid.fees for row in state.installments] == [0, 300, 0]
    assert state.charges[0].outstanding_minor == 600


def test_charges_after_the_last_repayment_have_a_row_of_their_own_that_goes_when_they_are_waived() -> None:
    late = events.AddCharge(on=THIRD, charge=fee("4", THIRD + timedelta(days=9)))
    later = events.AddCharge(on=THIRD, charge=fee("5", THIRD + timedelta(days=20)))
    state = life(terms(), late, later)
    row = state.installments[-1]
    assert (len(state.installments), row.kind, row.due.fees) == (4, InstallmentKind.CHARGES_ONLY, 900)
    assert row.due_date == THIRD + timedelta(days=20)


def test_charges_at_disbursement_are_kept_back_and_never_fall_on_an_installment() -> None:
    state = life(terms(charges=(fee("12.50", time=ChargeTime.DISBURSEMENT),)))
    kept = next(one for one in state.transactions if one.kind is TransactionKind.REPAYMENT_AT_DISBURSEMENT)
    assert (kept.split, kept.charges[0].charge) == (Parts(fees=1_250), 1)
    assert all(not row.due.fees for row in state.installments)
    assert summary(state).paid == Parts(fees=1_250)


def test_a_charge_on_a_repaid_loan_reopens_it() -> None:
    repaid = life(terms(), pay(FIRST, 60_000))
    assert repaid.status is Status.CLOSED
    state = step(repaid, events.AddCharge(on=SECOND, charge=fee("2", SECOND)))
    assert state.status is Status.ACTIVE and state.dates.closed_on is None


def test_what_was_overpaid_pays_a_charge_that_comes_later() -> None:
    state = life(terms(), pay(FIRST, 60_300), events.AddCharge(on=SECOND, charge=fee("2", SECOND)))
    assert (state.status, state.overpaid_minor) == (Status.OVERPAID, 100)
    assert state.charges[0].is_paid


# --- penalties, arrears, non-performing -------------------------------------------------------------------------------


def _penalized(**more: object) -> LifeTerms:
    charge = fee("10", time=ChargeTime.OVERDUE_INSTALLMENT, calculation=ChargeCalculation.PERCENT_OF_AMOUNT)
    rule = OverduePenalty(charge=replace(charge, is_penalty=True), **more)  # type: ignore[arg-type]
    return terms(overdue_penalty=rule, arrears_grace_days=5, npa_after_days=30)


def test_a_penalty_waits_and_is_a_share_of_what_is_left() -> None:
    state = life(_penalized(), pay(FIRST, 5_000))
    assert overdue_penalties(state, FIRST + timedelta(days=2)) == ()
    (penalty,) = overdue_penalties(state, FIRST + timedelta(days=3))
    assert (penalty.installment, penalty.amount_minor, penalty.base_minor, penalty.due_on) == (1, 1_500, 15_000, FIRST)


def test_a_penalty_is_charged_once_and_dated_by_what_is_granted() -> None:
    on = FIRST + timedelta(days=4)
    state = life(_penalized(grace_on_posting_days=2))
    decided = overdue_penalties(state, on)
    assert [penalty.due_on for penalty in decided] == [FIRST + timedelta(days=2)]
    charged = step(state, events.ChargePenalties(on=on, penalties=decided))
    assert overdue_penalties(charged, on + timedelta(days=9)) == ()
    # It falls into the period in which it is dated.
    assert [row.due.penalties for row in charged.installments] == [0, 2_000, 0]


def test_a_penalty_comes_again_as_long_as_the_installment_stays_unpaid() -> None:
    state = life(_penalized(every=1, unit=PeriodUnit.WEEKS))
    decided = overdue_penalties(state, FIRST + timedelta(days=17))
    assert [penalty.sequence for penalty in decided] == [1, 2, 3]


def test_a_penalty_dated_after_the_last_installment_has_a_row_of_its_own() -> None:
    state = life(_penalized(every=1, unit=PeriodUnit.MONTHS), pay(FIRST, 40_000))
    on = THIRD + timedelta(days=40)
    charged = step(state, events.ChargePenalties(on=on, penalties=overdue_penalties(state, on)))
    assert [row.due.penalties for row in charged.installments] == [0, 0, 2_000, 2_000]


def test_the_nightly_job_grants_what_events_do_not() -> None:
    on = FIRST + timedelta(days=5)
    state = life(terms(arrears_grace_days=5), pay(on, 100))
    assert state.arrears is not None and state.arrears.since == FIRST
    assert step(state, events.AgeArrears(on=on)).arrears is None
    assert step(state, events.AgeArrears(on=on + timedelta(days=1))).arrears == state.arrears
    behind = delinquency(seen_on(state, on + timedelta(days=1)))
    assert (behind.past_due_days, behind.delinquent_days, behind.since) == (6, 1, on)


def test_a_loan_leaves_non_performing_when_it_may() -> None:
    on = FIRST + timedelta(days=40)
    state = life(terms(npa_after_days=30), events.AgeArrears(on=on))
    assert is_non_performing(state, on)
    marked = step(state, events.MarkNonPerforming(on=on, non_performing=True))
    part = step(marked, pay(on, 20_000))
    assert part.arrears is not None and not is_non_performing(part, on)
    kept = replace(part, terms=terms(npa_after_days=30, leaves_npa_only_without_arrears=True))
    assert is_non_performing(kept, on)


# --- waivers, accruals ------------------------------------------------------------------------------------------------


def test_interest_is_accrued_by_the_day_and_never_twice() -> None:
    state = life(terms(24, accrues_by_period=True))
    mid, income = OUT_ON + timedelta(days=10), []
    for on in (mid, mid, FIRST, SECOND + timedelta(days=15)):
        decided = accruals_until(state, on)
        income.append([(accrual.on, accrual.income.interest) for accrual in decided])
        state = step(state, events.Accrue(on=on, accruals=decided))
    assert income == [[(mid, 414)], [], [(FIRST, 786)], [(SECOND, 800), (SECOND + timedelta(days=15), 200)]]
    assert interest_not_due_minor(seen_on(state, SECOND + timedelta(days=15))) == 200


def test_interest_waived_before_it_is_accrued_is_no_income_given_up() -> None:
    accrued = events.Accrue(on=FIRST, accruals=accruals_until(life(terms(24, accrues_by_period=True)), FIRST))
    state = life(terms(24, accrues_by_period=True), accrued, events.WaiveInterest(on=FIRST, amount_minor=1_500))
    waived = state.transactions[-1]
    assert (waived.split, waived.unrecognized_minor) == (Parts(interest=1_500), 300)
    assert [row.waived.interest for row in state.installments] == [1_200, 300, 0]


def test_a_repaid_loan_has_accrued_whatever_it_charged() -> None:
    state = life(terms(24, (fee("1", time=ChargeTime.INSTALLMENT_FEE),), accrues_by_period=True), pay(FIRST, 62_700))
    assert state.status is Status.CLOSED
    assert state.transactions[-1].split == Parts(interest=2_400, fees=300)


# --- refunds, foreclosure, giving up ----------------------------------------------------------------------------------


def test_a_refund_takes_back_what_was_paid_last_by_the_strategy_turned_round() -> None:
    state = life(
        terms(24), pay(date(2024, 2, 10), 42_000), events.RefundByCash(on=date(2024, 2, 11), amount_minor=20_500)
    )
    assert paid(state) == [Parts(20_000, 1_200), Parts(0, 300), Parts()]
    assert [one.balance_minor for one in state.transactions if one.balance_minor] == [60_000, 20_000, 40_000]


def test_a_credit_balance_goes_back_in_parts_and_the_loan_closes_with_the_last() -> None:
    state = life(terms(), pay(FIRST, 60_500), events.RefundCreditBalance(on=SECOND, amount_minor=200))
    assert (state.status, state.overpaid_minor) == (Status.OVERPAID, 300)
    closed = step(state, events.RefundCreditBalance(on=THIRD, amount_minor=300))
    assert (closed.status, closed.dates.closed_on) == (Status.CLOSED, THIRD)


@pytest.mark.parametrize(
    ("on", "interest"),
    [
        (date(2024, 2, 10), 414),  # 10 of 29 days of the first period
        (FIRST, 1_200),
        (date(2024, 3, 10), 1_200 + 258),  # and 10 of 31 days of the second
        (THIRD + timedelta(days=3), 2_400),
    ],
)
def test_a_foreclosed_loan_pays_interest_to_the_day(on: date, interest: int) -> None:
    state = life(terms(24))
    assert payoff(state, on) == Parts(60_000, interest)
    closed = step(state, events.Foreclose(on=on))
    assert (closed.status, summary(closed).outstanding.total) == (Status.CLOSED, 0)
    assert closed.installments[-1].due_date == min(on, THIRD)
    assert summary(closed).charged == Parts(60_000, interest)


def test_foreclosure_counts_what_was_paid_ahead_and_drops_charges_to_come() -> None:
    state = life(
        terms(24),
        events.AddCharge(on=OUT_ON, charge=fee("5", date(2024, 2, 5))),
        events.AddCharge(on=OUT_ON, charge=fee("9", date(2024, 3, 20))),
        pay(date(2024, 2, 8), 10_000),
    )
    on = date(2024, 2, 10)
    owed = payoff(state, on)
    closed = step(state, events.Foreclose(on=on))
    assert owed.total == 60_000 + 500 + 414 - 10_000
    assert (closed.status, closed.overpaid_minor) == (Status.CLOSED, 0)


def test_a_top_up_goes_out_in_two() -> None:
    state = replay(terms(), opening(settles_minor=15_000))
    out = [one.amount_minor for one in state.transactions if one.kind is TransactionKind.DISBURSEMENT]
    assert out == [15_000, 45_000]


def test_a_write_off_can_be_undone_and_the_loan_is_owed_again() -> None:
    before = life(terms(24), pay(FIRST, 21_200))
    off = step(before, events.WriteOff(on=SECOND))
    assert (off.status, off.transactions[-1].split) == (Status.WRITTEN_OFF, Parts(40_000, 1_200))
    undone = step(off, events.UndoWriteOff(on=SECOND))
    assert (undone.status, undone.installments) == (Status.ACTIVE, before.installments)


# --- what has been posted ---------------------------------------------------------------------------------------------


def test_a_back_dated_payment_moves_those_after_it_and_no_others() -> None:
    state = life(terms(24), pay(date(2024, 2, 5), 1_000), pay(FIRST, 1_000), pay(date(2024, 3, 5), 1_000))
    after = step(state, pay(date(2024, 2, 20), 500, booked_on=date(2024, 3, 5)))
    moved = [change for change in changes(state, after) if change.reverse]
    assert [
        (change.reverse.on, change.reverse.split, change.post.split)
        for change in moved
        if change.reverse and change.post
    ] == [
        (FIRST, Parts(800, 200), Parts(1_000)),
    ]


def test_what_todays_rules_would_split_otherwise_is_told_and_not_posted_again() -> None:
    state = life(terms(24), pay(FIRST, 1_300), pay(SECOND, 1_300))
    ruled_anew = replace(
        state, terms=replace(state.terms, allocation=ALLOCATIONS["principal-interest-penalties-fees-order-strategy"])
    )
    told = [
        (change.reverse.number, change.post.split)
        for change in disagreements(ruled_anew)
        if change.reverse and change.post
    ]
    assert told == [(3, Parts(1_300))]
    after = step(ruled_anew, pay(date(2024, 3, 15), 100, booked_on=SECOND))
    assert after.transactions[2].split == Parts(100, 1_200)
    assert after.terms.allocation is not MIFOS_STANDARD
