"""Move money between one's own accounts: the first step."""

from __future__ import annotations

from django.http import HttpResponse

from dirisha.acts.access.send_code import send_code
from dirisha.acts.transfers.own import own
from dirisha.channels.portal.forms import Form
from dirisha.channels.portal.pages import page
from dirisha.channels.portal.pay import propose
from dirisha.channels.portal.refusals import Explained
from dirisha.channels.portal.visit import Visit
from dirisha.core.port import AccountStatus
from dirisha.kit.ids import SavingsId
from dirisha.queries import accounts
from dirisha.queries.ask import ask


@page(accounts.mine, own, send_code, methods=("GET", "POST"))
def move(visit: Visit) -> HttpResponse:
    mine = ask(accounts.mine, visit.actor, at=visit.at)
    savings = [each for each in mine if each.status is AccountStatus.ACTIVE]
    form = Form(visit.request.POST.dict() if visit.request.method == "POST" else visit.request.GET.dict(), visit.speech)

    def ask_amount(refused: Explained | None = None, status: int = 200) -> HttpResponse:
        return visit.page("move", status=status, form=form, refused=refused, savings=savings)

    if visit.request.method != "POST":
        return ask_amount()
    amount, source, target = form.amount(visit.institution), form.id("source_id"), form.id("target_id")
    if amount is None or source is None or target is None:
        return ask_amount(status=422)
    inputs = {"source_id": SavingsId(source), "target_id": SavingsId(target), "amount": amount}
    return propose(visit, own, inputs, form, ask_amount)
