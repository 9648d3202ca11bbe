"""Money in front of Fineract: an order travels as one account transfer, and is found again by its mark.

Fineract's own idempotency replays what was answered under a key, failures too, and looks at nothing but the key. It
overpays loans, and takes repayments of closed ones: we look at the loan before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import orjson
import structlog

from dirisha.core.fineract import calls
from dirisha.core.fineract.calls import Kind
from dirisha.core.fineract.deadline import Deadline
from dirisha.core.fineract.facts import AccountFacts, Facts, Json, LoanSummary
from dirisha.core.fineract.http import NotReached, Reply, Unanswered, Unreadable
from dirisha.core.fineract.link import NOT_PERMITTED, Asked, Link
from dirisha.core.fineract.mark import mark_of
from dirisha.core.fineract.refusals import Meaning, meaning_of
from dirisha.core.port import (
    AccountKind,
    AccountNotActive,
    AccountStatus,
    Answer,
    Awaiting,
    Booked,
    CoreAway,
    LoanNotActive,
    LoanTransaction,
    MoreThanOutstanding,
    NoAnswer,
    NotEnoughMoney,
    NotTaken,
    Order,
    Particulars,
    Party,
    RefusedByCore,
    Rejected,
)
from dirisha.kit.money import Money
from dirisha.kit.refusal import Refusal

STILL_IN_PROGRESS = NoAnswer("in progress")
LONGEST_KEY = 50  # Fineract's column
SAVINGS_TYPE, LOAN_TYPE = 2, 1
FEW_ROWS = 6

# Fineract's own words for a loan that close of business holds at this moment: it has not begun.
LOCKED = 409
IN_PROGRESS = 425

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

log = structlog.get_logger()


class Orders:
    """Sending, tracing and telling of orders; each answer says what is known, and nothing is raised but faults."""

    def __init__(self, link: Link, facts: Facts) -> None:
        self._link, self._facts = link, facts

    def send(self, order: Order, key: str, *, patience_s: float) -> Answer:
        deadline = Deadline(patience_s)
        try:
            unfit = self._unfit(order, deadline)
        except CoreAway as error:
            return NotTaken(str(error))
        return unfit or self._transfer(order, _body(order), key, deadline)

    def trace(self, order: Order, key: str, *, waits_as: str | None = None, patience_s: float) -> Answer:
        """By its mark in the books; where there is none, by the same key again.

        The loan is looked at first: what was booked before that look is found by the search. One that is unfit now
        and has no mark may still be on its way, so its key is used up before it is given up.
        """
        deadline = Deadline(patience_s)
        try:
            unfit = self._unfit(order, deadline)
            number = self._number_in_books(order, deadline)
        except CoreAway as error:
            return NoAnswer(str(error))
        if number is not None:
            return Booked(number)
        if unfit is not None:
            answer = self._give_up(order, unfit, key, deadline)
        else:
            answer = self._transfer(order, _body(order), key, deadline, was_sent=True)
        if answer == STILL_IN_PROGRESS and waits_as is not None:
            return self._checked(order, waits_as, deadline)
        # It is this sending that was not taken: the one before may have been.
        return NoAnswer(answer.why) if isinstance(answer, NotTaken) else answer

    def particulars(self, order: Order, *, patience_s: float) -> Particulars:
        """Raises `CoreAway`, also while the books don't show the order yet."""
        deadline = Deadline(patience_s)
        loan = self._loan_afterwards(order, deadline)
        mark = mark_of(order)
        for row in self._rows_of_the_day(order, deadline):
            with self._link.understanding("particulars"):
                if self._facts.marked(row) == mark:
                    return self._told(order, row, loan, deadline)
        raise CoreAway("the order is not to be seen in the books yet")

    # --- before -------------------------------------------------------------------------------------------------------

    def _unfit(self, order: Order, deadline: Deadline) -> Rejected | None:
        """Why a repayment must not be sent, as the loan is now. Raises `CoreAway`."""
        if order.target.account.kind is not AccountKind.LOAN:
            return None
        refused = LoanNotActive(loan=order.target.account.masked)
        body = self._link.ask(calls.loan_summary(order.target.account.id), deadline)
        if body is None:
            return Rejected(refused, "no such loan", by_look=True)
        with self._link.understanding("loan"):
            loan: LoanSummary = self._facts.loan_summary(body)
        if loan.status is not AccountStatus.ACTIVE:
            return Rejected(refused, loan.said, by_look=True)
        if order.amount > loan.outstanding:
            return Rejected(MoreThanOutstanding(outstanding=loan.outstanding), "totalOutstanding", by_look=True)
        return None

    # --- the transfer -------------------------------------------------------------------------------------------------

    def _transfer(self, order: Order, body: bytes, key: str, deadline: Deadline, *, was_sent: bool = False) -> Answer:
        if not 0 < len(key) <= LONGEST_KEY:
            raise ValueError(f"a key has 1 to {LONGEST_KEY} characters, not {len(key)}")
        try:
            reply = self._link.post(calls.TRANSFER, body, deadline, key=key)
        except NotReached as error:
            return NotTaken(str(error))
        except Unanswered as error:
            return NoAnswer(str(error))
        if reply.is_success:
            return _taken(reply)
        return self._not_taken(order, reply, deadline, was_sent=was_sent)

    def _not_taken(self, order: Order, reply: Reply, deadline: Deadline, *, was_sent: bool) -> Answer:
        status, codes = reply.status, reply.error_codes()
        said = f"HTTP {status} {codes[0] if codes else ''}".strip()
        if status == IN_PROGRESS:
            return STILL_IN_PROGRESS
        if reply.is_stored and (status >= 500 or not codes):
            # It failed for good under this key. Whether it had acted before it failed, the books were asked.
            return self._rejected(order, codes, said, deadline) if was_sent else NoAnswer(f"stored: {said}")
        if not codes or status >= 500:
            # Who answered may stand in between, and Fineract may have acted: nothing is known.
            self._log_not_taken(said, codes)
            return NoAnswer(said if codes else f"{said}: not an answer of Fineract's")
        if not reply.is_stored and (status == LOCKED or NOT_PERMITTED in codes):
            self._log_not_taken(said, codes)
            return NotTaken(said)
        return self._rejected(order, codes, said, deadline)

    def _give_up(self, order: Order, unfit: Rejected, key: str, deadline: Deadline) -> Answer:
        """Use the key up by a transfer that Fineract refuses in any case, so that a late first one finds it used."""
        answer = self._transfer(order, _body(order, amount="0"), key, deadline, was_sent=True)
        match answer:
            case Rejected():
                return Rejected(unfit.refusal, unfit.said)
            case NotTaken(why):
                return NoAnswer(why)
        return answer

    def _checked(self, order: Order, command: str, deadline: Deadline) -> Answer:
        """Whether a command that waits for a checker was rejected: by its key, both count as in progress for good.

        It is told by the command's row alone: checked, and nothing has come of it.
        """
        try:
            row = self._link.ask(calls.audit(command), deadline)
            with self._link.understanding("audit"):
                was_rejected = row is not None and bool(row.get("checkedOnDate")) and row.get("resourceId") is None
        except CoreAway:
            return Awaiting(command)
        if not was_rejected:
            return Awaiting(command)
        return Rejected(RefusedByCore(reference=order.reference), "rejected by a checker there")

    def _log_not_taken(self, said: str, codes: list[str]) -> None:
        log.error(
            "fineract.order_not_taken", institution=self._link.slug, url=self._link.url, said=said,
            permission=calls.MAKE_TRANSFER if NOT_PERMITTED in codes else None,
        )  # fmt: skip

    # --- a no in our words --------------------------------------------------------------------------------------------

    def _rejected(self, order: Order, codes: list[str], said: str, deadline: Deadline) -> Rejected:
        meaning = meaning_of(codes)
        if meaning is Meaning.NOT_KNOWN_TO_US:
            log.error(
                "fineract.refused", institution=self._link.slug, reference=order.reference, codes=codes, said=said
            )
        return Rejected(self._refusal(order, meaning, deadline), said)

    def _refusal(self, order: Order, meaning: Meaning, deadline: Deadline) -> Refusal:
        source, target = order.source.account, order.target.account
        match meaning:
            case Meaning.NOT_ENOUGH_MONEY:
                account = self._account(order.source, deadline)
                if account is not None:
                    return NotEnoughMoney(available=account.savings.available)
            case Meaning.SOURCE_NOT_ACTIVE:
                return AccountNotActive(account=source.masked)
            case Meaning.TARGET_NOT_ACTIVE:
                return AccountNotActive(account=target.masked)
            case Meaning.AN_ACCOUNT_NOT_ACTIVE:
                is_source = target.kind is AccountKind.LOAN or not self._is_active(order.source, deadline)
                return AccountNotActive(account=source.masked if is_source else target.masked)
            case Meaning.LOAN_NOT_ACTIVE:
                return LoanNotActive(loan=target.masked)
        return RefusedByCore(reference=order.reference)

    def _is_active(self, party: Party, deadline: Deadline) -> bool:
        account = self._account(party, deadline)
        return account is not None and account.savings.status is AccountStatus.ACTIVE

    def _account(self, party: Party, deadline: Deadline) -> AccountFacts | None:
        """As it is now; None where it is not there or can't be asked."""
        try:
            body = self._link.ask(calls.savings(party.account.id, Kind.MONEY), deadline)
            with self._link.understanding("savings"):
                return None if body is None else self._facts.savings(body)
        except CoreAway:
            return None

    # --- in the books -------------------------------------------------------------------------------------------------

    def _number_in_books(self, order: Order, deadline: Deadline) -> str | None:
        """The source's transaction that carries our mark. Raises `CoreAway`."""
        mark = mark_of(order)
        for row in self._rows_of_the_day(order, deadline):
            with self._link.understanding("trace"):
                if self._facts.marked(row) == mark:
                    return str(row["id"])
        return None

    def _rows_of_the_day(self, order: Order, deadline: Deadline) -> Iterator[Json]:
        """The source's transactions of the order's business date, newest first, read as far as they are looked at."""
        offset, limit = 0, FEW_ROWS
        while True:
            call = calls.savings_transactions(
                order.source.account.id, limit=limit, offset=offset,
                since=order.business_date, until=order.business_date, kind=Kind.MONEY,
            )  # fmt: skip
            body = self._link.ask(call, deadline)
            if body is None:
                return
            with self._link.understanding("transactions"):
                rows = self._facts.transactions(body)
            yield from rows
            if len(rows) < limit:
                return
            offset, limit = offset + len(rows), calls.MOST_ROWS

    def _loan_afterwards(self, order: Order, deadline: Deadline) -> Asked | None:
        if order.target.account.kind is not AccountKind.LOAN:
            return None
        return Asked(self._link, calls.loan_transactions(order.target.account.id), deadline)

    def _told(self, order: Order, row: Json, asked: Asked | None, deadline: Deadline) -> Particulars:
        """What the core takes besides is a row of its own, right after this one."""
        line = self._facts.line(row)
        balance = line.balance - order.fee if line is not None else self._balance_now(order, deadline)
        loan = asked.answer() if asked is not None else None
        if loan is None:
            return Particulars(balance)
        part = self._part_of(order, loan)
        return Particulars(
            balance,
            principal=part.principal if part else None,
            interest=part.interest if part else None,
            outstanding=self._facts.loan_summary(loan).outstanding,
        )

    def _balance_now(self, order: Order, deadline: Deadline) -> Money:
        """Where staff have reversed the transfer since: its row has no balance any more."""
        account = self._account(order.source, deadline)
        if account is None:
            raise CoreAway("the source can't be read")
        return account.savings.balance

    def _part_of(self, order: Order, loan: Json) -> LoanTransaction | None:
        for row in self._facts.loan_rows(loan):
            if self._facts.marked(row) == mark_of(order):
                return self._facts.loan_transaction(row)
        return None


def _taken(reply: Reply) -> Answer:
    """A 200 with a number has been booked; one without waits for a second pair of eyes."""
    try:
        body = reply.json()
    except Unreadable as error:
        return NoAnswer(f"HTTP {reply.status}: {error}")
    if isinstance(body, dict):
        if _is_number(body.get("resourceId")) and not body.get("rollbackTransaction"):
            return Booked(str(body["resourceId"]))
        if _is_number(body.get("commandId")):
            return Awaiting(str(body["commandId"]))
    return NoAnswer(f"HTTP {reply.status}, which says nothing of a transfer")


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _body(order: Order, *, amount: str | None = None) -> bytes:
    """The order as Fineract wants it; always the same bytes for the same order."""
    source, target = order.source, order.target
    return orjson.dumps(
        {
            "fromOfficeId": source.office,
            "fromClientId": source.client,
            "fromAccountId": source.account.id,
            "fromAccountType": _account_type(source),
            "toOfficeId": target.office,
            "toClientId": target.client,
            "toAccountId": target.account.id,
            "toAccountType": _account_type(target),
            "transferAmount": orjson.Fragment(amount or order.amount.plain()),
            "transferDate": _day(order.business_date),
            "transferDescription": mark_of(order),
            "locale": "en",
            "dateFormat": "dd MMMM yyyy",
        }
    )


def _account_type(party: Party) -> int:
    return LOAN_TYPE if party.account.kind is AccountKind.LOAN else SAVINGS_TYPE


def _day(day: date) -> str:
    return f"{day.day:02} {MONTHS[day.month - 1]} {day.year}"
