"""In which order a payment on a progressive loan falls on what is owed: rule lists of the product, as data.

A rule names when an installment is due, seen from the day of the payment, and a portion of it. A list belongs to a kind
of transaction, or is the default of all others. Source: Fineract's `PaymentAllocationType`,
`FutureInstallmentAllocationRule` and `LoanScheduleProcessingType`; loan-math §10, last row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dirisha.core.native.loans.life.rows import Portion
from dirisha.core.native.loans.life.transactions import TransactionKind


class When(StrEnum):
    """Where an installment's due date lies, seen from the day of a payment."""

    PAST_DUE = "PAST_DUE"
    DUE = "DUE"
    IN_ADVANCE = "IN_ADVANCE"

    @classmethod
    def of(cls, due_date: date, on: date) -> When:
        if due_date < on:
            return cls.PAST_DUE
        return cls.DUE if due_date == on else cls.IN_ADVANCE


class Future(StrEnum):
    """On which of the installments to come a payment in advance falls: one of them, or all in equal parts."""

    NEXT_INSTALLMENT = "NEXT_INSTALLMENT"
    LAST_INSTALLMENT = "LAST_INSTALLMENT"
    REAMORTIZATION = "REAMORTIZATION"


class Processing(StrEnum):
    """Horizontal: an installment is paid in all its portions before the next one is looked at.

    Vertical: a portion is paid in all installments before the next portion is looked at.
    """

    HORIZONTAL = "HORIZONTAL"
    VERTICAL = "VERTICAL"


@dataclass(frozen=True, slots=True)
class PaymentRule:
    when: When
    portion: Portion


@dataclass(frozen=True, slots=True)
class RuleList:
    """All twelve rules, in the order in which they are applied. Raises `ValueError` where one is missing."""

    rules: tuple[PaymentRule, ...]
    future: Future = Future.NEXT_INSTALLMENT

    def __post_init__(self) -> None:
        if len(self.rules) != len(EVERY_RULE) or set(self.rules) != EVERY_RULE:
            raise ValueError("a rule list has each pair of due date and portion once")

    def backwards(self) -> RuleList:
        """For money that is taken back where the product says nothing of it: what was paid last comes back first."""
        return RuleList(self.rules[::-1], Future.LAST_INSTALLMENT)

    def by_when(self) -> list[tuple[When, list[Portion]]]:
        """The portions of past due, due and coming installments, in the order in which each of the three comes up."""
        groups: dict[When, list[Portion]] = {}
        for rule in self.rules:
            groups.setdefault(rule.when, []).append(rule.portion)
        return list(groups.items())


EVERY_RULE = frozenset(PaymentRule(when, portion) for when in When for portion in Portion)


@dataclass(frozen=True, slots=True)
class PaymentRules:
    """What a product says: a list for all kinds of transactions, and `special` ones for some."""

    default: RuleList
    special: tuple[tuple[TransactionKind, RuleList], ...] = ()
    processing: Processing = Processing.HORIZONTAL

    def list_for(self, kind: TransactionKind) -> RuleList:
        return next((rules for special, rules in self.special if special is kind), self.default)

    def list_for_taking_back(self, kind: TransactionKind) -> RuleList:
        return next((rules for special, rules in self.special if special is kind), self.default.backwards())


def in_order(portions: Sequence[Portion], future: Future = Future.NEXT_INSTALLMENT) -> RuleList:
    """The same order of portions for what is past due, then for what is due, then in advance."""
    return RuleList(tuple(PaymentRule(when, portion) for when in When for portion in portions), future)
