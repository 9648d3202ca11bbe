"""A savings account with its transactions."""

from __future__ import annotations

from dirisha.acts.loans.repay import repay
from dirisha.acts.transfers.own import own
from dirisha.channels.mifos.errors import ApiError, Kind, bad_query_value, missing, unsupported
from dirisha.channels.mifos.references import number_of
from dirisha.channels.mifos.visit import Answer, Visit
from dirisha.core.port import Savings, SavingsLine
from dirisha.kit.ids import SavingsId
from dirisha.kit.refusal import NotFound
from dirisha.queries import accounts as account_questions
from dirisha.queries.ask import ask
from dirisha.wire import enumerations as enums
from dirisha.wire import savings as wire
from dirisha.wire.savings import ASSOCIATIONS, Transaction
from dirisha.wire.written import Figures, Json

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
    figures = Figures(visit.institution)
    body = wire.account(found.account, found.turnover, figures)
    if "transactions" in wanted:
        body["transactions"] = [_transaction(line, found.account, figures) for line in found.lines]
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


def _transaction(line: SavingsLine, account: Savings, figures: Figures) -> Json:
    is_in = line.amount.minor >= 0
    amount = line.amount if is_in else -line.amount
    written = Transaction(
        id=line.number,
        type=enums.DEPOSIT if is_in else enums.WITHDRAWAL,
        amount=amount,
        balance=line.balance,
        on=line.business_date,
        # Its id is the `resourceId` that the transfer was answered with.
        transfer=wire.transfer(number_of(line.reference), amount, line.business_date, line.reference, figures)
        if line.reference and line.kind in TRANSFERS
        else None,
        note=line.reference,
    )
    return wire.transaction(written, account, figures)
