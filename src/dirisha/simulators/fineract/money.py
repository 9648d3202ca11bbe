"""What moves money: transfers between accounts, cash at a counter."""

from __future__ import annotations

from datetime import date

import orjson

from dirisha.core.allocation import Allocation, allocate
from dirisha.core.native.branch import BRANCH
from dirisha.core.port import AccountStatus, Loan, Savings, Touched
from dirisha.kit.ids import LoanId, SavingsId
from dirisha.kit.money import Money
from dirisha.kit.scope import Clients
from dirisha.ledger import books
from dirisha.ledger.books import CASH, Journal, Movement, savings_account
from dirisha.simulators.fineract.bodies import Members
from dirisha.simulators.fineract.commands import Carrying
from dirisha.simulators.fineract.desk import Block
from dirisha.simulators.fineract.errors import Item, against_rule, invalid, no_such
from dirisha.simulators.fineract.transactions import id_of
from dirisha.wire.written import Json

LOAN, SAVINGS = 1, 2
ENDS = ("OfficeId", "ClientId", "AccountId", "AccountType")
TRANSFER = frozenset({
    *(f"{side}{end}" for side in ("from", "to") for end in ENDS),
    "transferDate", "transferAmount", "transferDescription", "locale", "dateFormat",
})  # fmt: skip
PAYMENT_DETAILS = ("paymentTypeId", "accountNumber", "checkNumber", "routingCode", "receiptNumber", "bankNumber")
AT_COUNTER = frozenset(
    {"transactionDate", "transactionAmount", "note", "externalId", "locale", "dateFormat", *PAYMENT_DETAILS}
)


def transfer(carrying: Carrying) -> Json:
    """From savings, to savings or to a loan. Clients and offices that don't fit the accounts are not looked at."""
    members = Members(carrying.body, "accounttransfer")
    members.allow(TRANSFER)
    accounts, types = [], []
    for side in ("from", "to"):
        members.identifier(f"{side}OfficeId")
        members.identifier(f"{side}ClientId")
        accounts.append(members.identifier(f"{side}AccountId"))
        types.append(members.one_of(f"{side}AccountType", (LOAN, SAVINGS)))
    on = members.day("transferDate")
    amount = members.amount("transferAmount", carrying.desk.institution.currency)
    members.text("transferDescription")
    members.finish()
    if types[0] == LOAN:
        raise _from_a_loan(to_loan=types[1] == LOAN)
    if types[1] == LOAN:
        return _to_loan(carrying, accounts[0], accounts[1], amount, on)
    return _to_savings(carrying, accounts[0], accounts[1], amount, on)


def deposit(carrying: Carrying) -> Json:
    on, amount = _at_counter(carrying, "savingsaccount.transaction")
    locked = _Locked(carrying, savings=(carrying.command.subject or 0,))
    target = locked.savings(carrying.command.subject or 0)
    _must_credit(carrying, target, on)
    carrying.desk.core.deposit(carrying.tx, carrying.posting("savings.deposit", on), target, amount)
    return _booked(carrying, target, locked)


def withdrawal(carrying: Carrying) -> Json:
    on, amount = _at_counter(carrying, "savingsaccount.transaction")
    locked = _Locked(carrying, savings=(carrying.command.subject or 0,))
    source = locked.savings(carrying.command.subject or 0)
    _must_debit(carrying, source, amount, Money.zero(amount.currency), on)
    _book(carrying, "savings.withdraw", on, Movement(savings_account(source.id), CASH, amount))
    return _booked(carrying, source, locked)


def repayment(carrying: Carrying) -> Json:
    """Cash paid on a loan; the type of the payment may be left out."""
    on, amount = _at_counter(carrying, "loan.transaction", needs_type=False)
    subject = carrying.command.subject or 0
    loan = _Locked(carrying, loans=(subject,)).loan(subject)
    allocation = _allocated(carrying, loan, amount, on)
    number = carrying.tx.run(BRANCH["loan_transactions_so_far"], {"loan": loan.id}).one().transactions + 1
    carrying.desk.core.repay_in_cash(carrying.tx, carrying.posting("loans.repay", on), loan, allocation)
    echoed = ("transactionDate", "transactionAmount", "locale", "dateFormat")
    changes = {name: carrying.body[name] for name in echoed} | {"transactionAmount": str(carrying.body[echoed[1]])}
    return {
        "officeId": loan.office,
        "clientId": loan.client,
        "loanId": loan.id,
        "resourceId": id_of(loan.id, number),
        "changes": changes | _details(carrying.body),
    }


def _at_counter(carrying: Carrying, resource: str, *, needs_type: bool = True) -> tuple[date, Money]:
    members = Members(carrying.body, resource)
    members.allow(AT_COUNTER)
    on = members.day("transactionDate")
    amount = members.amount("transactionAmount", carrying.desk.institution.currency)
    if needs_type or "paymentTypeId" in carrying.body:
        members.identifier("paymentTypeId")
    members.finish()
    return on, amount


def _booked(carrying: Carrying, account: Savings, locked: _Locked) -> Json:
    return {
        "officeId": account.office,
        "clientId": account.client,
        "savingsId": account.id,
        "resourceId": id_of(account.id, locked.lines[account.id] + 1),
        "changes": _details(carrying.body),
    }


def _details(body: Json) -> Json:
    """What was said of a payment, the number of its type as a number however it was sent."""
    return {
        name: int(body[name]) if name == "paymentTypeId" else body[name]
        for name in reversed(PAYMENT_DETAILS)
        if name in body
    }


def _to_savings(carrying: Carrying, source_id: int, target_id: int, amount: Money, on: date) -> Json:
    locked = _Locked(carrying, savings=(source_id, target_id))
    source, target = locked.savings(source_id), locked.savings(target_id)
    fee = carrying.desk.transfer_fee()
    _must_debit(carrying, source, amount, fee, on)
    _must_credit(carrying, target, on)
    posting = carrying.posting("transfers.own", on)
    if source.id == target.id:
        _to_itself(carrying, source, amount, fee, on)
    else:
        carrying.desk.core.transfer(carrying.tx, posting, source, target, amount, fee)
    return {"savingsId": source.id, "resourceId": id_of(source.id, locked.lines[source.id] + 1)}


def _to_itself(carrying: Carrying, account: Savings, amount: Money, fee: Money, on: date) -> None:
    """Out over the counter and in again, as Fineract books it: no movement can be from an account to itself."""
    own = savings_account(account.id)
    fees = [Movement(own, books.FEE_INCOME, fee)] if fee.is_positive else []
    _book(carrying, "transfers.own", on, Movement(own, CASH, amount), *fees, Movement(CASH, own, amount))


def _book(carrying: Carrying, kind: str, on: date, *movements: Movement) -> None:
    posting = carrying.posting(kind, on)
    journal = Journal(posting.journal, kind, on, posting.booked_at, posting.command, posting.reference, movements)
    books.post(carrying.tx, journal)


def _to_loan(carrying: Carrying, source_id: int, loan_id: int, amount: Money, on: date) -> Json:
    locked = _Locked(carrying, savings=(source_id,), loans=(loan_id,))
    source, loan = locked.savings(source_id), locked.loan(loan_id)
    fee = carrying.desk.transfer_fee()
    _must_debit(carrying, source, amount, fee, on)
    allocation = _allocated(carrying, loan, amount, on)
    posting = carrying.posting("loans.repay", on)
    carrying.desk.core.repay(carrying.tx, posting, source, loan, amount, fee, allocation)
    return {"savingsId": source.id, "resourceId": id_of(source.id, locked.lines[source.id] + 1)}


class _Locked:
    """The accounts of a command, locked and then read: what the branch has decided over them is seen as well."""

    def __init__(self, carrying: Carrying, *, savings: tuple[int, ...] = (), loans: tuple[int, ...] = ()) -> None:
        self._branch = carrying.desk.branch
        touched = Touched(tuple(map(SavingsId, savings)), tuple(map(LoanId, loans)))
        books.lock_balances(carrying.tx, sorted({*savings, *loans}), clients=None, office=None)
        self._facts = carrying.desk.core.read_locked(carrying.tx, Clients(()), touched)
        rows = carrying.tx.run(BRANCH["lines"], {"accounts": [*savings, *loans]})
        self.lines = {row.account: row.lines for row in rows.all()}

    def savings(self, savings_id: int) -> Savings:
        found = self._facts.savings(SavingsId(savings_id))
        if found is None:
            raise no_such("Savings account", savings_id, "error.msg.saving.account.id.invalid")
        return found

    def loan(self, loan_id: int) -> Loan:
        found = self._facts.loan(LoanId(loan_id))
        if found is None:
            raise no_such("Loan", loan_id, "error.msg.loan.id.invalid")
        return found


# --- what an account must be like -------------------------------------------------------------------------------------


def _must_debit(carrying: Carrying, account: Savings, amount: Money, fee: Money, on: date) -> None:
    _must_be_active(carrying, account, on)
    match carrying.desk.branch.blocked.get(account.id):
        case Block.ALL:
            raise _blocked(account)
        case Block.DEBIT:
            raise against_rule(
                Item(
                    "error.msg.savings.account.debit.transaction.not.allowed",
                    f"Any debit transactions from {account.id} is not allowed, since the account is blocked for debits",
                    args=(account.id,),
                )
            )
    if account.balance < amount + fee:
        after = orjson.Fragment((account.balance - amount - fee).plain())
        charged = orjson.Fragment(fee.plain()) if fee.is_positive else None
        message = "Insufficient account balance."
        code = "error.msg.savingsaccount.transaction.insufficient.account.balance"
        asked = orjson.Fragment(amount.plain())
        raise against_rule(Item(code, message, args=("transactionAmount", after, charged, asked)))


def _must_credit(carrying: Carrying, account: Savings, on: date) -> None:
    _must_be_active(carrying, account, on)
    match carrying.desk.branch.blocked.get(account.id):
        case Block.ALL:
            raise _blocked(account)
        case Block.CREDIT:
            raise against_rule(
                Item(
                    "error.msg.savings.account.credit.transaction.not.allowed",
                    f"Any Credit transactions to {account.id} is not allowed, since the account is blocked for credits",
                    args=(account.id,),
                )
            )


def _must_be_active(carrying: Carrying, account: Savings, on: date) -> None:
    written = f"{on:%d %B %Y}"
    branch = carrying.desk.branch
    if account.client in branch.closed_clients:
        raise _client_not_active(account.client)
    if account.status is not AccountStatus.ACTIVE or account.id in branch.closed_savings:
        code = "error.msg.savingsaccount.transaction.account.is.not.active"
        raise invalid(Item(code, "Transaction is not allowed. Account is not active.", "transactionDate", (written,)))
    if on > carrying.on:
        code = "error.msg.savingsaccount.transaction.in.the.future"
        raise invalid(Item(code, "Transaction date cannot be in the future.", "transactionDate", (written,)))
    if on < account.opened_on:
        code = "error.msg.savingsaccount.transaction.before.activation.date"
        message = "Transaction date cannot be before accounts activation date."
        raise invalid(Item(code, message, "transactionDate", (written,)))


def _allocated(carrying: Carrying, loan: Loan, amount: Money, on: date) -> Allocation:
    if loan.client in carrying.desk.branch.closed_clients:
        raise _client_not_active(loan.client)
    if on > carrying.on:
        code = "error.msg.loan.transaction.cannot.be.a.future.date"
        raise against_rule(Item(code, "The transaction date cannot be in the future.", args=(on.isoformat(),)))
    if on < loan.disbursed_on:
        code = "error.msg.loan.transaction.cannot.be.before.disbursement.date"
        message = "The transaction date cannot be before the loan disbursement date"
        raise against_rule(Item(code, message, args=(on.isoformat(), loan.disbursed_on.isoformat())))
    is_open = loan.is_active and loan.id not in carrying.desk.branch.closed_loans
    if not is_open or loan.outstanding < amount:
        # Fineract takes it, and the loan is overpaid: see the package's docstring.
        code = "error.msg.stand.in.keeps.no.overpaid.loans"
        raise against_rule(Item(code, f"Loan {loan.id} takes no more than what is left of it.", args=(loan.id,)))
    return allocate(loan.installments, amount.minor)


def _blocked(account: Savings) -> Exception:
    code = "error.msg.saving.account.blocked.transaction.not.allowed"
    message = f"Any transaction to {account.id} is not allowed, since the account is blocked"
    return against_rule(Item(code, message, args=(account.id,)))


def _client_not_active(client_id: int) -> Exception:
    code = "error.msg.client.not.active.exception"
    return against_rule(Item(code, f"The Client with id `{client_id}` is not active", args=(client_id,)))


def _from_a_loan(*, to_loan: bool) -> Exception:
    if to_loan:
        code = "validation.msg.accounttransfer.null.loan.to.loan.transfer.not.allowed"
        return invalid(Item(code, "Failed data validation due to: loan.to.loan.transfer.not.allowed.", None, (None,)))
    code = "error.msg.loan.transaction.is.not.a.overpaid.loan"
    return against_rule(Item(code, "Loan is not overpaid: nothing can be moved out of it.", args=()))


# By the permission that they need: what is done when a waiting command is approved.
WORK = {
    "CREATE_ACCOUNTTRANSFER": transfer,
    "DEPOSIT_SAVINGSACCOUNT": deposit,
    "WITHDRAWAL_SAVINGSACCOUNT": withdrawal,
    "REPAYMENT_LOAN": repayment,
}
