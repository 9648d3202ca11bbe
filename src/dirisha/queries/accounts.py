"""A savings account with its transactions, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.access.permissions import SEE_OWN
from dirisha.core.port import Savings, SavingsLine
from dirisha.core.view import QuestionView
from dirisha.kit.ids import SavingsId
from dirisha.queries.ask import question

PAGE = 20
LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class AccountPage:
    """`lines` newest first; `older` is what the next page is asked with (`before`), None on the last one."""

    account: Savings
    lines: tuple[SavingsLine, ...]
    older: int | None


@question("accounts.page", permission=SEE_OWN)
def page(view: QuestionView, *, savings_id: SavingsId, before: int | None = None, size: int = PAGE) -> AccountPage:
    """Keyset paging: cost and order don't change when lines are added meanwhile."""
    account = view.savings(savings_id)
    size = max(1, min(size, LARGEST_PAGE))
    lines = view.savings_lines(savings_id, before=before, limit=size + 1)
    shown = tuple(lines[:size])
    return AccountPage(account, shown, shown[-1].line if len(lines) > size else None)


@question("accounts.mine", permission=SEE_OWN)
def mine(view: QuestionView) -> tuple[Savings, ...]:
    return view.overview(latest=0).savings
