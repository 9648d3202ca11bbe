"""`dirisha ledger verify`: balances equal movements, and debits equal credits."""

from __future__ import annotations

from dirisha.db.transactions import Role, transaction
from dirisha.ledger.books import SQL


def findings() -> list[str]:
    """What does not hold in the current institution's books, one sentence each; empty when all is well."""
    with transaction("ledger.verify", Role.KEEPER) as tx:
        difference = tx.run(SQL["trial_balance"]).one().difference
        clients = tx.run(SQL["wrong_balances"]).all()
        controls = tx.run(SQL["wrong_control_balances"]).all()
    found = []
    if difference:
        found.append(f"debit balances less credit balances are {difference} minor units, not zero")
    for row in clients:
        found.append(
            f"account {row.number}: balance {row.balance} over {row.lines} lines,"
            f" movements {row.moved} in {row.counted}"
        )
    for row in controls:
        found.append(f"control account {row.number}: folded {row.folded}, movements {row.moved}")
    return found


def trial_balance_difference() -> int:
    """Debit balances less credit balances over all accounts, in one snapshot; zero in sound books."""
    with transaction("ledger.trial_balance", Role.KEEPER) as tx:
        return int(tx.run(SQL["trial_balance"]).one().difference)
