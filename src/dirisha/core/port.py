"""The core bank as the house sees it: facts, orders, what a core can refuse, and the two kinds of core.

A core is chosen by the institution's TOML; nobody asks it without a scope. Facts are frozen: what was true when they
were read. A *near* core keeps its books in our database: facts are read under lock, in the act's transaction, and money
is posted in it. A *far* core answers over a network: facts are as read before the transaction, and money becomes an
*order*, which `payments` sends when the act is committed. No method of a far core is called with a transaction open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

from dirisha.core.allocation import Allocation
from dirisha.core.installments import Installment
from dirisha.db.transactions import Tx
from dirisha.kit.actor import Channel
from dirisha.kit.ids import ClientId, CommandId, JournalId, LoanId, OfficeId, SavingsId
from dirisha.kit.money import Currency, Money
from dirisha.kit.phone import masked_account
from dirisha.kit.refusal import Final, Refusal
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


class RefusedByCore(Final):
    """The core said no for a reason that we have no code for. Facts: `reference` (of the instruction)."""

    code = "core.refused"


class NotTakenInTime(Final):
    """The core could not be reached for so long that the order was given up; it was never carried out."""

    code = "core.not_taken"


class KeptElsewhere(Final):
    """What this act changes is kept in the institution's core system, and changed there."""

    code = "core.kept_elsewhere"


class CoreAway(ConnectionError):
    """A far core can't be asked now; what was asked for did not happen."""


# --- facts ------------------------------------------------------------------------------------------------------------


class AccountKind(StrEnum):
    SAVINGS = "savings"
    LOAN = "loan"


class AccountStatus(StrEnum):
    """`BLOCKED`: open, but the core lets nothing out of it."""

    ACTIVE = "active"
    CLOSED = "closed"
    BLOCKED = "blocked"


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

    def packed(self) -> list[str | int]:
        """As JSON has it, in quotes, receipts and orders."""
        return [self.kind.value, self.id, self.number, self.name]

    @classmethod
    def unpacked(cls, stored: list[Any]) -> AccountRef:
        kind, account_id, number, name = stored
        return cls(AccountKind(kind), account_id, number, name)


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
    """`available` is what may leave the account: the balance less what the core holds back."""

    id: SavingsId
    number: str
    name: str
    product_id: int
    client: ClientId
    client_name: str
    office: OfficeId
    status: AccountStatus
    balance: Money
    available: Money
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

    `kind` is the act's name (`loans.repay` …), or one of `KINDS_OF_A_CORE` for what was done in a far core; `amount` is
    signed from the account's point of view. Pages are cut by `line`. `reference` finds our receipt; None where there is
    none. `number` is what the core calls the transaction, unique within the account.
    """

    line: int
    number: int
    reference: str | None
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
    """`kind` is `disbursement` or `repayment`; `outstanding_principal` is what was left after it.

    `reference` finds our receipt; None where there is none.
    """

    number: int
    reference: str | None
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

    `source` is None for cash paid in and for a disbursement. `balance_after` is the source's, or the target's then;
    None where a far core has booked the money and has not told its balance yet.
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
    balance_after: Money | None


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
class Party:
    """One end of an order: the account, and the client and office it belongs to."""

    account: AccountRef
    client: ClientId
    office: OfficeId


@dataclass(frozen=True, slots=True)
class Order:
    """Money that a far core is to move, once: what an instruction carries.

    `kind` is the act's name. `reference` is ours: it travels with the money and finds it again. `fee` is what the core
    itself will take from the source besides. The order stays as it is however often it is sent.
    """

    kind: str
    reference: str
    business_date: date
    source: Party
    target: Party
    amount: Money
    fee: Money


@dataclass(frozen=True, slots=True)
class Ordered:
    """The money is to be moved by a far core: the engine stores the order as an instruction."""

    posting: Posting
    order: Order
    opened: None = None


# --- what a far core answers to an order ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Booked:
    """It has moved; `number` is what the core calls it."""

    number: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """It has not moved. `said` is the core's own code, for the log and the operator.

    With `by_look` it was not sent: the accounts, looked at before, would not allow it. Without, the core has refused it
    and under this key will always.
    """

    refusal: Refusal
    said: str
    by_look: bool = False


@dataclass(frozen=True, slots=True)
class NotTaken:
    """This time it was surely not carried out; the same order may be sent again."""

    why: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """It may have been carried out or not: to be found out by asking."""

    why: str


@dataclass(frozen=True, slots=True)
class Awaiting:
    """The core has taken it and waits for somebody there to approve it; `trace` is how it is found there."""

    trace: str


Answer = Booked | Rejected | NotTaken | NoAnswer | Awaiting


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the books say of a booked order: the source's balance right after it; for a repayment its split and what is
    left of the loan in all.
    """

    balance_after: Money
    booked_at: datetime | None = None
    principal: Money | None = None
    interest: Money | None = None
    outstanding: Money | None = None


# --- asking -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Touched:
    """The accounts that an act locks and reads."""

    savings: tuple[SavingsId, ...] = ()
    loans: tuple[LoanId, ...] = ()


class Facts(Protocol):
    """What an act may look at; not there and not in the scope look alike."""

    def savings(self, savings_id: SavingsId) -> Savings | None: ...

    def loan(self, loan_id: LoanId) -> Loan | None: ...

    def loan_product(self, name: str) -> LoanProduct | None: ...

    def plan_loan(self, product: LoanProduct, principal: Money, installments: int, on: date) -> Sequence[Installment]:
        """The schedule of a new loan; raises `TermsNotOffered`."""
        ...

    def fee(self, act: str, channel: Channel, source: Savings, amount: Money) -> Money:
        """What the act costs besides: by the institution's tariff, or by what the core itself will charge."""
        ...


class Reader(Facts, Protocol):
    """All that a core answers within one scope. A far core raises `CoreAway`, a near one `psycopg.Error`."""

    facts_are: Literal["under lock", "as read"]

    def overview(self, *, latest: int) -> Overview: ...

    def clients(self) -> list[Client]:
        """Those that the scope names; an office's are asked for one by one, and an overview has none of them."""
        ...

    def client(self, client_id: ClientId) -> Client | None: ...

    def offices(self) -> list[Office]: ...

    def savings_lines(self, savings_id: SavingsId, *, before: int | None, limit: int) -> list[SavingsLine]: ...

    def savings_turnover(self, savings_id: SavingsId) -> SavingsTurnover: ...

    def loan_transactions(self, loan_id: LoanId) -> list[LoanTransaction]: ...

    def receipt(self, reference: str) -> Receipt | None:
        """From the books of a near core; a far one has none (its receipts are read from the instruction)."""
        ...


class NearCore(Protocol):
    """A core whose books are in our database. Methods with a `tx` run inside the caller's transaction."""

    facts_are: Literal["under lock"]

    def business_date(self, at: datetime) -> date: ...

    def set_up(self) -> None:
        """Make what the institution's file names and the core has not yet: offices, products. Idempotent."""
        ...

    def reader(self, tx: Tx, scope: Scope) -> Reader:
        """Reads in `tx`, which runs under the viewer's role: row-level security is on."""
        ...

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
    def open_client(
        self, tx: Tx, *, office: OfficeId, first_name: str, last_name: str, msisdn: str | None, on: date
    ) -> ClientId: ...

    def open_savings(
        self, tx: Tx, *, client: ClientId, office: OfficeId, product: str, name: str, on: date
    ) -> AccountRef:
        """Raises `ProductUnknown`; `NotFound` when the client does not belong to the office."""
        ...


class FarCore(Protocol):
    """A core on another machine. Nothing here is called with a transaction open; all of it may raise `CoreAway`,
    but for `send` and `trace`, whose answers say what is known.
    """

    facts_are: Literal["as read"]

    def business_date(self, at: datetime) -> date: ...

    def set_up(self) -> None: ...

    def reader(self, scope: Scope, *, patience_s: float) -> Reader:
        """`patience_s` bounds what one question may take in all."""
        ...

    def read(self, scope: Scope, touched: Touched, *, patience_s: float) -> Facts:
        """The accounts of an act, read side by side."""
        ...

    def send(self, order: Order, key: str, *, patience_s: float) -> Answer:
        """Send an order that was surely never sent, or whose last sending was `NotTaken`."""
        ...

    def trace(self, order: Order, key: str, *, waits_as: str | None = None, patience_s: float) -> Answer:
        """Find out what became of an order that may have been sent: by its reference, then by the same key again.
        `waits_as` is the trace of its `Awaiting`, where that was the last answer to be had.

        Its `Rejected` is always a verdict of the core: one that the accounts would not allow now has its key used up
        before it is given up, so that an earlier sending that is still on its way can't succeed after it.
        """
        ...

    def particulars(self, order: Order, number: str, *, patience_s: float) -> Particulars:
        """What the books say of an order that is booked."""
        ...


Core = NearCore | FarCore


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
