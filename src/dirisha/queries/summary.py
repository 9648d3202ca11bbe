"""All of a client's affairs on one page."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.access.permissions import SEE_OWN
from dirisha.core.port import Client, Savings, SavingsLine
from dirisha.core.view import QuestionView
from dirisha.kit.ids import SavingsId
from dirisha.queries.ask import question
from dirisha.queries.loans import LoanStanding, standing

LATEST = 5


@dataclass(frozen=True, slots=True)
class Summary:
    """`loans` has those with something due or late first; `latest` the newest lines over all savings accounts."""

    clients: tuple[Client, ...]
    savings: tuple[Savings, ...]
    loans: tuple[LoanStanding, ...]
    latest: tuple[tuple[SavingsId, SavingsLine], ...]


@question("summary.mine", permission=SEE_OWN)
def mine(view: QuestionView) -> Summary:
    overview = view.overview(latest=LATEST)
    standings = sorted((standing(loan, view.business_date) for loan in overview.loans), key=LoanStanding.urgency)
    return Summary(overview.clients, overview.savings, tuple(standings), overview.latest)
