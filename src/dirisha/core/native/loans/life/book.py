"""A loan while an event folds into it: the state's figures, open to be changed in place, and put back frozen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from dirisha.core.native.loans.amounts import Amounts
from dirisha.core.native.loans.life.open_charges import OpenCharge
from dirisha.core.native.loans.life.rows import Row
from dirisha.core.native.loans.life.state import Arrears, Dates, LoanCharge, State, Status
from dirisha.core.native.loans.life.terms import LifeTerms
from dirisha.core.native.loans.life.transactions import CREDITS, PAYS_INSTALLMENTS, Transaction, TransactionKind
from dirisha.core.parts import Parts


class Book:
    """`on` is the business day of the event that is being entered.

    `facts_before` is the value date and the number of the transaction before which an event leaves the past alone.
    """

    __slots__ = (
        "_state",
        "amounts",
        "approved_minor",
        "arrears",
        "charges",
        "dates",
        "facts_before",
        "non_performing",
        "on",
        "overpaid_minor",
        "principal_minor",
        "rows",
        "status",
        "terms",
        "transactions",
    )

    def __init__(self, state: State) -> None:
        self._state = state
        self.terms: LifeTerms = state.terms
        self.amounts = Amounts(state.terms.loan)
        self.status: Status = state.status
        self.on: date = state.on
        self.dates: Dates = state.dates
        self.approved_minor = state.approved_minor
        self.principal_minor = state.principal_minor
        self.overpaid_minor = state.overpaid_minor
        self.rows: list[Row] = [Row(installment) for installment in state.installments]
        self.charges: list[OpenCharge] = self._opened(state.charges)
        self.transactions: list[Transaction] = list(state.transactions)
        self.arrears: Arrears | None = state.arrears
        self.facts_before: tuple[date, int] | None = None
        self.non_performing = state.non_performing

    def closed(self) -> State:
        """The state that the event has brought about."""
        return replace(
            self._state,
            terms=self.terms,
            status=self.status,
            on=self.on,
            dates=self.dates,
            approved_minor=self.approved_minor,
            principal_minor=self.principal_minor,
            overpaid_minor=self.overpaid_minor,
            installments=tuple(row.installment() for row in self.rows),
            charges=tuple(charge.charge() for charge in self.charges),
            transactions=tuple(self.transactions),
            arrears=self.arrears,
            non_performing=self.non_performing,
        )

    def change_terms(self, terms: LifeTerms) -> None:
        self.terms = terms
        self.amounts = Amounts(terms.loan)

    # Charges

    def _opened(self, charges: tuple[LoanCharge, ...]) -> list[OpenCharge]:
        if not charges:
            return []
        due_dates = {row.number: row.due_date for row in self.rows}
        return [OpenCharge(charge, due_dates) for charge in charges]

    def open_charge(self, charge: LoanCharge) -> OpenCharge:
        """Put one more charge on the loan."""
        opened = self._opened((replace(charge, after_transaction=len(self.transactions)),))[0]
        self.charges.append(opened)
        return opened

    def charges_due_minor(self, on: date, *, penalties: bool) -> int:
        """The full amounts of charges not yet settled that are due by the day `on`."""
        return sum(
            charge.amount_minor
            for charge in self.charges
            if charge.is_penalty is penalties and charge.is_pending and (charge.due_on or on) <= on
        )

    # Transactions

    def enter(self, kind: TransactionKind, on: date, amount_minor: int, *, split: Parts | None = None) -> Transaction:
        """One more transaction, as yet with no split but the given one."""
        transaction = Transaction(
            number=len(self.transactions) + 1,
            kind=kind,
            on=on,
            booked_on=self.on,
            amount_minor=amount_minor,
            split=split or Parts(),
        )
        self.transactions.append(transaction)
        return transaction

    def put(self, transaction: Transaction) -> None:
        """In the place of the one with its number."""
        self.transactions[transaction.number - 1] = transaction

    def reverse(self, transaction: Transaction) -> None:
        self.put(replace(transaction, reversed_on=self.on))

    def standing(self) -> Iterator[Transaction]:
        """In the order of value dates; of one day, in the order of entry. Reversed ones are left out."""
        standing = [transaction for transaction in self.transactions if transaction.reversed_on is None]
        return iter(sorted(standing, key=lambda transaction: (transaction.on, transaction.number)))

    def last_on(self) -> date | None:
        """The latest value date of a transaction that moves money or debt (accruals and disbursements do not)."""
        return max(
            (
                transaction.on
                for transaction in self.transactions
                if transaction.reversed_on is None
                and transaction.kind not in (TransactionKind.ACCRUAL, TransactionKind.DISBURSEMENT)
            ),
            default=None,
        )

    @property
    def disbursed_on(self) -> date:
        on = self.dates.disbursed_on or self.dates.expected_on
        assert on is not None
        return on

    # Totals

    @property
    def outstanding_minor(self) -> int:
        return sum(row.outstanding_minor for row in self.rows)

    def received_minor(self) -> int:
        """What came in for the installments, less what went back; waived interest where it counts as paid."""
        counted = PAYS_INSTALLMENTS
        if self.terms.allocation.pays_what_is_waived:
            counted = counted | {TransactionKind.WAIVE_INTEREST}
        total = 0
        for transaction in self.transactions:
            if transaction.reversed_on is None:
                if transaction.kind in counted:
                    total += transaction.amount_minor
                elif transaction.kind is TransactionKind.REFUND_BY_CASH:
                    total -= transaction.amount_minor
                elif transaction.kind in CREDITS:
                    total -= transaction.overpaid_minor
        return total
