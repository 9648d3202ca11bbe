"""A loan with its schedule and its transactions, as the apps read it."""

from __future__ import annotations

from dirisha.channels.mifos.errors import missing
from dirisha.channels.mifos.savings import associations
from dirisha.channels.mifos.visit import Answer, Visit
from dirisha.core.port import LoanTransaction
from dirisha.kit.ids import LoanId
from dirisha.kit.refusal import NotFound
from dirisha.queries import loans as loan_questions
from dirisha.queries.ask import ask
from dirisha.queries.loans import LoanFile
from dirisha.wire import enumerations as enums
from dirisha.wire import loans as wire
from dirisha.wire.loans import ASSOCIATIONS, Labels, Picture
from dirisha.wire.written import Figures, Json

OPTIONAL = (*ASSOCIATIONS, "externalId", "group", "fundId", "loanPurposeId", "loanPurposeName", "loanOfficerId",
            "loanOfficerName", "disbursementDetails", "emiAmountVariations", "totalOverpaid")  # fmt: skip

# Older apps read the one name as it was once misspelt, and send the other as a number.
READ_BY_OLDER_APPS = {
    "allowPartialPeriodInterestCalcualtion": False,
    "transactionProcessingStrategyId": enums.STRATEGY_ID,
}


def one(visit: Visit, loan_id: str) -> Answer:
    visit.refuse("exclude", "template")
    wanted = associations(visit, ASSOCIATIONS)
    try:
        found = _picture(ask(loan_questions.file, visit.actor, at=visit.at, loan_id=LoanId(int(loan_id))))
    except NotFound:
        raise missing("loan", int(loan_id)) from None
    figures = Figures(visit.institution)
    whole = wire.loan(found, figures) | READ_BY_OLDER_APPS | _associated(found, wanted, figures)
    return Answer(visit.only(whole, optional=OPTIONAL))


def _picture(file: LoanFile) -> Picture:
    standing = file.detail.standing
    return Picture(
        standing.loan, file.borrower, file.on, standing.to_pay, standing.progress, tuple(file.detail.transactions)
    )


def _associated(found: Picture, wanted: tuple[str, ...], figures: Figures) -> Json:
    parts: Json = {}
    if "repaymentSchedule" in wanted:
        parts["repaymentSchedule"] = wire.schedule(found, figures)
    if "transactions" in wanted:
        parts["transactions"] = [wire.transaction(t, _labels(t), found, figures) for t in found.transactions]
    # What a loan here never has comes as an empty list; the other associations add no member, as in the reference.
    parts |= {name: [] for name in ("charges", "guarantors") if name in wanted}
    if "repaymentSchedule" in wanted:
        parts["emiAmountVariations"] = []
    if "repaymentSchedule" in wanted or "multiDisburseDetails" in wanted:
        parts["disbursementDetails"] = []
    return parts


def _labels(paid: LoanTransaction) -> Labels:
    return Labels(paid.number, external_id=paid.reference)
