"""A savings account and its transactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dirisha.core.port import Savings, SavingsTurnover
from dirisha.kit.money import Money
from dirisha.wire import enumerations as enums
from dirisha.wire import timelines
from dirisha.wire.timelines import Hand
from dirisha.wire.written import Figures, Json, day, present

ASSOCIATIONS = ("transactions", "charges")


def account(
    account: Savings,
    turnover: SavingsTurnover,
    figures: Figures,
    by: Hand | None = None,
    *,
    fees: Money | None = None,
    charges_transfers: bool = False,
) -> Json:
    """The account without its associations. `fees` is what withdrawals cost so far, where they cost anything."""
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
        subStatus=enums.SUB_STATUS_OF_SAVINGS[account.status],
        timeline=timelines.of_savings(account, by),
        currency=figures.currency,
        # Savings bear no interest; the apps read the rate and its four words unasked.
        nominalAnnualInterestRate=figures.rate("0.00"),
        interestCompoundingPeriodType=enums.COMPOUNDED_DAILY,
        interestPostingPeriodType=enums.POSTED_MONTHLY,
        interestCalculationType=enums.DAILY_BALANCE,
        interestCalculationDaysInYearType=enums.YEAR_OF_365_DAYS,
        withdrawalFeeForTransfers=charges_transfers,
        allowOverdraft=False,
        enforceMinRequiredBalance=False,
        lienAllowed=False,
        withHoldTax=False,
        lastActiveTransactionDate=day(turnover.last_on) if turnover.last_on else None,
        isDormancyTrackingActive=False,
        summary=_summary(account, turnover, figures, fees),
    )


def _summary(account: Savings, turnover: SavingsTurnover, figures: Figures, fees: Money | None) -> Json:
    withdrawn = turnover.paid_out - fees if fees else turnover.paid_out
    return present(
        currency=figures.currency,
        totalDeposits=figures.kept(turnover.paid_in),
        totalWithdrawals=figures.kept(withdrawn),
        totalWithdrawalFees=figures.kept(fees) if fees else None,
        totalInterestPosted=figures.none,
        accountBalance=figures.kept(account.balance),
        totalOverdraftInterestDerived=figures.none,
        interestNotPosted=figures.none,
        availableBalance=figures.kept(account.available),
    )


@dataclass(frozen=True, slots=True)
class Transaction:
    """One line of an account as the API has it: `amount` above zero, `type` says in which direction."""

    id: int
    type: Json
    amount: Money
    balance: Money
    on: date
    transfer: Json | None = None
    payment: Json | None = None
    note: str | None = None
    by: str | None = None


def transaction(line: Transaction, account: Savings, figures: Figures) -> Json:
    return present(
        id=line.id,
        transactionType=line.type,
        entryType="CREDIT" if line.type is enums.DEPOSIT else "DEBIT",
        accountId=account.id,
        accountNo=account.number,
        date=day(line.on),
        currency=figures.currency,
        paymentDetailData=line.payment,
        amount=figures.kept(line.amount),
        runningBalance=figures.kept(line.balance),
        reversed=False,
        transfer=line.transfer,
        submittedOnDate=day(line.on),
        interestedPostedAsOn=False,
        submittedByUsername=line.by,
        note=line.note,
        isManualTransaction=False,
        isReversal=False,
        originalTransactionId=0,
        lienTransaction=False,
        releaseTransactionId=0,
        chargesPaidByData=[],
    )


def transfer(transfer_id: int, amount: Money, on: date, description: str, figures: Figures) -> Json:
    """What a transaction of either end says of the account transfer that it is part of."""
    return {
        "id": transfer_id,
        "reversed": False,
        "currency": figures.currency,
        "transferAmount": figures.kept(amount),
        "transferDate": day(on),
        "transferDescription": description,
    }


def withdrawal_charge(charge_id: int, account_id: int, amount: Money, paid: Money, figures: Figures) -> Json:
    """A flat charge on what is withdrawn from an account."""
    currency = {name: value for name, value in figures.currency.items() if name != "inMultiplesOf"}
    return {
        "id": account_id,
        "chargeId": charge_id,
        "accountId": account_id,
        "name": "Withdrawal fee",
        "chargeTimeType": enums.CHARGED_AT_WITHDRAWAL,
        "chargeCalculationType": enums.FLAT,
        "percentage": 0,
        "amountPercentageAppliedTo": 0,
        "currency": currency,
        "amount": figures.kept(amount),
        "amountPaid": figures.kept(paid),
        "amountWaived": 0,
        "amountWrittenOff": 0,
        "amountOutstanding": figures.zero,
        "amountOrPercentage": figures.kept(amount),
        "penalty": False,
        "isActive": True,
        "isFreeWithdrawal": False,
    }
