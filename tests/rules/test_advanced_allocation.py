"""The advanced payment allocation: rule lists of a product, walked over the installments."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirisha.core.installments import Installment
from dirisha.core.native.loans.life.payment import Payment
from dirisha.core.native.loans.life.rows import Portion, Row
from dirisha.core.native.loans.life.transactions import TransactionKind
from dirisha.core.native.loans.progressive.advanced_allocation import AdvancedAllocation
from dirisha.core.native.loans.progressive.payment_rules import (
    EVERY_RULE,
    Future,
    PaymentRule,
    PaymentRules,
    Processing,
    RuleList,
    in_order,
)
from dirisha.core.parts import Parts

PRINCIPAL, INTEREST, FEES, PENALTIES = Portion
COSTS_FIRST = (PENALTIES, FEES, INTEREST, PRINCIPAL)
REPAYMENT = TransactionKind.REPAYMENT


def _rows() -> list[Row]:
    """Four installments, due on the tenth of January to April: 100 of principal, 10 of interest, a fee of 3 in two."""
    fees = (0, 3, 0, 3)
    return [
        Row(
            Installment(
                number=month,
                from_date=date(2023 if month == 1 else 2024, 12 if month == 1 else month - 1, 10),
                due_date=date(2024, month, 10),
                due=Parts(100, 10, fees[month - 1]),
            )
        )
        for month in range(1, 5)
    ]


def _paid(
    rules: PaymentRules, on: date, amount_minor: int, kind: TransactionKind = REPAYMENT
) -> tuple[list[list[int]], Payment]:
    rows, payment = _rows(), Payment(kind, on, amount_minor)
    AdvancedAllocation(rules).spread(rows, payment)
    return [row.paid for row in rows], payment


def test_horizontally_an_installment_is_paid_before_the_next() -> None:
    """Both that are past due; then the rest, in advance, the next one, its fee ahead of its interest."""
    paid, payment = _paid(PaymentRules(in_order(COSTS_FIRST)), date(2024, 3, 1), 110 + 113 + 12)
    assert paid == [[100, 10, 0, 0], [100, 10, 3, 0], [2, 10, 0, 0], [0, 0, 0, 0]]
    assert payment.left_minor == 0
    assert payment.split == [202, 30, 3, 0]


def test_vertically_a_portion_is_paid_in_all_installments_before_the_next() -> None:
    rules = PaymentRules(in_order((INTEREST, PRINCIPAL, FEES, PENALTIES)), processing=Processing.VERTICAL)
    paid, _ = _paid(rules, date(2024, 3, 1), 120)
    assert paid == [[100, 10, 0, 0], [0, 10, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_what_is_due_on_the_day_has_rules_of_its_own() -> None:
    """Due comes first here, whatever is past due."""
    due_first = sorted(EVERY_RULE, key=lambda rule: (rule.when.value != "DUE", rule.when.value, rule.portion))
    paid, _ = _paid(PaymentRules(RuleList(tuple(due_first))), date(2024, 2, 10), 113)
    assert paid == [[0, 0, 0, 0], [100, 10, 3, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_in_advance_the_last_installment_can_come_first() -> None:
    rules = PaymentRules(in_order(COSTS_FIRST, Future.LAST_INSTALLMENT))
    paid, _ = _paid(rules, date(2024, 1, 1), 120)
    assert paid == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 7, 0, 0], [100, 10, 3, 0]]


def test_reamortization_divides_what_is_left_at_each_rule() -> None:
    """45 over four: nothing to do for penalties; of 11 each, two fees of 3; of 39, 10 each (two have 9.75 rounded)."""
    rules = PaymentRules(in_order(COSTS_FIRST, Future.REAMORTIZATION))
    paid, payment = _paid(rules, date(2024, 1, 1), 45)
    assert [row[FEES] for row in paid] == [0, 3, 0, 3]
    assert [row[INTEREST] for row in paid] == [10, 10, 10, 9]
    assert payment.left_minor == 0


def test_a_kind_of_transaction_can_have_a_list_of_its_own() -> None:
    special = ((TransactionKind.GOODWILL_CREDIT, in_order(COSTS_FIRST, Future.LAST_INSTALLMENT)),)
    rules = PaymentRules(in_order(COSTS_FIRST), special)
    assert _paid(rules, date(2024, 1, 1), 5)[0][0] == [0, 5, 0, 0]
    assert _paid(rules, date(2024, 1, 1), 5, TransactionKind.GOODWILL_CREDIT)[0][3] == [0, 2, 3, 0]


def test_what_no_installment_takes_is_left() -> None:
    assert _paid(PaymentRules(in_order(COSTS_FIRST)), date(2024, 3, 1), 500)[1].left_minor == 500 - 446


def test_a_list_without_one_of_the_rules_is_refused() -> None:
    with pytest.raises(ValueError, match="once"):
        RuleList((PaymentRule(*next((rule.when, rule.portion) for rule in EVERY_RULE)),))


@given(
    order=st.permutations(sorted(EVERY_RULE, key=str)),
    future=st.sampled_from(Future),
    processing=st.sampled_from(Processing),
    day=st.dates(date(2023, 12, 1), date(2024, 6, 1)),
    amount_minor=st.integers(1, 700),
)
def test_no_unit_is_lost_or_made(
    order: list[PaymentRule], future: Future, processing: Processing, day: date, amount_minor: int
) -> None:
    rules = PaymentRules(RuleList(tuple(order), future), processing=processing)
    paid, payment = _paid(rules, day, amount_minor)
    assert sum(map(sum, paid)) == sum(payment.split) == amount_minor - payment.left_minor
    assert payment.left_minor == max(0, amount_minor - 446)
    for row, fresh in zip(paid, _rows(), strict=True):
        assert all(0 <= got <= due for got, due in zip(row, fresh.due, strict=True))
