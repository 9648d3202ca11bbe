"""What is read of clients and their accounts."""

from __future__ import annotations

from datetime import date

from babel import Locale

from dirisha.core.native.branch import BRANCH
from dirisha.core.port import Savings
from dirisha.kit.ids import ClientId, LoanId, SavingsId
from dirisha.kit.money import Money
from dirisha.ledger.books import FEE_INCOME
from dirisha.simulators.fineract import transactions
from dirisha.simulators.fineract.calls import Answer, Call, unsupported
from dirisha.simulators.fineract.desk import Desk, Reading
from dirisha.simulators.fineract.errors import Item, missing, no_such
from dirisha.simulators.fineract.transactions import Days
from dirisha.simulators.fineract.users import SUPER_HAND
from dirisha.wire import clients as wire_clients
from dirisha.wire import enumerations as enums
from dirisha.wire import loans as wire_loans
from dirisha.wire import savings as wire_savings
from dirisha.wire.java_dates import BadPattern, read_date
from dirisha.wire.loans import Labels, Picture
from dirisha.wire.written import Json

WITHDRAWAL_CHARGE = 1
DEFAULT_PAGE = 200

# --- clients ----------------------------------------------------------------------------------------------------------


def clients(desk: Desk, call: Call) -> Answer:
    """Those of `officeId`, with `displayName` in their names; nobody has a number of another system (`externalId`)."""
    limit = call.whole_number("limit", otherwise=DEFAULT_PAGE)
    wanted = {
        "office": call.whole_number("officeId", otherwise=0) or None,
        "name": f"%{call.query['displayName']}%" if call.query.get("displayName") else None,
        "limit": limit if limit > 0 else None,
        "offset": call.whole_number("offset", otherwise=0),
    }
    with desk.reading(call.at) as reading:
        rows = [] if call.query.get("externalId") else reading.tx.run(BRANCH["clients"], wanted).all()
        found = [reading.seen_client(reading.reader().client_of(row)) for row in rows]
    page = [wire_clients.in_list(client, SUPER_HAND) | _closed(desk, client.id) for client in found]
    return Answer.of({"totalFilteredRecords": rows[0].total if rows else 0, "pageItems": page})


def client(desk: Desk, call: Call, client_id: int) -> Answer:
    with desk.reading(call.at) as reading:
        found = reading.client(client_id)
    if found is None:
        raise _no_client(client_id)
    return Answer.of(wire_clients.client(found, SUPER_HAND) | _closed(desk, client_id))


def client_accounts(desk: Desk, call: Call, client_id: int) -> Answer:
    """A kind of account of which there is none is left out. Newest loans come first."""
    with desk.reading(call.at) as reading:
        overview = reading.reader(client_id).overview(latest=0)
    if not overview.clients:
        raise _no_client(client_id)
    figures = desk.figures
    loans = [
        wire_clients.loan_item(reading.seen_loan(loan), cycle, reading.on, figures, SUPER_HAND)
        for cycle, loan in enumerate(overview.loans, start=1)
    ]
    savings = [
        wire_clients.savings_item(reading.seen_savings(account), figures, SUPER_HAND) | _blocked(desk, account.id)
        for account in overview.savings
    ]
    body: Json = {"loanAccounts": loans[::-1]} if loans else {}
    body["groupLoanIndividualMonitoringAccounts"] = []
    body |= {"savingsAccounts": savings[::-1]} if savings else {}
    return Answer.of(body | {"guarantorAccounts": []})


def _closed(desk: Desk, client_id: int) -> Json:
    return {"status": enums.CLIENT_CLOSED, "active": False} if client_id in desk.branch.closed_clients else {}


def _blocked(desk: Desk, savings_id: int) -> Json:
    block = desk.branch.blocked.get(savings_id)
    return {"subStatus": enums.SAVINGS_SUB_STATUS[block.value]} if block else {}


def _no_client(client_id: int) -> Exception:
    code = "error.msg.client.not.found.with.client.id"
    return missing(Item(code, f"Client not found with valuer {client_id}.", args=(str(client_id),)))


# --- savings ----------------------------------------------------------------------------------------------------------


def savings(desk: Desk, call: Call, savings_id: int) -> Answer:
    wanted = call.names("associations", wire_savings.ASSOCIATIONS)
    fee, figures = desk.transfer_fee(), desk.figures
    with desk.reading(call.at) as reading:
        account = _account(reading, savings_id)
        turnover = reading.reader().savings_turnover(SavingsId(savings_id))
        paid = _fees_paid(reading, account) if fee.is_positive else Money.zero(fee.currency)
        lines = transactions.newest(reading.tx, account, figures) if "transactions" in wanted else []
    body = wire_savings.account(
        account,
        turnover,
        figures,
        SUPER_HAND,
        fees=paid if paid.is_positive else None,
        charges_transfers=fee.is_positive,
    )
    body |= _blocked(desk, savings_id)
    if "transactions" in wanted:
        body["transactions"] = [wire_savings.transaction(line, account, figures) for line in lines]
    charge = wire_savings.withdrawal_charge(WITHDRAWAL_CHARGE, savings_id, fee, paid, figures)
    if "charges" in wanted:
        body["charges"] = [charge] if fee.is_positive else []
    if fee.is_positive:
        body["withdrawalFee"] = charge
    return Answer.of(body)


def savings_search(desk: Desk, call: Call, savings_id: int) -> Answer:
    """Newest first, by pages of `limit`, from `offset` on."""
    limit, offset = call.whole_number("limit", otherwise=15), call.whole_number("offset", otherwise=0)
    limit, offset = max(1, min(limit, 10_000)), max(0, offset)
    days = Days(_day(call, "fromDate") or Days().first, _day(call, "toDate") or Days().last)
    figures = desk.figures
    with desk.reading(call.at) as reading:
        account = _account(reading, savings_id)
        total = transactions.total(reading.tx, account, days)
        lines = transactions.newest(reading.tx, account, figures, days=days, offset=offset, limit=limit)
    orders = [
        {"direction": "DESC", "property": name, "ignoreCase": False, "nullHandling": "NATIVE"}
        for name in ("transaction_date", "created_on_utc", "id")
    ]
    return Answer.of(
        {
            "total": total,
            "content": [wire_savings.transaction(line, account, figures) for line in lines],
            "pageable": {"sort": {"orders": orders}, "pageNumber": offset // limit, "pageSize": limit},
        }
    )


def savings_transaction(desk: Desk, call: Call, savings_id: int, transaction_id: int) -> Answer:
    with desk.reading(call.at) as reading:
        account = _account(reading, savings_id)
        line = transactions.line_of(savings_id, transaction_id)
        found = transactions.one(reading.tx, account, line, desk.figures) if line else None
    if found is None:
        raise no_such("Savings account transaction", transaction_id, "error.msg.saving.account.trasaction.id.invalid")
    return Answer.of(wire_savings.transaction(found, account, desk.figures))


def _account(reading: Reading, savings_id: int) -> Savings:
    found = reading.savings(savings_id)
    if found is None:
        raise no_such("Savings account", savings_id, "error.msg.saving.account.id.invalid")
    return found


def _fees_paid(reading: Reading, account: Savings) -> Money:
    row = reading.tx.run(BRANCH["fees_paid"], {"account": account.id, "fees": FEE_INCOME.id}).one()
    return Money(row.minor, account.balance.currency)


def _day(call: Call, parameter: str) -> date | None:
    given = call.query.get(parameter)
    if given is None:
        return None
    try:
        found = read_date(given, call.query.get("dateFormat", "yyyy-MM-dd"), Locale("en"))
    except BadPattern:
        found = None
    if found is None:
        raise unsupported(parameter, given)
    return found


# --- loans ------------------------------------------------------------------------------------------------------------


def loan(desk: Desk, call: Call, loan_id: int) -> Answer:
    wanted = call.names("associations", wire_loans.ASSOCIATIONS)
    figures = desk.figures
    with desk.reading(call.at) as reading:
        found = _picture(reading, loan_id)
        labels = _labels(reading, found) if "transactions" in wanted else {}
    body = wire_loans.loan(found, figures, SUPER_HAND)
    if "repaymentSchedule" in wanted:
        body["repaymentSchedule"] = wire_loans.schedule(found, figures)
    if "transactions" in wanted:
        body["transactions"] = [
            wire_loans.transaction(paid, labels[paid.number], found, figures) for paid in found.transactions
        ]
    body |= {name: [] for name in ("charges", "guarantors") if name in wanted}
    if "repaymentSchedule" in wanted:
        body |= {"disbursementDetails": [], "emiAmountVariations": [], "loanTermVariations": []}
    return Answer.of(body)


def loan_transaction(desk: Desk, call: Call, loan_id: int, transaction_id: int) -> Answer:
    number = transactions.line_of(loan_id, transaction_id)
    with desk.reading(call.at) as reading:
        found = _picture(reading, loan_id)
        labels = _labels(reading, found)
    paid = next((each for each in found.transactions if each.number == number), None)
    if paid is None:
        raise no_such("Transaction", transaction_id, "error.msg.loan.transaction.id.invalid")
    return Answer.of(wire_loans.transaction(paid, labels[paid.number], found, desk.figures))


def _picture(reading: Reading, loan_id: int) -> Picture:
    found = reading.loan(loan_id)
    if found is None:
        raise no_such("Loan", loan_id, "error.msg.loan.id.invalid")
    borrower = reading.reader().client(ClientId(found.client))
    assert borrower is not None, "a loan without a borrower"
    history = reading.reader().loan_transactions(LoanId(loan_id))
    return Picture.of(found, reading.seen_client(borrower), history, reading.on)


def _labels(reading: Reading, found: Picture) -> dict[int, Labels]:
    rows = {row.number: row for row in reading.tx.run(BRANCH["loan_labels"], {"loan": found.loan.id}).all()}
    labels = {}
    for paid in found.transactions:
        row, number = rows[paid.number], transactions.id_of(found.loan.id, paid.number)
        is_transfer = transactions.is_between_accounts(row)
        labels[paid.number] = Labels(
            number,
            transfer=transactions.transfer_of(row, paid.amount, reading.desk.figures) if is_transfer else None,
            payment=None if is_transfer else transactions.payment(number),
        )
    return labels
