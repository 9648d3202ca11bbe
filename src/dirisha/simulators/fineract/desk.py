"""The stand-in as a whole: whose books it keeps, who may call, what is switched on, what its branch has decided."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from dirisha.core.allocation import Allocation
from dirisha.core.native.core import NativeCore
from dirisha.core.native.facts import NativeReader
from dirisha.core.port import AccountStatus, Client, Loan, Posting, Savings
from dirisha.db.transactions import Role, Tx, transaction
from dirisha.kit.actor import Channel
from dirisha.kit.ids import ClientId, LoanId, SavingsId
from dirisha.kit.money import Money
from dirisha.kit.scope import Clients
from dirisha.ledger.books import CASH
from dirisha.simulators.fineract.faults import Fate, Faults
from dirisha.simulators.fineract.users import SUPER_USER, Users
from dirisha.tenants.institution import Institution
from dirisha.wire.written import Figures

COLUMN_DECIMALS = 6
MOST_HEARD = 30


class Block(StrEnum):
    """What a savings account does not take."""

    ALL = "block"
    CREDIT = "blockCredit"
    DEBIT = "blockDebit"


@dataclass(frozen=True, slots=True)
class Branch:
    """What the branch has decided since the process was started, over the books and without touching them.

    Replaced as a whole (`desk.branch = replace(desk.branch, …)`), since calls read it at any moment. `business_date`
    None is the institution's own day. `phones` are numbers that were changed. `checked` are the permissions whose
    commands wait for a checker.
    """

    business_date: date | None = None
    blocked: Mapping[int, Block] = field(default_factory=dict)
    closed_clients: frozenset[int] = frozenset()
    closed_savings: frozenset[int] = frozenset()
    closed_loans: frozenset[int] = frozenset()
    phones: Mapping[int, str] = field(default_factory=dict)
    checked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Heard:
    """One call as the control page shows it; `status` is what the core answered, whatever came through."""

    at: datetime
    method: str
    path: str
    status: int | None
    is_replay: bool
    fate: Fate


class Counter(NativeCore):
    """The native core with what only a branch's counter does: cash paid on a loan."""

    def repay_in_cash(self, tx: Tx, posting: Posting, loan: Loan, allocation: Allocation) -> None:
        self._repay(tx, posting, CASH, loan, Money.zero(loan.currency), allocation)


@dataclass(slots=True)
class Desk:
    institution: Institution
    users: Users = field(default_factory=lambda: Users(SUPER_USER))
    tenant: str = "default"
    faults: Faults = field(default_factory=Faults)
    branch: Branch = field(default_factory=Branch)
    heard: deque[Heard] = field(default_factory=lambda: deque(maxlen=MOST_HEARD))

    @property
    def core(self) -> Counter:
        return Counter(self.institution)

    @property
    def figures(self) -> Figures:
        return Figures(self.institution, COLUMN_DECIMALS)

    def business_date(self, at: datetime) -> date:
        return self.branch.business_date or self.core.business_date(at)

    def transfer_fee(self) -> Money:
        """What a withdrawal by transfer costs: the institution's tariff for its console."""
        return self.institution.fee("transfers.own", Channel.CONSOLE)

    @contextmanager
    def reading(self, at: datetime) -> Iterator[Reading]:
        with transaction("fineract.read", Role.BOOKS) as tx:
            yield Reading(self, tx, self.business_date(at))


@dataclass(frozen=True, slots=True)
class Reading:
    """The books as Fineract's users see them: all clients, and what the branch has decided over them."""

    desk: Desk
    tx: Tx
    on: date

    def reader(self, *clients: int) -> NativeReader:
        return self.desk.core.reader(self.tx, Clients(tuple(ClientId(client) for client in clients)))

    def client(self, client_id: int) -> Client | None:
        found = self.reader(client_id).clients()
        return self.seen_client(found[0]) if found else None

    def savings(self, savings_id: int) -> Savings | None:
        found = self.reader().savings(SavingsId(savings_id))
        return self.seen_savings(found) if found else None

    def loan(self, loan_id: int) -> Loan | None:
        found = self.reader().loan(LoanId(loan_id))
        return self.seen_loan(found) if found else None

    def seen_client(self, client: Client) -> Client:
        phone = self.desk.branch.phones.get(client.id)
        return client if phone is None else replace(client, msisdn=phone)

    def seen_savings(self, account: Savings) -> Savings:
        is_closed = account.id in self.desk.branch.closed_savings
        return replace(account, status=AccountStatus.CLOSED) if is_closed else account

    def seen_loan(self, loan: Loan) -> Loan:
        is_closed = loan.id in self.desk.branch.closed_loans and loan.is_active
        return replace(loan, status=AccountStatus.CLOSED, closed_on=self.on) if is_closed else loan
