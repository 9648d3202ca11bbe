"""What an asker may see of Fineract, read side by side within one deadline.

Whose an account is, its own answer says, and that is held against the scope. Calls that a question needs, for `c`
clients with `l` loans and `s` savings accounts that are open (in brackets: side by side): overview (2c + l + s), or
(2c) and then (l + s) where it is not known yet which accounts are open; an account with a page of lines (3); a loan
with its transactions (1); the accounts of an act (1 each, and c). They don't grow with the number of transactions.
Loans that are closed are read once in a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from dirisha.core.fineract import calls
from dirisha.core.fineract.deadline import Deadline
from dirisha.core.fineract.facts import AccountFacts, Facts, Json, day_of_line
from dirisha.core.fineract.http import Unreadable
from dirisha.core.fineract.link import Asked, Link
from dirisha.core.installments import Installment
from dirisha.core.port import (
    AccountStatus,
    Client,
    KeptElsewhere,
    Loan,
    LoanProduct,
    LoanTransaction,
    Office,
    Overview,
    Receipt,
    Savings,
    SavingsLine,
    SavingsTurnover,
    Touched,
)
from dirisha.kit import scope as kit
from dirisha.kit.actor import Channel
from dirisha.kit.ids import ClientId, LoanId, SavingsId
from dirisha.kit.money import Money
from dirisha.kit.refusal import NotFound
from dirisha.kit.scope import Scope

# Fineract orders a day's transactions by when they were written, we by their numbers: rows of one command may come the
# other way round, so some more are read than are shown.
ROWS_OF_ONE_COMMAND = 8
SIDE_BY_SIDE_CLIENTS = 4


class FineractReader:
    """Facts of one scope. What was read once is kept for as long as the question lasts."""

    facts_are: Literal["under lock", "as read"] = "as read"

    def __init__(self, link: Link, facts: Facts, scope: Scope, deadline: Deadline) -> None:
        self._link, self._facts, self._scope, self._deadline = link, facts, scope, deadline
        self._clients: dict[ClientId, Client | None] = {}
        self._accounts: dict[SavingsId, AccountFacts | None] = {}
        self._newest_of: dict[SavingsId, date | None] = {}
        self._loans: dict[LoanId, Loan | None] = {}
        self._loan_bodies: dict[LoanId, Json] = {}

    # --- people -------------------------------------------------------------------------------------------------------

    def clients(self) -> list[Client]:
        """Those that the scope names: an office's are asked for one by one."""
        ids = self._scope.ids if isinstance(self._scope, kit.Clients) else ()
        self._read_clients(ids)
        return [client for id_ in ids if (client := self._clients[id_]) is not None]

    def client(self, client_id: ClientId) -> Client | None:
        if not self._may_be_seen(client_id):
            return None
        self._read_clients([client_id])
        return self._within(self._clients[client_id])

    def offices(self) -> list[Office]:
        kept: list[Office] | None = self._link.offices.get("all")
        if kept is None:
            body = self._link.ask(calls.OFFICES, self._deadline)
            with self._link.understanding("offices"):
                kept = self._link.offices.keep("all", self._facts.offices(body or []))
        return list(kept)

    def _read_clients(self, ids: Iterable[ClientId]) -> None:
        missing = [id_ for id_ in dict.fromkeys(ids) if id_ not in self._clients]
        bodies = self._link.ask_all([calls.client(id_) for id_ in missing], self._deadline)
        for id_, body in zip(missing, bodies, strict=True):
            self._clients[id_] = self._client_from(id_, body)

    def _client_from(self, asked: ClientId, body: Json | None) -> Client | None:
        with self._link.understanding("client"):
            client = None if body is None else self._facts.client(body)
            if client is not None and client.id != asked:
                raise Unreadable(f"client {client.id} in place of {asked}")
            return client

    def _may_be_seen(self, client_id: ClientId) -> bool:
        """Before anything is asked; whose office it is, the core says."""
        return isinstance(self._scope, kit.Office) or client_id in self._scope.ids

    def _within(self, client: Client | None) -> Client | None:
        if client is None or not self._may_be_seen(client.id):
            return None
        return client if isinstance(self._scope, kit.Clients) or client.office == self._scope.id else None

    # --- everything of one person -------------------------------------------------------------------------------------

    def overview(self, *, latest: int) -> Overview:
        begun = self._begin_known(latest)
        clients, listed = self._clients_with_accounts()
        savings: list[Savings] = []
        loans: list[tuple[LoanId, AccountStatus]] = []
        with self._link.understanding("accounts"):
            for client, body in zip(clients, listed, strict=True):
                of_client = self._facts.listed_savings(body, client), self._facts.listed_loans(body)
                savings, loans = savings + of_client[0], loans + of_client[1]
                self._link.open_accounts.keep(client.id, _open_ones(*of_client))
        open_savings = _open_ones(savings, ()).savings if latest else ()
        histories = [
            begun.histories.get(id_) or self._begin_lines(id_, before=None, limit=latest) for id_ in open_savings
        ]
        read_loans = self._listed_loans(loans, begun)
        return Overview(
            clients=tuple(clients),
            savings=tuple(sorted(savings, key=lambda each: each.id)),
            loans=tuple(loan for loan in read_loans if loan.client in {client.id for client in clients}),
            latest=self._newest(zip(open_savings, histories, strict=True), latest),
        )

    def _begin_known(self, latest: int) -> Begun:
        """Ask for the accounts that the clients had open when last looked at, beside the list that tells what they have
        now. What the list does not name any more is not shown.
        """
        begun = Begun({}, {})
        for client_id in self._scope.ids if isinstance(self._scope, kit.Clients) else ():
            known = self._link.open_accounts.get(client_id) or OpenAccounts()
            for savings_id in known.savings if latest else ():
                begun.histories[savings_id] = self._begin_lines(savings_id, before=None, limit=latest)
            for loan_id in known.loans:
                begun.loans[loan_id] = Asked(self._link, calls.loan(loan_id), self._deadline)
        return begun

    def _clients_with_accounts(self) -> tuple[list[Client], list[Json]]:
        """The clients, read beside their accounts; of an office none."""
        ids = self._scope.ids if isinstance(self._scope, kit.Clients) else ()
        under_way = [Asked(self._link, calls.accounts_of(id_), self._deadline) for id_ in ids]
        self._read_clients(ids)
        found = zip(ids, [each.answer() for each in under_way], strict=True)
        pairs = [(client, body) for id_, body in found if (client := self._clients[id_]) and body is not None]
        return [client for client, _ in pairs], [body for _, body in pairs]

    def _listed_loans(self, listed: Iterable[tuple[LoanId, AccountStatus]], begun: Begun) -> list[Loan]:
        """With schedules; a closed one, on which nothing moves, may be some minutes old."""
        kept, to_read = [], []
        for id_, status in sorted(listed):
            known: Loan | None = self._link.closed_loans.get(id_) if status is AccountStatus.CLOSED else None
            if known is None:
                to_read.append(id_)
            else:
                kept.append(known)
        asked = [begun.loans.get(id_) or Asked(self._link, calls.loan(id_), self._deadline) for id_ in to_read]
        bodies = [each.answer() for each in asked]
        read = [loan for body in bodies if (loan := self._loan_from(body)) is not None]
        for loan in read:
            if loan.status is AccountStatus.CLOSED:
                self._link.closed_loans.keep(loan.id, loan)
        return sorted([*kept, *read], key=lambda loan: loan.id)

    def _newest(
        self, histories: Iterable[tuple[SavingsId, Lines]], latest: int
    ) -> tuple[tuple[SavingsId, SavingsLine], ...]:
        lines = [(id_, line) for id_, history in histories for line in history.read()]
        lines.sort(key=lambda each: each[1].line, reverse=True)
        return tuple(lines[:latest])

    # --- savings ------------------------------------------------------------------------------------------------------

    def read_ahead(self, touched: Touched) -> None:
        """Accounts side by side, and beside them the clients whose office is needed, as far as they are known."""
        savings_ids = [id_ for id_ in touched.savings if id_ not in self._accounts]
        loan_ids = [id_ for id_ in touched.loans if id_ not in self._loans]
        savings = [Asked(self._link, calls.savings(id_), self._deadline) for id_ in savings_ids]
        loans = [Asked(self._link, calls.loan_with_transactions(id_), self._deadline) for id_ in loan_ids]
        if savings and isinstance(self._scope, kit.Clients) and len(self._scope.ids) <= SIDE_BY_SIDE_CLIENTS:
            self._read_clients(self._scope.ids)
        for loan_id, asked in zip(loan_ids, loans, strict=True):
            self._loan_bodies[loan_id] = asked.answer()
            self._loans[loan_id] = self._seen_loan(self._loan_from(self._loan_bodies[loan_id]))
        for savings_id, asked in zip(savings_ids, savings, strict=True):
            self._accounts[savings_id] = self._account_from(asked.answer())

    def savings(self, savings_id: SavingsId) -> Savings | None:
        account = self._account(savings_id)
        return account.savings if account is not None else None

    def fee(self, act: str, channel: Channel, source: Savings, amount: Money) -> Money:
        """What Fineract itself will take. Where it can't be told before, the branch has to do it."""
        account = self._account(source.id)
        with self._link.understanding("fee"):
            fee = account.fee(amount) if account is not None else Money.zero(amount.currency)
        if fee is None:
            raise KeptElsewhere()
        return fee

    def savings_lines(self, savings_id: SavingsId, *, before: int | None, limit: int) -> list[SavingsLine]:
        """Begun beside the account, which decides whether they are told."""
        history = self._begin_lines(savings_id, before=before, limit=limit)
        if self._account(savings_id) is None:
            return []
        lines = history.read()
        if before is None:
            self._newest_of[savings_id] = lines[0].business_date if lines else None
        return lines

    def savings_turnover(self, savings_id: SavingsId) -> SavingsTurnover:
        """Raises `NotFound` out of the scope."""
        if savings_id not in self._newest_of:
            self.savings_lines(savings_id, before=None, limit=1)
        account = self._account(savings_id)
        if account is None:
            raise NotFound(kind="savings")
        return SavingsTurnover(account.paid_in, account.paid_out, self._newest_of[savings_id])

    def _account(self, savings_id: SavingsId) -> AccountFacts | None:
        if savings_id not in self._accounts:
            self.read_ahead(Touched(savings=(savings_id,)))
        return self._accounts[savings_id]

    def _account_from(self, body: Json | None) -> AccountFacts | None:
        with self._link.understanding("savings"):
            account = None if body is None else self._facts.savings(body)
        client = self.client(account.savings.client) if account is not None else None
        if account is None or client is None:
            return None
        return replace(account, savings=replace(account.savings, office=client.office))

    def _begin_lines(self, savings_id: SavingsId, *, before: int | None, limit: int) -> Lines:
        return Lines(self._link, self._facts, self._deadline, savings_id, before, limit)

    # --- loans --------------------------------------------------------------------------------------------------------

    def loan(self, loan_id: LoanId) -> Loan | None:
        if loan_id not in self._loans:
            self.read_ahead(Touched(loans=(loan_id,)))
        return self._loans[loan_id]

    def loan_transactions(self, loan_id: LoanId) -> list[LoanTransaction]:
        """Oldest first; they come with the loan."""
        if self.loan(loan_id) is None:
            return []
        with self._link.understanding("loan"):
            rows = self._facts.loan_rows(self._loan_bodies[loan_id])
            told = [each for row in rows if (each := self._facts.loan_transaction(row)) is not None]
        return sorted(told, key=lambda each: (each.business_date, each.number))

    def _loan_from(self, body: Json | None) -> Loan | None:
        with self._link.understanding("loan"):
            return None if body is None else self._facts.loan(body)

    def _seen_loan(self, loan: Loan | None) -> Loan | None:
        if loan is None or not self._may_be_seen(loan.client):
            return None
        return loan if isinstance(self._scope, kit.Clients) or loan.office == self._scope.id else None

    # --- what a far core does not offer -------------------------------------------------------------------------------

    def receipt(self, reference: str) -> Receipt | None:
        """Receipts are read from the instruction."""
        return None

    def loan_product(self, name: str) -> LoanProduct | None:
        """Loans are arranged in Fineract itself."""
        return None

    def plan_loan(self, product: LoanProduct, principal: Money, installments: int, on: date) -> Sequence[Installment]:
        raise KeptElsewhere()


@dataclass(frozen=True, slots=True)
class OpenAccounts:
    """What a client had open when the list was last read: which accounts, and nothing of what is in them."""

    savings: tuple[SavingsId, ...] = ()
    loans: tuple[LoanId, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """Requests begun on the strength of what was open before."""

    histories: dict[SavingsId, Lines]
    loans: dict[LoanId, Asked]


def _open_ones(savings: Iterable[Savings], loans: Iterable[tuple[LoanId, AccountStatus]]) -> OpenAccounts:
    return OpenAccounts(
        savings=tuple(each.id for each in savings if each.status is not AccountStatus.CLOSED),
        loans=tuple(id_ for id_, status in loans if status is not AccountStatus.CLOSED),
    )


class Lines:
    """A page of an account's lines, newest first: begun at once, read as far as needed."""

    def __init__(
        self, link: Link, facts: Facts, deadline: Deadline, savings_id: SavingsId, before: int | None, limit: int
    ) -> None:
        self._link, self._facts, self._deadline = link, facts, deadline
        self._savings_id, self._before, self._limit = savings_id, before, limit
        self._wanted = limit + ROWS_OF_ONE_COMMAND
        self._offset = 0
        self._asked = self._ask(self._wanted)

    def read(self) -> list[SavingsLine]:
        """By their number, not by their place: what is booked meanwhile neither repeats a line nor hides one."""
        found: dict[int, SavingsLine] = {}
        size = self._wanted
        while True:
            rows = self._rows()
            with self._link.understanding("transactions"):
                lines = [line for row in rows if (line := self._facts.line(row)) is not None]
            found |= {line.line: line for line in lines if self._before is None or line.line < self._before}
            if len(found) >= self._wanted or len(rows) < size:
                return [found[number] for number in sorted(found, reverse=True)[: self._limit]]
            self._offset += len(rows)
            size = calls.MOST_ROWS
            self._asked = self._ask(size)

    def _ask(self, size: int) -> Asked:
        until = None if self._before is None else day_of_line(self._before)
        call = calls.savings_transactions(self._savings_id, limit=size, offset=self._offset, until=until)
        return Asked(self._link, call, self._deadline)

    def _rows(self) -> list[Json]:
        body = self._asked.answer()
        with self._link.understanding("transactions"):
            return [] if body is None else self._facts.transactions(body)
