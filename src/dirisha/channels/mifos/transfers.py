"""Moving money: between own savings accounts, and from savings to an own loan.

An `Idempotency-Key` belongs to its user: the same key and wish again is answered with what came of it the first time
(`x-served-from-cache: true`), another wish under it is a conflict. Without one each POST is a wish of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any
from uuid import uuid4

from dirisha.acts.loans.repay import repay
from dirisha.acts.transfers.own import own
from dirisha.channels.mifos.bodies import Members, read_object
from dirisha.channels.mifos.errors import ApiError, Item, Kind
from dirisha.channels.mifos.references import number_of
from dirisha.channels.mifos.refusals import error_of
from dirisha.channels.mifos.visit import Answer, Visit
from dirisha.core.port import AccountKind, CoreAway, Loan, Savings
from dirisha.engine.act import MoneyAct
from dirisha.engine.outcome import Done, MoneyOutcome, Pending, Refused
from dirisha.engine.refusals import TryLater
from dirisha.engine.run import run, stored
from dirisha.kit.ids import LoanId, SavingsId
from dirisha.kit.money import Money
from dirisha.queries import accounts as account_questions
from dirisha.queries.accounts import Everything
from dirisha.queries.ask import ask
from dirisha.wire import enumerations as enums
from dirisha.wire.written import Json

BODY = frozenset({
    "fromOfficeId", "fromClientId", "fromAccountId", "fromAccountType", "toOfficeId", "toClientId", "toAccountId",
    "toAccountType", "transferDate", "transferAmount", "transferDescription", "locale", "dateFormat",
})  # fmt: skip
LONGEST_DESCRIPTION = 200
THIRD_PARTY = "tpt"
LONGEST_KEY = 50
KEY = re.compile(r"[\x21-\x7e]+( +[\x21-\x7e]+)*")


class AccountType(IntEnum):
    LOAN = 1
    SAVINGS = 2


def options(visit: Visit) -> Answer:
    """What may be chosen. A loan is no source, since nothing can be moved out of one."""
    everything = ask(account_questions.everything, visit.actor, at=visit.at)
    offices = {client.office: client.office_name for client in everything.clients}
    savings = [_option(account, offices) for account in everything.savings if account.status == "active"]
    loans = [_option(loan, offices) for loan in everything.loans if loan.is_active]
    is_third_party = visit.query("type") == THIRD_PARTY
    return Answer({"fromAccountOptions": savings, "toAccountOptions": [] if is_third_party else savings + loans})


def _option(account: Savings | Loan, offices: dict[Any, str]) -> Json:
    return {
        "accountId": account.id,
        "accountNo": account.number,
        "accountType": enums.ACCOUNT_TYPES[account.ref.kind],
        "clientId": account.client,
        "clientName": account.client_name,
        "officeId": account.office,
        "officeName": offices.get(account.office, ""),
    }


@dataclass(frozen=True, slots=True)
class End:
    """One end of the transfer as the app describes it: all four must fit."""

    office: int
    client: int
    account: int
    type: AccountType


@dataclass(frozen=True, slots=True)
class Wish:
    source: End
    target: End
    amount: Money
    on: date

    def ends(self) -> tuple[tuple[str, End], ...]:
        return ("from", self.source), ("to", self.target)

    def act(self) -> tuple[MoneyAct[Any], dict[str, Any]]:
        """The act and its inputs; for a source that is a loan there is none."""
        source = SavingsId(self.source.account)
        if self.target.type is AccountType.LOAN:
            return repay, {"loan_id": LoanId(self.target.account), "source_id": source, "amount": self.amount}
        return own, {"source_id": source, "target_id": SavingsId(self.target.account), "amount": self.amount}


def create(visit: Visit) -> Answer:
    given_key = _key(visit)
    wish = _read(visit)
    try:
        everything = ask(account_questions.everything, visit.actor, at=visit.at)
    except CoreAway:
        return _earlier(visit, wish, given_key, error_of(Refused(TryLater(known=True), visit.actor.correlation)), None)
    wrong = _wrong(wish, everything, is_third_party=visit.query("type") == THIRD_PARTY)
    if wrong is not None:
        return _earlier(visit, wish, given_key, wrong, everything)
    act, inputs = wish.act()
    outcome = run(act, visit.actor, at=visit.at, key=given_key or str(uuid4()), **inputs)
    return _answer(outcome, wish, everything)


def _answer(outcome: MoneyOutcome, wish: Wish, everything: Everything | None) -> Answer:
    """`resourceId` is the transfer's, once it is made. On its way it is a command, as under maker and checker; the same
    key again is told how it stands then."""
    match outcome:
        case Refused():
            raise _refused(outcome, wish, everything)
        case Pending(instruction):
            reference = instruction.reference
            stands: Json = {"commandId": number_of(reference), "rollbackTransaction": True}
        case Done(receipt):
            reference = receipt.reference
            stands = {"resourceId": number_of(reference)}
    body = {"savingsId": wish.source.account, **stands, "transactionId": reference}
    return Answer(body, {"x-served-from-cache": "true"} if outcome.replayed else {})


def _earlier(visit: Visit, wish: Wish, key: str | None, wrong: ApiError, everything: Everything | None) -> Answer:
    """What the same key brought before, if anything: what passed yesterday is not refused for its date today, and what
    is finished or on its way is told while the far core is away."""
    if key is None or wish.source.type is AccountType.LOAN:
        raise wrong
    act, inputs = wish.act()
    outcome = stored(act, visit.actor, at=visit.at, key=key, **inputs)
    if outcome is None:
        raise wrong
    return _answer(outcome, wish, everything)


# --- the request ------------------------------------------------------------------------------------------------------


def _key(visit: Visit) -> str | None:
    """The header's key, or None without a header. An empty one is refused: it would make one wish of everything."""
    given = visit.request.headers.get("Idempotency-Key")
    if given is None:
        return None
    if len(given) > LONGEST_KEY:
        raise ApiError(
            Kind.FORBIDDEN,
            Item("error.msg.data.integrity.issue", "item.key_too_long", "input.bad", "Idempotency-Key",
                 (LONGEST_KEY,), {"longest": LONGEST_KEY}),
        )  # fmt: skip
    if not KEY.fullmatch(given):
        raise ApiError(
            Kind.VALIDATION,
            Item("error.msg.idempotency.key.malformed", "item.key_malformed", "input.bad", "Idempotency-Key"),
        )
    return given


def _read(visit: Visit) -> Wish:
    """Raises `ApiError` with all that is wrong in itself: types, ranges, dates, amounts."""
    members = Members(read_object(visit.request), "accounttransfer")
    members.allow(BODY)
    source, target = _end(members, "from"), _end(members, "to")
    locale = members.locale()
    on = members.day("transferDate", locale)
    amount = members.amount("transferAmount", locale, visit.institution.currency)
    members.text("transferDescription", longest=LONGEST_DESCRIPTION)
    members.finish()
    assert source is not None and target is not None and on is not None and amount is not None
    return Wish(source, target, amount, on)


def _end(members: Members, side: str) -> End | None:
    office, client = members.identifier(f"{side}OfficeId"), members.identifier(f"{side}ClientId")
    account = members.identifier(f"{side}AccountId")
    kind = members.one_of(f"{side}AccountType", [each.value for each in AccountType])
    if office is None or client is None or account is None or kind is None:
        return None
    return End(office, client, account, AccountType(kind))


# --- against the facts ------------------------------------------------------------------------------------------------


def _wrong(wish: Wish, everything: Everything, *, is_third_party: bool) -> ApiError | None:
    """What the act itself would not find: ends that don't fit their account, kinds of transfer that are not offered,
    and another day than today. Accounts that are not the person's go on to the act, which refuses and audits them."""
    if wish.source.type is AccountType.LOAN:
        return _from_loan(wish, everything)
    items = [_details(side) for side, end in wish.ends() if _is_misfit(end, everything)]
    if is_third_party and not items:
        items = [_details("to")]  # nobody has beneficiaries yet, and one's own accounts are none
    if items:
        return ApiError(Kind.VALIDATION, *items)
    if wish.on != everything.on:
        return ApiError(Kind.VALIDATION, _another_day(wish.on, everything.on))
    return None


def _from_loan(wish: Wish, everything: Everything) -> ApiError:
    if wish.target.type is AccountType.LOAN:
        code = "validation.msg.accounttransfer.null.loan.to.loan.transfer.not.allowed"
        return ApiError(Kind.VALIDATION, Item(code, "item.loan_to_loan", "transfer.not_offered"))
    if _account_of(wish.source, everything) is None or _is_misfit(wish.source, everything):
        return ApiError(Kind.VALIDATION, _details("from"))
    code = "error.msg.loan.transaction.is.not.a.overpaid.loan"
    return ApiError(Kind.DOMAIN_RULE, Item(code, "item.from_loan", "transfer.not_offered", "id"))


def _account_of(end: End, everything: Everything) -> Savings | Loan | None:
    kind = AccountKind.LOAN if end.type is AccountType.LOAN else AccountKind.SAVINGS
    own_accounts: tuple[Savings | Loan, ...] = (*everything.savings, *everything.loans)
    return next((a for a in own_accounts if a.id == end.account and a.ref.kind is kind), None)


def _is_misfit(end: End, everything: Everything) -> bool:
    """An own account with another client's or office's id beside it."""
    account = _account_of(end, everything)
    return account is not None and (account.client, account.office) != (end.client, end.office)


def _details(side: str) -> Item:
    return Item(
        f"validation.msg.accounttransfer.null.invalid.{side}.account.details",
        f"item.{side}_details",
        "object.not_found",
    )


def _another_day(on: date, today: date) -> Item:
    if on > today:
        code, parameter = "error.msg.savingsaccount.transaction.in.the.future", "transactionDate"
    else:
        code, parameter = "validation.msg.accounttransfer.transferDate.is.not.today", "transferDate"
    return Item(code, "item.not_today", "input.bad", parameter, (on,), {"on": on, "today": today})


def _refused(refused: Refused, wish: Wish, everything: Everything | None) -> ApiError:
    if refused.code != "object.not_found" or everything is None:
        return error_of(refused)
    sides = [side for side, end in wish.ends() if _account_of(end, everything) is None]
    error = error_of(refused)
    return ApiError(Kind.VALIDATION, *(_details(side) for side in sides or ["from"]), headers=error.headers)
