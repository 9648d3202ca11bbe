"""A client, alone and in a list, and the overview of the client's accounts."""

from __future__ import annotations

from datetime import date

from dirisha.core.port import Client, Loan, Savings
from dirisha.core.what_to_pay import progress, what_to_pay
from dirisha.wire import enumerations as enums
from dirisha.wire import timelines
from dirisha.wire.timelines import Hand
from dirisha.wire.written import Figures, Json, day, present, short_name


def client(client: Client, by: Hand | None = None) -> Json:
    return _basics(client, timelines.of_client(client, by, with_submitter=False)) | {
        "clientCollateralManagements": [],
        "groups": [],
    }


def in_list(client: Client, by: Hand | None = None) -> Json:
    return _basics(client, timelines.of_client(client, by)) | {
        "subStatus": enums.UNSET,
        "clientType": enums.UNSET,
        "clientClassification": enums.UNSET,
        "clientNonPersonDetails": {"constitution": enums.UNSET, "mainBusinessLine": enums.UNSET},
    }


def _basics(client: Client, timeline: Json) -> Json:
    return present(
        id=client.id,
        accountNo=client.number,
        status=enums.CLIENT_ACTIVE,
        active=True,
        activationDate=day(client.activated_on),
        firstname=client.first_name,
        lastname=client.last_name,
        displayName=client.display_name,
        mobileNo=client.msisdn,
        gender=enums.UNSET,
        isStaff=False,
        officeId=client.office,
        officeName=client.office_name,
        timeline=timeline,
        legalForm=enums.PERSON,
    )


def savings_item(account: Savings, figures: Figures, by: Hand | None = None) -> Json:
    return {
        "id": account.id,
        "accountNo": account.number,
        "productId": account.product_id,
        "productName": account.name,
        "shortProductName": short_name(account.name),
        "status": enums.SAVINGS_STATUS[account.status],
        "currency": figures.currency,
        "accountBalance": figures.kept(account.balance),
        "accountType": enums.INDIVIDUAL,
        "timeline": timelines.of_savings(account, by),
        "subStatus": enums.SUB_STATUS_OF_SAVINGS[account.status],
        "depositType": enums.SAVINGS_DEPOSIT,
    }


def loan_item(loan: Loan, cycle: int, on: date, figures: Figures, by: Hand | None = None) -> Json:
    """`cycle` counts the client's loans; `on` is the day on which it is late or not."""
    return {
        "id": loan.id,
        "accountNo": loan.number,
        "productId": loan.product_id,
        "productName": loan.name,
        "shortProductName": short_name(loan.name),
        "status": enums.LOAN_STATUS[loan.status],
        "currency": figures.currency,
        "loanType": enums.INDIVIDUAL,
        "loanCycle": cycle,
        "timeline": timelines.of_loan(loan, by),
        "inArrears": what_to_pay(loan.installments, loan.currency, on=on).late_since is not None,
        "originalLoan": figures.kept(loan.principal),
        "loanBalance": figures.kept(loan.outstanding),
        "amountPaid": figures.kept(progress(loan.installments, loan.currency).paid.total),
    }
