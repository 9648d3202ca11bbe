"""Events that a loan in its state cannot take are refused, by the rule and its limit; nothing has changed then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from dirisha.core.native.loans.charges import ChargeTime
from dirisha.core.native.loans.life import events, replay, step
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.state import State
from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.loans.terms import AfterEarlyPayment, Recalculation
from tests.rules.test_loan_lives import FIRST, OUT_ON, SECOND, THIRD, fee, life, opening, pay, terms

BEFORE = OUT_ON - timedelta(days=1)


def _active() -> State:
    return life(terms(24), pay(FIRST, 21_200))


def _ahead() -> State:
    return life(terms(24), pay(FIRST, 30_000))


def _refunded() -> State:
    return step(_ahead(), events.RefundByCash(on=FIRST, amount_minor=5_000))


def _overpaid() -> State:
    return life(terms(), pay(FIRST, 60_100))


def _written_off() -> State:
    return step(_active(), events.WriteOff(on=SECOND))


def _submitted() -> State:
    return replay(terms(), opening()[:1])


def _approved() -> State:
    return replay(terms(), opening()[:2])


def _rejected() -> State:
    return step(_submitted(), events.Reject(on=OUT_ON))


def _charged_off() -> State:
    return step(_active(), events.ChargeOff(on=SECOND))


REFUSED: list[tuple[Callable[[], State], events.Event, EventRule, object]] = [
    (_active, pay(SECOND, 0), EventRule.AMOUNT_ABOVE_ZERO, 0),
    (_active, pay(SECOND, -5), EventRule.AMOUNT_ABOVE_ZERO, 0),
    (_active, pay(SECOND, 2**63), EventRule.LARGEST_AMOUNT, 2**63 - 1),
    (_active, pay(BEFORE, 5, booked_on=SECOND), EventRule.NOT_BEFORE_DISBURSEMENT, OUT_ON),
    (_active, pay(THIRD, 5, booked_on=SECOND), EventRule.NOT_IN_THE_FUTURE, SECOND),
    (_active, pay(BEFORE, 5), EventRule.ORDER_OF_BOOKING, FIRST),
    (_approved, pay(OUT_ON, 5), EventRule.STATUS, "active, closed, overpaid"),
    (_written_off, pay(SECOND, 5), EventRule.STATUS, "active, closed, overpaid"),
    (_rejected, events.Approve(on=OUT_ON), EventRule.STATUS, "submitted"),
    (_approved, events.Approve(on=OUT_ON), EventRule.STATUS, "submitted"),
    (_submitted, events.Approve(on=OUT_ON, principal_minor=60_001), EventRule.AT_MOST_APPROVED, 60_000),
    (_submitted, events.Disburse(on=OUT_ON, amount_minor=60_000), EventRule.STATUS, "approved"),
    (_approved, events.Disburse(on=OUT_ON, amount_minor=60_001), EventRule.AT_MOST_APPROVED, 60_000),
    (
        _approved,
        events.Disburse(on=BEFORE, booked_on=OUT_ON, amount_minor=60_000),
        EventRule.NOT_BEFORE_APPROVAL,
        OUT_ON,
    ),
    (
        _approved,
        events.Disburse(on=OUT_ON, amount_minor=60_000, settles_minor=60_001),
        EventRule.SETTLES_AT_MOST_PRINCIPAL,
        60_000,
    ),
    (_active, events.WithdrawApplication(on=SECOND), EventRule.STATUS, "submitted"),
    (_active, events.WaiveInterest(on=SECOND, amount_minor=1_201), EventRule.AT_MOST_OUTSTANDING_INTEREST, 1_200),
    (_active, events.RefundByCash(on=SECOND, amount_minor=1), EventRule.AT_MOST_PAID_IN_ADVANCE, 0),
    (_active, events.RefundCreditBalance(on=SECOND, amount_minor=1), EventRule.STATUS, "overpaid"),
    (
        _ahead,
        events.RefundByCash(on=OUT_ON, booked_on=FIRST, amount_minor=5),
        EventRule.REFUNDS_ARE_COVERED,
        0,
    ),
    (_refunded, events.Undo(on=FIRST, transaction=3), EventRule.REFUNDS_ARE_COVERED, 0),
    (_overpaid, events.RefundCreditBalance(on=SECOND, amount_minor=101), EventRule.AT_MOST_OVERPAID, 100),
    (_active, events.Undo(on=SECOND, transaction=99), EventRule.TRANSACTION_STANDS, 3),
    (_active, events.Undo(on=SECOND, transaction=0), EventRule.TRANSACTION_STANDS, 3),
    (_active, events.PayCharge(on=SECOND, charge=1, amount_minor=1), EventRule.CHARGE_OPEN, 0),
    (_active, events.WaiveCharge(on=SECOND, charge=1), EventRule.CHARGE_OPEN, 0),
    (_active, events.AddCharge(on=SECOND, charge=fee("1", BEFORE)), EventRule.NOT_BEFORE_DISBURSEMENT, OUT_ON),
    (
        _active,
        events.AddCharge(on=SECOND, charge=fee("1", time=ChargeTime.DISBURSEMENT)),
        EventRule.CHARGE_OPEN,
        "before disbursement",
    ),
    (_active, events.AddCharge(on=SECOND, charge=fee("0", SECOND)), EventRule.AMOUNT_ABOVE_ZERO, 0),
    (_written_off, events.AddCharge(on=SECOND, charge=fee("1", SECOND)), EventRule.STATUS, "active, closed, overpaid"),
    (_active, events.WriteOff(on=OUT_ON, booked_on=SECOND), EventRule.NOT_BEFORE_LAST_TRANSACTION, FIRST),
    (_active, events.Recover(on=SECOND, amount_minor=5), EventRule.STATUS, "written_off"),
    (_written_off, events.Recover(on=THIRD, amount_minor=41_201), EventRule.AT_MOST_WRITTEN_OFF, 41_200),
    (_written_off, events.Recover(on=FIRST, booked_on=SECOND, amount_minor=5), EventRule.NOT_BEFORE_WRITE_OFF, SECOND),
    (_charged_off, events.ChargeOff(on=THIRD), EventRule.NOT_CHARGED_OFF, "once"),
    (_active, events.UndoChargeOff(on=SECOND), EventRule.NOT_CHARGED_OFF, "charged off"),
    (_active, events.Close(on=SECOND), EventRule.NOTHING_OUTSTANDING, 0),
    (_overpaid, events.Foreclose(on=SECOND), EventRule.STATUS, "active"),
    (_submitted, events.UndoDisbursal(on=OUT_ON), EventRule.STATUS, "active, closed, overpaid"),
    (_active, events.Submit(on=SECOND, expected_on=SECOND), EventRule.STATUS, "nothing submitted"),
]


@pytest.mark.parametrize(("made", "event", "rule", "limit"), REFUSED, ids=lambda one: getattr(one, "value", None))
def test_an_event_is_refused_by_its_rule(
    made: Callable[[], State], event: events.Event, rule: EventRule, limit: object
) -> None:
    state = made()
    with pytest.raises(EventRefused) as refused:
        step(state, event)
    assert (refused.value.rule, refused.value.limit) == (rule, limit)
    assert state == made()


def test_a_life_begins_with_an_application() -> None:
    with pytest.raises(ValueError, match="begins with an event"):
        replay(terms(), [])
    with pytest.raises(EventRefused) as refused:
        replay(terms(), [pay(OUT_ON, 5)])
    assert refused.value.rule is EventRule.STATUS


@pytest.mark.parametrize(
    ("amount", "rule", "limit"),
    [("1.005", Rule.CHARGE_DECIMALS, 2), ("-1", Rule.CHARGE, Decimal(0)), ("NaN", Rule.CHARGE, Decimal(10) ** 18)],
)
def test_a_charge_of_a_wrong_amount_is_refused(amount: str, rule: Rule, limit: object) -> None:
    with pytest.raises(TermsRefused) as refused:
        step(_active(), events.AddCharge(on=SECOND, charge=fee(amount, SECOND)))
    assert (refused.value.rule, refused.value.limit) == (rule, limit)


def test_every_rule_of_an_event_is_shown() -> None:
    """Three below; that of chargebacks with the progressive loans, which alone have them; the rest where they belong:
    with reschedules, with previews of prepayments, with tranches.
    """
    shown = {rule for _, _, rule, _ in REFUSED}
    elsewhere = {
        EventRule.NOT_BEFORE_SUBMISSION, EventRule.AT_MOST_CHARGE, EventRule.AT_MOST_CHARGED_BACK,
        EventRule.RESCHEDULES_UNPAID_INSTALLMENT, EventRule.RESCHEDULES_WITHOUT_INSTALLMENT_FEES,
        EventRule.PREPAYS_A_PART, EventRule.PREPAYS_PLAIN_LOAN, EventRule.INTEREST_STAYS_AS_AGREED,
        EventRule.TRANCHE_EXPECTED, EventRule.TRANCHES_IN_ORDER, EventRule.TRANCHES_TO_UNDO,
    }  # fmt: skip
    assert set(EventRule) - shown == elsewhere


def test_what_is_before_its_application_or_above_its_charge_is_refused() -> None:
    with pytest.raises(EventRefused, match=r"loan\.not_before_submission"):
        step(_submitted(), events.Reject(on=BEFORE, booked_on=OUT_ON))
    charged = step(_active(), events.AddCharge(on=SECOND, charge=fee("1", SECOND)))
    with pytest.raises(EventRefused, match=r"loan\.at_most_charge: the limit is 100, not 101"):
        step(charged, events.PayCharge(on=SECOND, charge=1, amount_minor=101))


def test_a_payment_kept_for_a_day_that_is_over_is_no_payment_today() -> None:
    """An event is booked on its own day, unless another is given."""
    assert pay(date(2024, 3, 1), 5).booked == date(2024, 3, 1)
    assert pay(date(2024, 3, 1), 5, booked_on=SECOND).booked == SECOND


def test_a_loan_whose_interest_is_recalculated_has_no_life_with_wrong_figures() -> None:
    recalculated = replace(terms(24).loan, recalculation=Recalculation(after_early_payment=AfterEarlyPayment(1)))
    with pytest.raises(EventRefused, match=r"loan\.interest_stays_as_agreed"):
        replay(replace(terms(24), loan=recalculated), opening()[:1])
    with pytest.raises(EventRefused, match=r"loan\.interest_stays_as_agreed"):
        step(_submitted(), events.ChangeApplication(on=OUT_ON, expected_on=OUT_ON, terms=recalculated))
