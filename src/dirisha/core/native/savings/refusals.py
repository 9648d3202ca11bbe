"""What savings, deposits and shares refuse: the rule that is broken, the limit it sets, and what was given."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

Figure = Decimal | int | date | str


class Rule(StrEnum):
    """The code of a `SavingsRefused`."""

    # Terms that cannot be honoured.
    INTEREST_RATE = "savings.interest_rate"
    FINANCIAL_YEAR_START = "savings.financial_year_start"
    AMOUNT_NOT_NEGATIVE = "savings.amount_not_negative"
    AMOUNT_ABOVE_ZERO = "savings.amount_above_zero"
    PERCENTAGE = "savings.percentage"
    ROUNDING = "savings.rounding"
    SPAN_ABOVE_ZERO = "savings.span_above_zero"
    DORMANCY_ORDER = "savings.dormancy_order"
    CHARGE_NEEDS_DATE = "savings.charge_needs_date"
    CHART_HAS_NO_RATE = "savings.chart_has_no_rate"
    DEPOSIT_TERM = "savings.deposit_term"
    TOO_LONG = "savings.too_long"

    # Acts that an account does not take.
    STATUS = "savings.status"
    NOT_ACTIVE = "savings.not_active"
    BLOCKED = "savings.blocked"
    CREDITS_BLOCKED = "savings.credits_blocked"
    DEBITS_BLOCKED = "savings.debits_blocked"
    NOT_BLOCKED = "savings.not_blocked"
    DATE_IN_FUTURE = "savings.date_in_future"
    BEFORE_ACTIVATION = "savings.before_activation"
    AFTER_MATURITY = "savings.after_maturity"
    BEFORE_MATURITY = "savings.before_maturity"
    BEFORE_LAST_TRANSACTION = "savings.before_last_transaction"
    LOCKED_IN = "savings.locked_in"
    INSUFFICIENT_BALANCE = "savings.insufficient_balance"
    BALANCE_BELOW_ZERO = "savings.balance_below_zero"
    HOLD_ABOVE_BALANCE = "savings.hold_above_balance"
    NOT_ON_HOLD = "savings.not_on_hold"
    NO_SUCH_TRANSACTION = "savings.no_such_transaction"
    PART_OF_TRANSFER = "savings.part_of_transfer"
    INTEREST_NOT_POSTED = "savings.interest_not_posted"
    BALANCE_NOT_ZERO = "savings.balance_not_zero"
    NO_SUCH_CHARGE = "savings.no_such_charge"
    CHARGE_NOT_OPEN = "savings.charge_not_open"
    CHARGE_ABOVE_OUTSTANDING = "savings.charge_above_outstanding"
    CHARGE_OF_ACTIVE_ACCOUNT = "savings.charge_of_active_account"
    NOT_OFFERED = "savings.not_offered"

    # Shares.
    SHARES_WITHIN_PRODUCT = "shares.within_product"
    SHARES_HELD = "shares.held"
    NO_SUCH_REQUEST = "shares.no_such_request"


class SavingsRefused(ValueError):
    """Terms that cannot be honoured or an act that is not taken: nothing is changed."""

    def __init__(self, rule: Rule, *, limit: Figure, given: Figure) -> None:
        super().__init__(f"{rule}: the limit is {limit}, not {given}")
        self.rule = rule
        self.limit = limit
        self.given = given


def at_least(rule: Rule, given: int | Decimal, least: int | Decimal) -> None:
    if not given >= least:
        raise SavingsRefused(rule, limit=least, given=given)


def at_most(rule: Rule, given: int | Decimal, most: int | Decimal) -> None:
    if not given <= most:
        raise SavingsRefused(rule, limit=most, given=given)


def not_before(rule: Rule, given: date, earliest: date) -> None:
    if given < earliest:
        raise SavingsRefused(rule, limit=earliest, given=given)


def not_after(rule: Rule, given: date, latest: date) -> None:
    if given > latest:
        raise SavingsRefused(rule, limit=latest, given=given)
