"""The native core: what `core.port` asks for, answered from the ledger and this room's tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from dirisha.core.allocation import Allocation, repaid
from dirisha.core.installments import Installment
from dirisha.core.native.facts import SQL as FACTS
from dirisha.core.native.facts import LockedFacts, NativeReader
from dirisha.core.native.setup import set_up
from dirisha.core.port import (
    AccountKind,
    AccountRef,
    Loan,
    LoanOffer,
    Posted,
    Posting,
    ProductUnknown,
    Savings,
    Touched,
)
from dirisha.db.statements import Statements
from dirisha.db.transactions import Tx
from dirisha.kit.calendar import day_at
from dirisha.kit.ids import ClientId, OfficeId
from dirisha.kit.money import Money
from dirisha.kit.refusal import NotFound
from dirisha.kit.scope import Clients, Scope
from dirisha.ledger import books
from dirisha.ledger.books import (
    CASH,
    FEE_INCOME,
    INTEREST_INCOME,
    Journal,
    Movement,
    Side,
    loan_account,
    savings_account,
)
from dirisha.tenants.institution import Institution

WRITES = Statements.beside(__file__, "sql/writes.sql")


class NativeCore:
    """See `dirisha.core.port.Core`. Facts are read under the locks that the act holds."""

    facts_are: Literal["under lock"] = "under lock"

    def __init__(self, institution: Institution) -> None:
        self._institution = institution
        self._currency = institution.currency

    def business_date(self, at: datetime) -> date:
        return day_at(at, self._institution.zone)

    def set_up(self) -> None:
        catalogue = self._institution.catalogue
        set_up(list(catalogue.offices), list(catalogue.savings_products), list(catalogue.loan_products))

    # --- reading ------------------------------------------------------------------------------------------------------

    def reader(self, tx: Tx, scope: Scope) -> NativeReader:
        return NativeReader(self._institution, tx, scope)

    # --- an act: locks, then facts ------------------------------------------------------------------------------------

    def lock(self, tx: Tx, scope: Scope, touched: Touched) -> None:
        books.lock_balances(
            tx,
            sorted({*touched.savings, *touched.loans}),
            clients=scope.ids if isinstance(scope, Clients) else None,
            office=None if isinstance(scope, Clients) else scope.id,
        )

    def read_locked(self, tx: Tx, scope: Scope, touched: Touched) -> LockedFacts:
        savings = tx.run(FACTS["savings"], {"ids": list(touched.savings)}) if touched.savings else None
        loans = tx.run(FACTS["loans"], {"ids": list(touched.loans)}) if touched.loans else None
        installments = tx.run(FACTS["installments"], {"ids": list(touched.loans)}) if touched.loans else None
        return LockedFacts(self._institution, tx, savings, loans, installments)

    # --- money --------------------------------------------------------------------------------------------------------

    def transfer(self, tx: Tx, posting: Posting, source: Savings, target: Savings, amount: Money, fee: Money) -> Posted:
        payer = savings_account(source.id)
        return self._post(tx, posting, [Movement(payer, savings_account(target.id), amount), *_fee(payer, fee)])

    def repay(
        self, tx: Tx, posting: Posting, source: Savings, loan: Loan, amount: Money, fee: Money, allocation: Allocation
    ) -> Posted:
        return self._repay(tx, posting, savings_account(source.id), loan, fee, allocation)

    def _repay(
        self, tx: Tx, posting: Posting, payer: books.Account, loan: Loan, fee: Money, allocation: Allocation
    ) -> Posted:
        principal, interest = self._money(allocation.paid.principal), self._money(allocation.paid.interest)
        movements = [
            Movement(payer, loan_account(loan.id), principal),
            Movement(payer, self._interest_income(loan), interest),
        ]
        posted = self._post(tx, posting, [m for m in movements if m.amount.is_positive] + _fee(payer, fee))
        after = repaid(loan.installments, allocation, on=posting.business_date)
        self._pay_installments(tx, loan, after, allocation)
        left = sum(i.outstanding.principal for i in after)
        tx.run(
            WRITES["note_repayment"],
            {
                "loan": loan.id,
                "journal": posting.journal,
                "on": posting.business_date,
                "principal": principal.minor,
                "interest": interest.minor,
                "left": left,
                "closes": all(i.is_met for i in after),
            },
        )
        return posted

    def _interest_income(self, loan: Loan) -> books.Account:
        return INTEREST_INCOME

    def deposit(self, tx: Tx, posting: Posting, target: Savings, amount: Money) -> Posted:
        return self._post(tx, posting, [Movement(CASH, savings_account(target.id), amount)])

    def disburse(
        self, tx: Tx, posting: Posting, target: Savings, offer: LoanOffer, installments: Sequence[Installment]
    ) -> Posted:
        account, number = books.open_account(
            tx,
            side=Side.DEBIT,
            kind="loan",
            name=offer.product.name,
            owner=target.client,
            office=target.office,
            currency=self._currency.code,
            on=posting.business_date,
        )
        tx.run(
            WRITES["open_loan"],
            {
                "loan": account,
                "product": offer.product.id,
                "client": target.client,
                "principal": offer.principal.minor,
                "rate": offer.product.rate_percent,
                "on": posting.business_date,
                "journal": posting.journal,
                "numbers": [i.number for i in installments],
                "from_dates": [i.from_date for i in installments],
                "due_dates": [i.due_date for i in installments],
                "principals": [i.due.principal for i in installments],
                "interests": [i.due.interest for i in installments],
            },
        )
        self._post(tx, posting, [Movement(loan_account(account), savings_account(target.id), offer.principal)])
        return Posted(posting, opened=AccountRef(AccountKind.LOAN, account, number, offer.product.name))

    def _post(self, tx: Tx, posting: Posting, movements: Sequence[Movement]) -> Posted:
        books.post(
            tx,
            Journal(
                id=posting.journal,
                kind=posting.kind,
                business_date=posting.business_date,
                booked_at=posting.booked_at,
                command=posting.command,
                reference=posting.reference,
                movements=tuple(movements),
            ),
        )
        return Posted(posting)

    def _pay_installments(self, tx: Tx, loan: Loan, after: Sequence[Installment], allocation: Allocation) -> None:
        by_number = {i.number: i for i in after}
        paid = [by_number[part.number] for part in allocation.parts]
        tx.run(
            WRITES["pay_installments"],
            {
                "loan": loan.id,
                "numbers": [part.number for part in allocation.parts],
                "principal": [part.paid.principal for part in allocation.parts],
                "interest": [part.paid.interest for part in allocation.parts],
                "in_advance": [i.paid_in_advance_minor for i in paid],
                "late": [i.paid_late_minor for i in paid],
                "met_on": [i.met_on for i in paid],
            },
        )

    # --- a branch's work ----------------------------------------------------------------------------------------------

    def open_client(
        self, tx: Tx, *, office: OfficeId, first_name: str, last_name: str, msisdn: str | None, on: date
    ) -> ClientId:
        row = tx.run(
            WRITES["open_client"],
            {"office": office, "first_name": first_name, "last_name": last_name, "msisdn": msisdn, "on": on},
        ).one()
        return ClientId(row.id)

    def client_in_office(self, tx: Tx, client: ClientId, office: OfficeId) -> bool:
        return tx.run(WRITES["client_in_office"], {"client": client, "office": office}).first() is not None

    def open_savings(
        self, tx: Tx, *, client: ClientId, office: OfficeId, product: str, name: str, on: date
    ) -> AccountRef:
        if not self.client_in_office(tx, client, office):
            raise NotFound(kind="client")
        row = tx.run(WRITES["savings_product"], {"name": product}).first()
        if row is None:
            raise ProductUnknown(product=product)
        account, number = books.open_account(
            tx,
            side=Side.CREDIT,
            kind="savings",
            name=name,
            owner=client,
            office=office,
            currency=self._currency.code,
            on=on,
        )
        tx.run(WRITES["open_savings"], {"account": account, "product": row.id, "client": client, "on": on})
        return AccountRef(AccountKind.SAVINGS, account, number, name)

    def _money(self, minor: int) -> Money:
        return Money(minor, self._currency)


def _fee(payer: books.Account, fee: Money) -> list[Movement]:
    return [Movement(payer, FEE_INCOME, fee)] if fee.is_positive else []
