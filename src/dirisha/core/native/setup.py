"""What an institution on the native core needs before its first client: offices and products. Idempotent."""

from __future__ import annotations

from collections.abc import Sequence

from dirisha.db.statements import Statements
from dirisha.db.transactions import Role, transaction
from dirisha.kit.ids import OfficeId
from dirisha.tenants.current import current
from dirisha.tenants.institution import LoanProduct

WRITES = Statements.beside(__file__, "sql/writes.sql")


def set_up(
    offices: Sequence[str], savings_products: Sequence[str], loan_products: Sequence[LoanProduct]
) -> list[OfficeId]:
    """Make those of the current institution's that are missing; the ids of the offices, in the order given."""
    money = current().money
    with transaction("native.set_up", Role.BOOKS) as tx:
        ids = [OfficeId(tx.run(WRITES["office_named"], {"name": name}).one().id) for name in offices]
        tx.run_many(WRITES["add_savings_product"], [{"name": name} for name in savings_products])
        tx.run_many(
            WRITES["add_loan_product"],
            [
                {
                    "name": product.name,
                    "rate": str(product.rate_percent),
                    "smallest": money(product.smallest).minor,
                    "largest": money(product.largest).minor,
                    "fewest": product.fewest_installments,
                    "most": product.most_installments,
                }
                for product in loan_products
            ],
        )
    return ids
