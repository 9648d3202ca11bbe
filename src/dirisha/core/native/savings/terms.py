"""The terms of a savings account, a fixed or a recurring deposit: what product and application say."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from dirisha.core.native.savings.charge_terms import ChargeTerms
from dirisha.core.native.savings.deposit_terms import DepositTerms
from dirisha.core.native.savings.interest_terms import InterestTerms
from dirisha.core.native.savings.refusals import Rule, SavingsRefused, at_least, at_most
from dirisha.core.native.savings.span import Span
from dirisha.kit.money import Currency


@dataclass(frozen=True, slots=True)
class Dormancy:
    """Days without a deposit or withdrawal until an account is inactive, dormant, and its balance escheated."""

    days_to_inactive: int
    days_to_dormancy: int
    days_to_escheat: int

    def __post_init__(self) -> None:
        at_least(Rule.DORMANCY_ORDER, self.days_to_inactive, 1)
        at_least(Rule.DORMANCY_ORDER, self.days_to_dormancy, self.days_to_inactive)
        at_least(Rule.DORMANCY_ORDER, self.days_to_escheat, self.days_to_dormancy)


class AccountKind(IntEnum):
    """Fineract's `DepositAccountType`."""

    SAVINGS = 100
    FIXED_DEPOSIT = 200
    RECURRING_DEPOSIT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingsTerms:
    """Amounts in minor units. Raises `SavingsRefused`.

    `overdraft_limit_minor`: None where no overdraft is allowed. `minimum_balance_minor`: no debit may go below it.
    `opening_minor` is deposited at activation. `lien_limit_minor`: how far holds may exceed the balance; None: not at
    all. `tax_percentages`: the parts of a tax withheld from posted interest, each rounded by itself.
    `deposit`: the terms of a fixed or recurring deposit; None for plain savings.
    """

    currency: Currency
    interest: InterestTerms
    overdraft_limit_minor: int | None = None
    minimum_balance_minor: int = 0
    opening_minor: int = 0
    lock_in: Span | None = None
    lien_limit_minor: int | None = None
    dormancy: Dormancy | None = None
    tax_percentages: tuple[Decimal, ...] = ()
    charges: tuple[ChargeTerms, ...] = ()
    withdrawal_fee_for_transfers: bool = False
    deposit: DepositTerms | None = None

    def __post_init__(self) -> None:
        for amount in (
            self.overdraft_limit_minor,
            self.minimum_balance_minor,
            self.opening_minor,
            self.lien_limit_minor,
        ):
            at_least(Rule.AMOUNT_NOT_NEGATIVE, amount or 0, 0)
        for percentage in self.tax_percentages:
            if not percentage.is_finite():
                raise SavingsRefused(Rule.PERCENTAGE, limit=100, given=percentage)
            at_least(Rule.PERCENTAGE, percentage, 0)
            at_most(Rule.PERCENTAGE, percentage, 100)

    @property
    def kind(self) -> AccountKind:
        if self.deposit is None:
            return AccountKind.SAVINGS
        return AccountKind.FIXED_DEPOSIT if self.deposit.recurring is None else AccountKind.RECURRING_DEPOSIT

    @property
    def least_balance_minor(self) -> int:
        """A debit must leave at least this much: the required minimum, less the overdraft."""
        return self.minimum_balance_minor - (self.overdraft_limit_minor or 0)

    @property
    def bears_interest(self) -> bool:
        """Whether interest is reckoned at all: at some rate on balances or, within a limit, on overdrafts."""
        overdraft = bool(self.overdraft_limit_minor) and bool(self.interest.overdraft_rate)
        return self.deposit is not None or bool(self.interest.annual_rate) or overdraft
