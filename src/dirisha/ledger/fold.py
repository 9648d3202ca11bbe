"""The fold of control accounts: each second, movements that have ended are added to `control_balance`.

Acts never touch a row of a control account (one hot row would queue the bank), so the balance is the folded amount
plus the movements since. The fold stops at the horizon: order of ids is not order of commits.
"""

from __future__ import annotations

from dirisha.db.horizon import horizon
from dirisha.db.transactions import Role, transaction
from dirisha.ledger.books import SQL


def fold() -> bool:
    """Fold the current institution's control accounts; False when another worker is at it or nothing is new."""
    with transaction("ledger.fold", Role.KEEPER) as tx:
        if not tx.run(SQL["lock_fold"]).one().mine:
            return False
        upto = int(tx.run(SQL["folded_upto"]).one().upto)
        to = horizon(tx)
        if to <= upto:
            return False
        tx.run(SQL["fold_range"], {"from": str(upto), "to": str(to)})
    return True
