"""A savings account with its transactions, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dirisha.access.permissions import SEE_OWN
from dirisha.core.port import Client, Loan, Savings, SavingsLine, SavingsTurnover
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
    size = max(1, min(size, LARGEST_PAGE))
    # The lines first: a far core tells the account beside them. Of an account out of the scope there are none.
    lines = view.savings_lines(savings_id, before=before, limit=size + 1)
    account = view.savings(savings_id)
    shown = tuple(lines[:size])
    return AccountPage(account, shown, shown[-1].line if len(lines) > size else None)


@dataclass(frozen=True, slots=True)
class AccountFile:
    """All about a savings account; `lines` newest first, at most `LARGEST_PAGE` of them."""

    account: Savings
    turnover: SavingsTurnover
    lines: tuple[SavingsLine, ...]


@question("accounts.file", permission=SEE_OWN)
def file(view: QuestionView, *, savings_id: SavingsId, with_lines: bool) -> AccountFile:
    lines = view.savings_lines(savings_id, before=None, limit=LARGEST_PAGE) if with_lines else []
    turnover = view.savings_turnover(savings_id)
    return AccountFile(view.savings(savings_id), turnover, tuple(lines))


@dataclass(frozen=True, slots=True)
class Everything:
    """The clients that the asker acts for, with all their accounts, as of the business date `on`."""

    on: date
    clients: tuple[Client, ...]
    savings: tuple[Savings, ...]
    loans: tuple[Loan, ...]


@question("accounts.everything", permission=SEE_OWN)
def everything(view: QuestionView) -> Everything:
    overview = view.overview(latest=0)
    return Everything(view.business_date, overview.clients, overview.savings, overview.loans)


@question("accounts.mine", permission=SEE_OWN)
def mine(view: QuestionView) -> tuple[Savings, ...]:
    return view.overview(latest=0).savings
