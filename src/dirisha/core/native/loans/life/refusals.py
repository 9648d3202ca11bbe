"""Events that a loan in its state cannot take: the rule they break, the limit it sets, and what was given."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class EventRule(StrEnum):
    """What an event must keep to; the code of an `EventRefused`."""

    AMOUNT_ABOVE_ZERO = "loan.amount_above_zero"
    LARGEST_AMOUNT = "loan.largest_amount"
    NOT_IN_THE_FUTURE = "loan.not_in_the_future"
    NOT_BEFORE_DISBURSEMENT = "loan.not_before_disbursement"
    NOT_BEFORE_SUBMISSION = "loan.not_before_submission"
    NOT_BEFORE_APPROVAL = "loan.not_before_approval"
    STATUS = "loan.status"
    AT_MOST_APPROVED = "loan.at_most_approved"
    AT_MOST_OUTSTANDING_INTEREST = "loan.at_most_outstanding_interest"
    AT_MOST_OVERPAID = "loan.at_most_overpaid"
    AT_MOST_PAID_IN_ADVANCE = "loan.at_most_paid_in_advance"
    REFUNDS_ARE_COVERED = "loan.refunds_are_covered"
    AT_MOST_WRITTEN_OFF = "loan.at_most_written_off"
    NOT_BEFORE_WRITE_OFF = "loan.not_before_write_off"
    NOT_BEFORE_LAST_TRANSACTION = "loan.not_before_last_transaction"
    AT_MOST_CHARGED_BACK = "loan.at_most_charged_back"
    AT_MOST_CHARGE = "loan.at_most_charge"
    NOTHING_OUTSTANDING = "loan.nothing_outstanding"
    TRANSACTION_STANDS = "loan.transaction_stands"
    CHARGE_OPEN = "loan.charge_open"
    ORDER_OF_BOOKING = "loan.order_of_booking"
    NOT_CHARGED_OFF = "loan.not_charged_off"
    SETTLES_AT_MOST_PRINCIPAL = "loan.settles_at_most_principal"
    RESCHEDULES_UNPAID_INSTALLMENT = "loan.reschedules_unpaid_installment"
    RESCHEDULES_WITHOUT_INSTALLMENT_FEES = "loan.reschedules_without_installment_fees"
    TRANCHE_EXPECTED = "loan.tranche_expected"
    TRANCHES_IN_ORDER = "loan.tranches_in_order"
    TRANCHES_TO_UNDO = "loan.tranches_to_undo"
    PREPAYS_A_PART = "loan.prepays_a_part"
    PREPAYS_PLAIN_LOAN = "loan.prepays_plain_loan"
    INTEREST_STAYS_AS_AGREED = "loan.interest_stays_as_agreed"


class EventRefused(ValueError):
    """Nothing has changed."""

    def __init__(self, rule: EventRule, *, limit: int | date | str, given: int | date | str) -> None:
        super().__init__(f"{rule}: the limit is {limit}, not {given}")
        self.rule = rule
        self.limit = limit
        self.given = given
