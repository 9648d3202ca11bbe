"""All of a client's affairs on one page."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.access.permissions import SEE_OWN
from dirisha.core.port import Client, Savings, SavingsLine
from dirisha.core.view import QuestionView
from dirisha.kit.ids import SavingsId
from dirisha.payments import instructions
from dirisha.payments.instructions import Instruction
from dirisha.queries.ask import question
from dirisha.queries.loans import LoanStanding, standing

LATEST = 5


@dataclass(frozen=True, slots=True)
class Summary:
    """`loans` has those with something due or late first; `latest` the newest lines over all savings accounts.

    `on_its_way` is money that a far core has been asked to move and has not told the end of, oldest first.
    """

    clients: tuple[Client, ...]
    savings: tuple[Savings, ...]
    loans: tuple[LoanStanding, ...]
    latest: tuple[tuple[SavingsId, SavingsLine], ...]
    on_its_way: tuple[Instruction, ...] = ()


@question("summary.mine", permission=SEE_OWN)
def mine(view: QuestionView) -> Summary:
    overview = view.overview(latest=LATEST)
    standings = sorted((standing(loan, view.business_date) for loan in overview.loans), key=LoanStanding.urgency)
    on_its_way = instructions.under_way(view.scope, [client.id for client in overview.clients]) if view.is_far else ()
    return Summary(overview.clients, overview.savings, tuple(standings), overview.latest, on_its_way)
