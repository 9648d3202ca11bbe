"""The API's addresses, each with or without a slash at the end."""

from __future__ import annotations

from django.urls import re_path

from dirisha.acts.access.login import login
from dirisha.acts.loans.repay import repay
from dirisha.acts.transfers.own import own
from dirisha.channels.mifos import authentication, clients, loans, savings, transfers
from dirisha.channels.mifos.visit import Method, elsewhere, route
from dirisha.queries import accounts as account_questions
from dirisha.queries import clients as client_questions
from dirisha.queries import loans as loan_questions

SELF = "^api/v1/self/"
ID = "-?[0-9]{1,18}"

EVERYTHING = (account_questions.everything.name,)

urlpatterns = [
    re_path(
        f"{SELF}authentication/?$",
        route(POST=Method(authentication.authenticate, (login.name, client_questions.mine.name), public=True)),
        name="mifos.authentication",
    ),
    re_path(
        f"{SELF}clients/?$", route(GET=Method(clients.listed, (client_questions.mine.name,))), name="mifos.clients"
    ),
    re_path(
        f"{SELF}clients/(?P<client_id>{ID})/?$",
        route(GET=Method(clients.one, (client_questions.mine.name,))),
        name="mifos.client",
    ),
    re_path(
        f"{SELF}clients/(?P<client_id>{ID})/accounts/?$",
        route(GET=Method(clients.accounts, EVERYTHING)),
        name="mifos.accounts",
    ),
    re_path(
        f"{SELF}loans/(?P<loan_id>{ID})/?$",
        route(GET=Method(loans.one, (loan_questions.file.name,))),
        name="mifos.loan",
    ),
    re_path(
        f"{SELF}savingsaccounts/(?P<savings_id>{ID})/?$",
        route(GET=Method(savings.one, (account_questions.file.name,))),
        name="mifos.savings",
    ),
    re_path(
        f"{SELF}accounttransfers/template/?$",
        route(GET=Method(transfers.options, EVERYTHING)),
        name="mifos.transfer_options",
    ),
    re_path(
        f"{SELF}accounttransfers/?$",
        route(POST=Method(transfers.create, (own.name, repay.name), moves_money=True)),
        name="mifos.transfers",
    ),
    re_path("", elsewhere, name="mifos.elsewhere"),
]
