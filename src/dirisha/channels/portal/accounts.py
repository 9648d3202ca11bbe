"""Savings accounts and what went through them."""

from __future__ import annotations

from django.http import HttpResponse

from dirisha.channels.portal.pages import page
from dirisha.channels.portal.visit import Visit
from dirisha.kit.ids import SavingsId
from dirisha.queries import accounts as questions
from dirisha.queries import summary
from dirisha.queries.ask import ask


@page(summary.mine)
def accounts(visit: Visit) -> HttpResponse:
    mine = ask(summary.mine, visit.actor, at=visit.at)
    return visit.page("accounts", savings=mine.savings, loans=mine.loans)


@page(questions.page)
def account(visit: Visit, savings_id: int) -> HttpResponse:
    """Pages are cut by line numbers: `before` is the last line of the page before; anything else is the newest page."""
    before = _line(visit.request.GET.get("before", ""))
    shown = ask(questions.page, visit.actor, at=visit.at, savings_id=SavingsId(savings_id), before=before)
    return visit.page("account", shown=shown, is_newest=before is None)


def _line(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 19 else None
