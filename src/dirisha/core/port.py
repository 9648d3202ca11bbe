"""The core bank as the house sees it: facts, the books' vocabulary, what a core can refuse, and the scoped view.

A core is chosen by the institution's TOML and reached through `core.of(...)`; nobody asks it without a scope. Facts
are frozen: what was true when they were read, *under lock* in front of the native core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol

from dirisha.core.allocation import Allocation
from dirisha.core.installments import Installment
from dirisha.db.transactions import Tx
from dirisha.kit.ids import ClientId, CommandId, JournalId, LoanId, OfficeId, SavingsId
from dirisha.kit.money import Currency, Money
from dirisha.kit.phone import masked_account
from dirisha.kit.refusal import Final
from dirisha.kit.scope import Scope

# --- what a core can refuse -------------------------------------------------------------------------------------------


class NotEnoughMoney(Final):
    """The source account does not hold the amount and its fee. Facts: `available`."""

    code = "account.not_enough_money"


class AccountNotActive(Final):
    """A savings account takes part in money acts only while it is active. Facts: `account` (masked number)."""

    code = "account.not_active"


class LoanNotActive(Final):
    """Repayments go to active loans only. Facts: `loan` (masked number)."""

    code = "loan.not_active"


class MoreThanOutstanding(Final):
    """The amount is more than what is left of the loan. Facts: `outstanding`."""

    code = "loan.more_than_outstanding"


class ProductUnknown(Final):
    """No product of that name is on offer. Facts: `product`."""

    code = "product.unknown"


class TermsNotOffered(Final):
    """The product's terms don't allow this loan. Facts: `rule`, `limit`."""

    code = "loan.terms_not_offered"


# --- facts ------------------------------------------------------------------------------------------------------------


class AccountKind(StrEnum):
    SAVINGS = "savings"
    LOAN = "loan"


class AccountStatus(StrEnum):
    ACTIVE = "active"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account as a person is shown it: `name` is the product's or the owner's word, `number` is whole."""

    kind: AccountKind
    id: int
    number: str
    name: str

    @property
    def masked(self) -> str:
        return masked_account(self.number)


@dataclass(frozen=True, slots=True)
class Office:
    id: OfficeId
    name: str


@dataclass(frozen=True, slots=True)
class Client:
    id: ClientId
    number: str
    first_name: str
    last_name: str
    office: OfficeId
    office_name: str
    msisdn: str | None
    submitted_on: date
    activated_on: date

    @property
    def display_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Savings:
    id: SavingsId
    number: str
    name: str
    product_id: int
    client: ClientId
    client_name: str
    office: OfficeId
    status: AccountStatus
    balance: Money
    opened_on: date

    @property
    def ref(self) -> AccountRef:
        return AccountRef(AccountKind.SAVINGS, self.id, self.number, self.name)


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan with its schedule. `rate_percent` is nominal a year, as text with its decimals (`24.00`)."""

    id: LoanId
    number: str
    name: str
    product_id: int
    client: ClientId
    client_name: str
    office: OfficeId
    status: AccountStatus
    currency: Currency
    principal: Money
    rate_percent: str
    disbursed_on: date
    closed_on: date | None
    installments: tuple[Installment, ...]

    @property
    def ref(self) -> AccountRef:
        return AccountRef(AccountKind.LOAN, self.id, self.number, self.name)

    @property
    def is_active(self) -> bool:
        return self.status is AccountStatus.ACTIVE

    @property
    def outstanding(self) -> Money:
        """Everything left: principal and all scheduled interest."""
        minor = sum(i.outstanding_minor for i in self.installments)
        return Money(minor, self.currency)


@dataclass(frozen=True, slots=True)
class SavingsLine:
    """One transaction of a savings account: all legs of one journal together.

    `kind` is the journal's (`loans.repay` …); `amount` is signed from the account's point of view; `line` is the
    number of its last leg, and pages are cut by it.
    """

    line: int
    journal: JournalId
    reference: str
    kind: str
    business_date: date
    booked_at: datetime
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class SavingsTurnover:
    """All that ever came into an account and went out of it, and the business date of its newest line."""

    paid_in: Money
    paid_out: Money
    last_on: date | None


@dataclass(frozen=True, slots=True)
class LoanTransaction:
    """`kind` is `disbursement` or `repayment`; `outstanding_principal` is what was left after it."""

    number: int
    journal: JournalId
    reference: str
    kind: Literal["disbursement", "repayment"]
    business_date: date
    booked_at: datetime
    amount: Money
    principal: Money
    interest: Money
    outstanding_principal: Money


@dataclass(frozen=True, slots=True)
class Overview:
    """What one page about a client's affairs needs, read together."""

    clients: tuple[Client, ...]
    savings: tuple[Savings, ...]
    loans: tuple[Loan, ...]
    latest: tuple[tuple[SavingsId, SavingsLine], ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """`kind` is the act's name. `principal` and `interest` say where a repayment went; None for other kinds.

    `source` is None for cash paid in and for a disbursement; `balance_after` is the source's, or the target's then.
    """

    reference: str
    kind: str
    business_date: date
    booked_at: datetime
    source: AccountRef | None
    target: AccountRef
    payee: str
    amount: Money
    fee: Money
    principal: Money | None
    interest: Money | None
    balance_after: Money


# --- what moves -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Posting:
    """What every journal of an act carries besides its movements."""

    command: CommandId
    journal: JournalId
    reference: str
    kind: str
    business_date: date
    booked_at: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """The money has moved: the journal stands in the books. `opened` is the account that the act made, if any."""

    posting: Posting
    opened: AccountRef | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """The accounts that an act locks and reads."""

    savings: tuple[SavingsId, ...] = ()
    loans: tuple[LoanId, ...] = ()


class Facts(Protocol):
    """What was read for an act, under lock; not there and not in the scope look alike."""

    def savings(self, savings_id: SavingsId) -> Savings | None: ...

    def loan(self, loan_id: LoanId) -> Loan | None: ...

    def loan_product(self, name: str) -> LoanProduct | None: ...

    def plan_loan(
        self, product: LoanProduct, principal: Money, installments: int, on: date
    ) -> Sequence[Installment]: ...


class Core(Protocol):
    """A core bank. Methods with a `tx` run inside the caller's transaction, under the role that they name."""

    facts_are: Literal["under lock", "as read"]

    def business_date(self, at: datetime) -> date: ...

    def set_up(self) -> None:
        """Make what the institution's file names and the core has not yet: offices, products. Idempotent."""
        ...

    # reading, under the viewer's role: row-level security is on
    def overview(self, tx: Tx, scope: Scope, *, latest: int) -> Overview: ...

    def clients(self, tx: Tx, scope: Scope) -> list[Client]: ...

    def offices(self, tx: Tx) -> list[Office]: ...

    def savings_account(self, tx: Tx, scope: Scope, savings_id: SavingsId) -> Savings | None: ...

    def savings_lines(
        self, tx: Tx, scope: Scope, savings_id: SavingsId, *, before: int | None, limit: int
    ) -> list[SavingsLine]: ...

    def savings_turnover(self, tx: Tx, scope: Scope, savings_id: SavingsId) -> SavingsTurnover: ...

    def loan(self, tx: Tx, scope: Scope, loan_id: LoanId) -> Loan | None: ...

    def loan_transactions(self, tx: Tx, scope: Scope, loan_id: LoanId) -> list[LoanTransaction]: ...

    def receipt(self, tx: Tx, scope: Scope, reference: str) -> Receipt | None: ...

    # an act, under `books`: locks first, facts by a later statement
    def lock(self, tx: Tx, scope: Scope, touched: Touched) -> None: ...

    def read_locked(self, tx: Tx, scope: Scope, touched: Touched) -> Facts: ...

    # money
    def transfer(
        self, tx: Tx, posting: Posting, source: Savings, target: Savings, amount: Money, fee: Money
    ) -> Posted: ...

    def repay(
        self, tx: Tx, posting: Posting, source: Savings, loan: Loan, amount: Money, fee: Money, allocation: Allocation
    ) -> Posted: ...

    def deposit(self, tx: Tx, posting: Posting, target: Savings, amount: Money) -> Posted: ...

    def disburse(
        self, tx: Tx, posting: Posting, target: Savings, offer: LoanOffer, installments: Sequence[Installment]
    ) -> Posted: ...

    # a branch's work that moves no money
    def loan_product(self, tx: Tx, name: str) -> LoanProduct | None: ...

    def plan_loan(self, product: LoanProduct, principal: Money, installments: int, on: date) -> Sequence[Installment]:
        """The schedule of a new loan; raises `TermsNotOffered`."""
        ...

    def open_client(
        self, tx: Tx, *, office: OfficeId, first_name: str, last_name: str, msisdn: str | None, on: date
    ) -> ClientId: ...

    def client_in_office(self, tx: Tx, client: ClientId, office: OfficeId) -> bool: ...

    def open_savings(
        self, tx: Tx, *, client: ClientId, office: OfficeId, product: str, name: str, on: date
    ) -> AccountRef:
        """Raises `ProductUnknown`; `NotFound` when the client does not belong to the office."""
        ...


@dataclass(frozen=True, slots=True)
class LoanProduct:
    """Terms on offer; amounts in the institution's currency, `rate_percent` nominal a year."""

    id: int
    name: str
    rate_percent: str
    smallest: Money
    largest: Money
    fewest_installments: int
    most_installments: int


@dataclass(frozen=True, slots=True)
class LoanOffer:
    """A loan about to be disbursed on a product's terms."""

    product: LoanProduct
    principal: Money
    installments: int
