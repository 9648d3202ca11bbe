"""The portal's addresses."""

from __future__ import annotations

from django.urls import path, register_converter

from dirisha.channels.portal import accounts, home, loans, login, look, move, pay, receipts, settings
from dirisha.channels.portal.addresses import IdConverter

register_converter(IdConverter, "id")

urlpatterns = [
    path("", home.home, name="portal.home"),
    path("login", login.login, name="portal.login"),
    path("logout", login.logout, name="portal.logout"),
    path("accounts", accounts.accounts, name="portal.accounts"),
    path("accounts/<id:savings_id>", accounts.account, name="portal.account"),
    path("loans/<id:loan_id>", loans.loan, name="portal.loan"),
    path("loans/<id:loan_id>/pay", loans.pay, name="portal.repay"),
    path("move", move.move, name="portal.move"),
    path("pay/<uuid:quote_id>", pay.check, name="portal.check"),
    path("pay/<uuid:quote_id>/code", pay.send_again, name="portal.send_again"),
    path("receipts/<str:reference>", receipts.receipt, name="portal.receipt"),
    path("settings", settings.settings, name="portal.settings"),
    path("settings/language", settings.language, name="portal.language"),
    path("settings/sms", settings.sms, name="portal.sms"),
    path("look.css", look.colours, name="portal.colours"),
    path("mark.svg", look.mark, name="portal.mark"),
]
