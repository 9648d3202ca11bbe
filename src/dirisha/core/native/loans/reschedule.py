"""What is agreed anew in the middle of a loan's life, from one of its installments on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dirisha.kit.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Reschedule:
    """From the installment due on `from_due` on; what is left out stays as it is.

    `moved_to` is its new due date, from which later ones are counted. `extra_installments` make the loan longer, and so
    does a grace, by as many installments as it spares. `interest_rate` is a percentage a year. `installment` holds for
    the installments due until `installment_until`; what is left then is spread over the rest.
    """

    from_due: date
    moved_to: date | None = None
    extra_installments: int = 0
    grace_on_principal: int = 0
    grace_on_interest_payment: int = 0
    interest_rate: Decimal | None = None
    installment: Money | None = None
    installment_until: date | None = None

    @property
    def longer_by(self) -> int:
        return self.extra_installments + max(self.grace_on_principal, self.grace_on_interest_payment)

    @property
    def changes_amounts(self) -> bool:
        return bool(self.longer_by) or self.interest_rate is not None or self.installment is not None
