"""What Fineract's no means in our words: one table from its codes to our refusals.

There is none for more than is outstanding: Fineract takes that, so the loan is looked at before. A code that is not in
the table is `RefusedByCore`, and logged: the person hears that the branch's system refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto


class Meaning(Enum):
    NOT_ENOUGH_MONEY = auto()
    SOURCE_NOT_ACTIVE = auto()
    TARGET_NOT_ACTIVE = auto()
    AN_ACCOUNT_NOT_ACTIVE = auto()  # Fineract does not say which of the two
    LOAN_NOT_ACTIVE = auto()
    NOT_KNOWN_TO_US = auto()


TABLE = {
    "error.msg.savingsaccount.transaction.insufficient.account.balance": Meaning.NOT_ENOUGH_MONEY,
    "validation.msg.savingsaccount.insufficient.balance": Meaning.NOT_ENOUGH_MONEY,
    "error.msg.savings.account.debit.transaction.not.allowed": Meaning.SOURCE_NOT_ACTIVE,
    "error.msg.savingsaccount.transaction.withdrawals.blocked.during.lockin.period": Meaning.SOURCE_NOT_ACTIVE,
    "error.msg.savings.account.credit.transaction.not.allowed": Meaning.TARGET_NOT_ACTIVE,
    "error.msg.saving.account.blocked.transaction.not.allowed": Meaning.AN_ACCOUNT_NOT_ACTIVE,
    "error.msg.savingsaccount.transaction.account.is.not.active": Meaning.AN_ACCOUNT_NOT_ACTIVE,
    "error.msg.saving.account.id.invalid": Meaning.AN_ACCOUNT_NOT_ACTIVE,
    "error.msg.client.not.active.exception": Meaning.AN_ACCOUNT_NOT_ACTIVE,
    "error.msg.client.id.invalid": Meaning.AN_ACCOUNT_NOT_ACTIVE,
    "error.msg.client.not.found.with.client.id": Meaning.AN_ACCOUNT_NOT_ACTIVE,
    "error.msg.loan.must.be.active.fully.paid.or.overpaid": Meaning.LOAN_NOT_ACTIVE,
    "error.msg.loan.id.invalid": Meaning.LOAN_NOT_ACTIVE,
}


def meaning_of(codes: Sequence[str]) -> Meaning:
    """By the first code that the table knows."""
    return next((TABLE[code] for code in codes if code in TABLE), Meaning.NOT_KNOWN_TO_US)
