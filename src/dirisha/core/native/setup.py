"""What an institution on the native core needs before its first client: offices and products. Idempotent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from dirisha.core.native.core import WRITES
from dirisha.db.transactions import Role, transaction
from dirisha.kit.ids import OfficeId
from dirisha.kit.money import Money


@dataclass(frozen=True, slots=True)
class LoanProductTerms:
    """Declining balance, equal installments, monthly; `rate_percent` nominal a year."""

    name: str
    rate_percent: Decimal
    smallest: Money
    largest: Money
    fewest_installments: int
    most_installments: int


def set_up(offices: list[str], savings_products: list[str], loan_products: list[LoanProductTerms]) -> list[OfficeId]:
    """The ids of the offices, in the order given."""
    with transaction("native.set_up", Role.BOOKS) as tx:
        ids = [OfficeId(tx.run(WRITES["office_named"], {"name": name}).one().id) for name in offices]
        tx.run_many(WRITES["add_savings_product"], [{"name": name} for name in savings_products])
        tx.run_many(
            WRITES["add_loan_product"],
            [
                {
                    "name": product.name,
                    "rate": str(product.rate_percent),
                    "smallest": product.smallest.minor,
                    "largest": product.largest.minor,
                    "fewest": product.fewest_installments,
                    "most": product.most_installments,
                }
                for product in loan_products
            ],
        )
    return ids
