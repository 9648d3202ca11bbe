"""The rule lists of the advanced payment allocation, as a recorded product gives them."""

from __future__ import annotations

from dirisha.core.native.loans.life.rows import Portion
from dirisha.core.native.loans.life.transactions import TransactionKind
from dirisha.core.native.loans.progressive.payment_rules import (
    Future,
    PaymentRule,
    PaymentRules,
    Processing,
    RuleList,
    When,
)
from tests.contracts.goldens.reading import Recording
from tests.contracts.goldens.terms_as_recorded import Unknown

DEFAULT = "DEFAULT"
PORTIONS = {
    "PRINCIPAL": Portion.PRINCIPAL,
    "INTEREST": Portion.INTEREST,
    "FEE": Portion.FEES,
    "PENALTY": Portion.PENALTIES,
}
KINDS = {
    "REPAYMENT": TransactionKind.REPAYMENT,
    "DOWN_PAYMENT": TransactionKind.DOWN_PAYMENT,
    "MERCHANT_ISSUED_REFUND": TransactionKind.MERCHANT_REFUND,
    "PAYOUT_REFUND": TransactionKind.PAYOUT_REFUND,
    "GOODWILL_CREDIT": TransactionKind.GOODWILL_CREDIT,
    "CHARGE_REFUND": TransactionKind.CHARGE_REFUND,
    "CHARGE_ADJUSTMENT": TransactionKind.CHARGE_ADJUSTMENT,
    "WAIVE_INTEREST": TransactionKind.WAIVE_INTEREST,
    "CHARGE_PAYMENT": TransactionKind.CHARGE_PAYMENT,
    "REFUND_FOR_ACTIVE_LOAN": TransactionKind.REFUND_BY_CASH,
    "INTEREST_PAYMENT_WAIVER": TransactionKind.INTEREST_PAYMENT_WAIVER,
    "INTEREST_REFUND": TransactionKind.INTEREST_REFUND,
}


def payment_rules(product: Recording) -> PaymentRules:
    """Raises `Unknown` for a list of a kind of transaction that is not known."""
    lists = {given["transactionType"]: _rule_list(given) for given in product["paymentAllocation"]}
    return PaymentRules(
        default=lists.pop(DEFAULT),
        special=tuple((_kind(written), rules) for written, rules in lists.items()),
        processing=Processing(product.get("loanScheduleProcessingType", "HORIZONTAL")),
    )


def _kind(written: str) -> TransactionKind:
    if written not in KINDS:
        raise Unknown(f"a rule list for {written}")
    return KINDS[written]


def _rule_list(given: Recording) -> RuleList:
    in_order = sorted(given["paymentAllocationOrder"], key=lambda rule: int(rule["order"]))
    return RuleList(
        tuple(_rule(rule["paymentAllocationRule"]) for rule in in_order),
        Future(given["futureInstallmentAllocationRule"]),
    )


def _rule(written: str) -> PaymentRule:
    """`PAST_DUE_PENALTY`: the last word is the portion."""
    when, _, portion = written.rpartition("_")
    return PaymentRule(When(when), PORTIONS[portion])
