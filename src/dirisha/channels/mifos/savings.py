"""A savings account with its transactions."""

from __future__ import annotations

from dirisha.acts.loans.repay import repay
from dirisha.acts.transfers.own import own
from dirisha.channels.mifos import enumerations as enums
from dirisha.channels.mifos.clients import savings_timeline
from dirisha.channels.mifos.errors import ApiError, Kind, bad_query_value, missing, unsupported
from dirisha.channels.mifos.references import number_of
from dirisha.channels.mifos.visit import Answer, Visit
from dirisha.channels.mifos.written import Json, currency_of, day, number, present, rate
from dirisha.core.port import Savings, SavingsLine, SavingsTurnover
from dirisha.kit.ids import SavingsId
from dirisha.kit.money import Money
from dirisha.kit.refusal import NotFound
from dirisha.queries import accounts as account_questions
from dirisha.queries.ask import ask

ASSOCIATIONS = ("transactions", "charges")
CHARGE_STATUSES = ("all", "active", "inactive")
OPTIONAL = (*ASSOCIATIONS, "externalId", "fieldOfficerName", "lastActiveTransactionDate")
TRANSFERS = frozenset({own.name, repay.name})


def one(visit: Visit, savings_id: str) -> Answer:
    """The newest transactions first, at most two hundred: the API has no paging for them."""
    visit.refuse("exclude", "template")
    wanted = associations(visit, ASSOCIATIONS)
    charge_status = visit.query("chargeStatus")
    if charge_status not in (None, *CHARGE_STATUSES):
        raise ApiError(Kind.VALIDATION, bad_query_value("chargeStatus", charge_status or ""))
    try:
        found = ask(
            account_questions.file,
            visit.actor,
            at=visit.at,
            savings_id=SavingsId(int(savings_id)),
            with_lines="transactions" in wanted,
        )
    except NotFound:
        raise missing("saving.account", int(savings_id)) from None
    currency = currency_of(visit.institution)
    body = _account(found.account, found.turnover, currency)
    if "transactions" in wanted:
        body["transactions"] = [_transaction(line, found.account, currency) for line in found.lines]
    if "charges" in wanted:
        body["charges"] = []
    return Answer(visit.only(body, optional=OPTIONAL))


def associations(visit: Visit, known: tuple[str, ...]) -> tuple[str, ...]:
    """Those asked for; `all` is every one of them, which the reference refuses and some clients send."""
    asked = visit.names("associations")
    unknown = [name for name in asked if name not in (*known, "all")]
    if unknown:
        raise ApiError(Kind.VALIDATION, *(unsupported(name) for name in unknown))
    return known if "all" in asked else asked


def _account(account: Savings, turnover: SavingsTurnover, currency: Json) -> Json:
    return present(
        id=account.id,
        accountNo=account.number,
        depositType=enums.SAVINGS_DEPOSIT,
        clientId=account.client,
        clientName=account.client_name,
        savingsProductId=account.product_id,
        savingsProductName=account.name,
        fieldOfficerId=0,
        status=enums.SAVINGS_STATUS[account.status],
        subStatus=enums.SAVINGS_SUB_STATUS_NONE,
        timeline=savings_timeline(account),
        currency=currency,
        # Savings bear no interest here; the apps read the rate and its four words unasked.
        nominalAnnualInterestRate=rate("0.00"),
        interestCompoundingPeriodType=enums.COMPOUNDED_DAILY,
        interestPostingPeriodType=enums.POSTED_MONTHLY,
        interestCalculationType=enums.DAILY_BALANCE,
        interestCalculationDaysInYearType=enums.YEAR_OF_365_DAYS,
        withdrawalFeeForTransfers=False,
        allowOverdraft=False,
        enforceMinRequiredBalance=False,
        lienAllowed=False,
        withHoldTax=False,
        lastActiveTransactionDate=day(turnover.last_on) if turnover.last_on else None,
        isDormancyTrackingActive=False,
        summary=_summary(account, turnover, currency),
    )


def _summary(account: Savings, turnover: SavingsTurnover, currency: Json) -> Json:
    nothing = number(Money.zero(account.balance.currency))
    return {
        "currency": currency,
        "totalDeposits": number(turnover.paid_in),
        "totalWithdrawals": number(turnover.paid_out),
        "totalInterestPosted": nothing,
        "accountBalance": number(account.balance),
        "totalOverdraftInterestDerived": nothing,
        "interestNotPosted": nothing,
        "availableBalance": number(account.balance),
    }


def _transaction(line: SavingsLine, account: Savings, currency: Json) -> Json:
    is_in = line.amount.minor >= 0
    amount = number(line.amount if is_in else -line.amount)
    return present(
        id=line.line,
        transactionType=enums.DEPOSIT if is_in else enums.WITHDRAWAL,
        entryType="CREDIT" if is_in else "DEBIT",
        accountId=account.id,
        accountNo=account.number,
        date=day(line.business_date),
        currency=currency,
        amount=amount,
        runningBalance=number(line.balance),
        reversed=False,
        transfer=_transfer(line, amount, currency) if line.kind in TRANSFERS else None,
        submittedOnDate=day(line.business_date),
        interestedPostedAsOn=False,
        note=line.reference,
        isManualTransaction=False,
        isReversal=False,
        originalTransactionId=0,
        lienTransaction=False,
        releaseTransactionId=0,
        chargesPaidByData=[],
    )


def _transfer(line: SavingsLine, amount: object, currency: Json) -> Json:
    """`id` is the `resourceId` that the transfer was answered with."""
    return {
        "id": number_of(line.reference),
        "reversed": False,
        "currency": currency,
        "transferAmount": amount,
        "transferDate": day(line.business_date),
        "transferDescription": line.reference,
    }
