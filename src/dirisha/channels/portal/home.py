"""All of one's affairs on one page: what matters today, the money, what happened last, how the loans stand."""

from __future__ import annotations

from django.http import HttpResponse

from dirisha.channels.portal.pages import page
from dirisha.channels.portal.visit import Visit
from dirisha.queries import summary
from dirisha.queries.ask import ask


@page(summary.mine)
def home(visit: Visit) -> HttpResponse:
    mine = ask(summary.mine, visit.actor, at=visit.at)
    names = {account.id: account for account in mine.savings}
    loans = [each for each in mine.loans if each.loan.is_active]
    first_name = mine.clients[0].first_name if mine.clients else ""
    return visit.page(
        "home",
        greeting=visit.speech.greeting(first_name),
        urgent=[each for each in loans if not each.to_pay.due_now.total.is_zero],
        coming=next((each for each in loans if each.to_pay.next_due_on), None),
        loans=loans,
        is_on_plan=bool(loans) and all(each.to_pay.late_since is None for each in loans),
        on_its_way=mine.on_its_way,
        savings=mine.savings,
        latest=[(names[account_id], line) for account_id, line in mine.latest],
    )
