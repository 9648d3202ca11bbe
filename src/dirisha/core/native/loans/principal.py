"""What an installment repays of the principal, before the last installment takes what is left.

Source: Fineract's `LoanApplicationTerms.calculateTotalPrincipalForPeriod`; loan-math §4, §6, §8.
"""

from __future__ import annotations

from decimal import Decimal

from dirisha.core.native.doubles import level_payment
from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.interest import Interest
from dirisha.core.native.loans.rates import Rates


class EqualInstallments:
    """Principal and interest together are the same; interest carried from a grace comes on top of it."""

    __slots__ = ("_spared", "level_minor")

    def __init__(self, level_minor: int, spared: frozenset[int] = frozenset()) -> None:
        self.level_minor: int | None = level_minor
        self._spared = spared

    def of(self, number: int, interest: Interest, lent_minor: int) -> int:
        if number in self._spared:
            return 0
        assert self.level_minor is not None
        return self.level_minor - interest.own


class EqualPrincipal:
    """The same principal in each installment that repays any."""

    __slots__ = ("_share_minor", "_spared", "level_minor")

    def __init__(self, share_minor: int, spared: frozenset[int]) -> None:
        self.level_minor: int | None = None
        self._share_minor = share_minor
        self._spared = spared

    def of(self, number: int, interest: Interest, lent_minor: int) -> int:
        return 0 if number in self._spared else self._share_minor


class PercentagePrincipal:
    """A fixed percentage of what was lent."""

    __slots__ = ("_amounts", "_percentage", "_spared", "level_minor")

    def __init__(self, amounts: Amounts, percentage: Decimal, spared: frozenset[int]) -> None:
        self.level_minor: int | None = None
        self._amounts = amounts
        self._percentage = percentage
        self._spared = spared

    def of(self, number: int, interest: Interest, lent_minor: int) -> int:
        return 0 if number in self._spared else self._amounts.percent(lent_minor, self._percentage)


class FlatPrincipal:
    """An equal share or a percentage of what was lent, rounded so that the installment is a multiple.

    Interest keeps its cents: principal takes the rounding of both. So it does where a grace spares the principal, and
    may be negative there; loan-math §17.
    """

    __slots__ = ("_amounts", "_percentage", "_repaying", "_spared", "level_minor")

    def __init__(self, amounts: Amounts, repaying: int, percentage: Decimal | None, spared: frozenset[int]) -> None:
        self.level_minor: int | None = None
        self._amounts = amounts
        self._repaying = repaying
        self._percentage = percentage
        self._spared = spared

    def of(self, number: int, interest: Interest, lent_minor: int) -> int:
        amounts = self._amounts
        if number in self._spared:
            principal_minor = 0
        elif self._percentage is not None:
            principal_minor = amounts.percent(lent_minor, self._percentage)
        else:
            principal_minor = amounts.share(lent_minor, self._repaying)
        if not amounts.installment_multiple:
            return principal_minor
        in_multiples = amounts.in_installment_multiple
        return in_multiples(principal_minor) + in_multiples(interest.asked) - interest.asked


def level_installment(amounts: Amounts, principal_minor: int, rates: Rates, count: int) -> int:
    """What each of `count` installments comes to that repay `principal_minor` with interest, by the annuity formula.

    Rounded to the product's multiple, then to the currency. Source: loan-math §3.4.
    """
    principal = Decimal(principal_minor).scaleb(-amounts.scale)
    return amounts.installment_from_major(level_payment(principal, rates.of_annuity(), count))
