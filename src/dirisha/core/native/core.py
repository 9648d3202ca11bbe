"""The native core: what `core.port` asks for, answered from the ledger and this room's tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal

from dirisha.core.allocation import Allocation, repaid
from dirisha.core.installments import Installment
from dirisha.core.native.loan_terms import LoanTerms, TermsRefused
from dirisha.core.native.schedule import schedule
from dirisha.core.native.setup import set_up
from dirisha.core.port import (
    AccountKind,
    AccountRef,
    AccountStatus,
    Client,
    Loan,
    LoanOffer,
    LoanProduct,
    LoanTransaction,
    Office,
    Overview,
    Posted,
    Posting,
    ProductUnknown,
    Receipt,
    Savings,
    SavingsLine,
    SavingsTurnover,
    TermsNotOffered,
    Touched,
)
from dirisha.db.statements import Statements
from dirisha.db.transactions import Rows, Tx
from dirisha.kit.calendar import day_at
from dirisha.kit.ids import ClientId, LoanId, OfficeId, SavingsId
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

FACTS = Statements.beside(__file__, "sql/facts.sql")
WRITES = Statements.beside(__file__, "sql/writes.sql")

# A journal puts at most this many lines on one account (principal, interest, fee).
MOST_LEGS = 3


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

    def overview(self, tx: Tx, scope: Scope, *, latest: int) -> Overview:
        of = {"clients": _ids(scope)}
        clients, savings = tx.run(FACTS["clients"], of), tx.run(FACTS["clients_savings"], of)
        loans, installments = tx.run(FACTS["clients_loans"], of), tx.run(FACTS["clients_installments"], of)
        lines = tx.run(FACTS["clients_lines"], of | {"limit": latest * MOST_LEGS})
        return Overview(
            clients=tuple(self._client(row) for row in clients.all()),
            savings=tuple(self._savings(row) for row in savings.all()),
            loans=self._loans(loans, installments),
            latest=self._latest(lines.all(), latest),
        )

    def clients(self, tx: Tx, scope: Scope) -> list[Client]:
        return [self._client(row) for row in tx.run(FACTS["clients"], {"clients": _ids(scope)}).all()]

    def offices(self, tx: Tx) -> list[Office]:
        return [Office(OfficeId(row.id), row.name) for row in tx.run(FACTS["offices"]).all()]

    def savings_account(self, tx: Tx, scope: Scope, savings_id: SavingsId) -> Savings | None:
        row = tx.run(FACTS["savings"], {"ids": [savings_id]}).first()
        return None if row is None else self._savings(row)

    def savings_lines(
        self, tx: Tx, scope: Scope, savings_id: SavingsId, *, before: int | None, limit: int
    ) -> list[SavingsLine]:
        # One journal more than asked for, so that the last one shown is whole.
        raw = books.lines(tx, savings_id, Side.CREDIT, before=before, limit=(limit + 1) * MOST_LEGS)
        return self._by_journal(raw)[:limit]

    def savings_turnover(self, tx: Tx, scope: Scope, savings_id: SavingsId) -> SavingsTurnover:
        row = tx.run(FACTS["savings_turnover"], {"account": savings_id}).one()
        return SavingsTurnover(self._money(int(row.paid_in)), self._money(int(row.paid_out)), row.last_on)

    def loan(self, tx: Tx, scope: Scope, loan_id: LoanId) -> Loan | None:
        loans, installments = (
            tx.run(FACTS["loans"], {"ids": [loan_id]}),
            tx.run(FACTS["installments"], {"ids": [loan_id]}),
        )
        return next(iter(self._loans(loans, installments)), None)

    def loan_transactions(self, tx: Tx, scope: Scope, loan_id: LoanId) -> list[LoanTransaction]:
        return [
            LoanTransaction(
                number=row.number,
                journal=row.journal,
                reference=row.reference,
                kind=row.kind,
                business_date=row.business_date,
                booked_at=row.booked_at,
                amount=self._money(row.amount_minor),
                principal=self._money(row.principal_minor),
                interest=self._money(row.interest_minor),
                outstanding_principal=self._money(row.left_minor),
            )
            for row in tx.run(FACTS["loan_transactions"], {"loan": loan_id}).all()
        ]

    def receipt(self, tx: Tx, scope: Scope, reference: str) -> Receipt | None:
        rows = tx.run(FACTS["receipt"], {"reference": reference}).all()
        return self._receipt(rows) if rows else None

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
        return LockedFacts(self, tx, savings, loans, installments)

    # --- money --------------------------------------------------------------------------------------------------------

    def transfer(self, tx: Tx, posting: Posting, source: Savings, target: Savings, amount: Money, fee: Money) -> Posted:
        payer = savings_account(source.id)
        return self._post(tx, posting, [Movement(payer, savings_account(target.id), amount), *_fee(payer, fee)])

    def repay(
        self, tx: Tx, posting: Posting, source: Savings, loan: Loan, amount: Money, fee: Money, allocation: Allocation
    ) -> Posted:
        payer = savings_account(source.id)
        principal, interest = self._money(allocation.principal_minor), self._money(allocation.interest_minor)
        movements = [
            Movement(payer, loan_account(loan.id), principal),
            Movement(payer, self._interest_income(loan), interest),
        ]
        posted = self._post(tx, posting, [m for m in movements if m.amount.is_positive] + _fee(payer, fee))
        after = repaid(loan.installments, allocation, on=posting.business_date)
        self._pay_installments(tx, loan, after, allocation)
        left = sum(i.principal_outstanding_minor for i in after)
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
                "principals": [i.principal_minor for i in installments],
                "interests": [i.interest_minor for i in installments],
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
                "principal": [part.principal_minor for part in allocation.parts],
                "interest": [part.interest_minor for part in allocation.parts],
                "in_advance": [i.paid_in_advance_minor for i in paid],
                "late": [i.paid_late_minor for i in paid],
                "met_on": [i.met_on for i in paid],
            },
        )

    # --- a branch's work ----------------------------------------------------------------------------------------------

    def loan_product(self, tx: Tx, name: str) -> LoanProduct | None:
        row = tx.run(WRITES["loan_product"], {"name": name}).first()
        if row is None:
            return None
        return LoanProduct(
            id=row.id,
            name=row.name,
            rate_percent=row.rate_percent,
            smallest=self._money(row.smallest_minor),
            largest=self._money(row.largest_minor),
            fewest_installments=row.fewest_installments,
            most_installments=row.most_installments,
        )

    def plan_loan(self, product: LoanProduct, principal: Money, installments: int, on: date) -> tuple[Installment, ...]:
        if not product.smallest <= principal <= product.largest:
            raise TermsNotOffered(rule="principal", limit=f"{product.smallest.plain()}-{product.largest.plain()}")
        if not product.fewest_installments <= installments <= product.most_installments:
            raise TermsNotOffered(
                rule="installments", limit=f"{product.fewest_installments}-{product.most_installments}"
            )
        try:
            terms = LoanTerms(
                principal=principal, number_of_repayments=installments, interest_rate=Decimal(product.rate_percent)
            )
            return schedule(terms, on)
        except TermsRefused as refused:
            raise TermsNotOffered(rule=refused.rule.value, limit=str(refused.limit)) from None

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

    # --- rows into facts ----------------------------------------------------------------------------------------------

    def _money(self, minor: int) -> Money:
        return Money(minor, self._currency)

    def _client(self, row: Any) -> Client:
        return Client(
            id=ClientId(row.id),
            number=row.number,
            first_name=row.first_name,
            last_name=row.last_name,
            office=OfficeId(row.office),
            office_name=row.office_name,
            msisdn=row.msisdn,
            submitted_on=row.submitted_on,
            activated_on=row.activated_on,
        )

    def _savings(self, row: Any) -> Savings:
        return Savings(
            id=SavingsId(row.id),
            number=row.number,
            name=row.name,
            product_id=row.product,
            client=ClientId(row.client),
            client_name=f"{row.first_name} {row.last_name}",
            office=OfficeId(row.office),
            status=AccountStatus(row.status),
            balance=self._money(row.minor),
            opened_on=row.opened_on,
        )

    def _loans(self, loans: Rows, installments: Rows) -> tuple[Loan, ...]:
        by_loan: dict[int, list[Installment]] = defaultdict(list)
        loan_rows = loans.all()
        for row in installments.all():
            by_loan[row.loan].append(Installment(*row[1:]))
        return tuple(
            Loan(
                id=LoanId(row.id),
                number=row.number,
                name=row.name,
                product_id=row.product,
                client=ClientId(row.client),
                client_name=f"{row.first_name} {row.last_name}",
                office=OfficeId(row.office),
                status=AccountStatus(row.status),
                currency=self._currency,
                principal=self._money(row.principal_minor),
                rate_percent=row.rate_percent,
                disbursed_on=row.disbursed_on,
                closed_on=row.closed_on,
                installments=tuple(by_loan[row.id]),
            )
            for row in loan_rows
        )

    def _by_journal(self, raw: Iterable[books.Line]) -> list[SavingsLine]:
        """Lines newest first, those of one journal as one: its amounts summed, the balance after the last."""
        grouped = []
        for journal, group in groupby(raw, key=lambda line: line.journal):
            legs = list(group)
            newest = legs[0]
            grouped.append(
                SavingsLine(
                    line=legs[-1].number,
                    journal=journal,
                    reference=newest.reference,
                    kind=newest.kind,
                    business_date=newest.business_date,
                    booked_at=newest.booked_at,
                    amount=self._money(sum(leg.delta_minor for leg in legs)),
                    balance=self._money(newest.balance_minor),
                )
            )
        return grouped

    def _latest(self, rows: Sequence[Any], latest: int) -> tuple[tuple[SavingsId, SavingsLine], ...]:
        lines = [
            (SavingsId(account), line)
            for account, group in groupby(rows, key=lambda row: row.account)
            for line in self._by_journal(_line(row) for row in group)
        ]
        lines.sort(key=lambda each: (each[1].booked_at, each[1].line), reverse=True)
        return tuple(lines[:latest])

    def _receipt(self, rows: Sequence[Any]) -> Receipt:
        first, last = rows[0], rows[-1]
        fee = sum(row.amount_minor for row in rows if row.credit == FEE_INCOME.id)
        interest = sum(row.amount_minor for row in rows if row.credit == INTEREST_INCOME.id)
        amount = sum(row.amount_minor for row in rows) - fee
        is_repayment = first.loan_part == "repayment"
        if first.loan is not None:
            target = AccountRef(AccountKind.LOAN, first.loan, first.loan_number, first.loan_name)
        else:
            target = AccountRef(AccountKind.SAVINGS, first.credit, first.credit_number, first.credit_name)
        source = None
        if first.debit_kind == "savings":
            source = AccountRef(AccountKind.SAVINGS, first.debit, first.debit_number, first.debit_name)
        return Receipt(
            reference=first.reference,
            kind=first.kind,
            business_date=first.business_date,
            booked_at=first.booked_at,
            source=source,
            target=target,
            payee=first.payee,
            amount=self._money(amount),
            fee=self._money(fee),
            principal=self._money(amount - interest) if is_repayment else None,
            interest=self._money(interest) if is_repayment else None,
            balance_after=self._money(last.debit_balance if source else first.credit_balance),
        )


class LockedFacts:
    """Facts on their way: the rows are fetched when the first is asked for."""

    def __init__(
        self, core: NativeCore, tx: Tx, savings: Rows | None, loans: Rows | None, installments: Rows | None
    ) -> None:
        self._tx = tx
        self._core, self._savings_rows, self._loan_rows, self._installment_rows = core, savings, loans, installments
        self._savings: dict[int, Savings] | None = None
        self._loans: dict[int, Loan] | None = None

    def savings(self, savings_id: SavingsId) -> Savings | None:
        if self._savings is None:
            rows = self._savings_rows.all() if self._savings_rows else []
            self._savings = {row.id: self._core._savings(row) for row in rows}
        return self._savings.get(savings_id)

    def loan(self, loan_id: LoanId) -> Loan | None:
        if self._loans is None:
            found = (
                self._core._loans(self._loan_rows, self._installment_rows)
                if self._loan_rows and self._installment_rows
                else ()
            )
            self._loans = {loan.id: loan for loan in found}
        return self._loans.get(loan_id)

    def loan_product(self, name: str) -> LoanProduct | None:
        return self._core.loan_product(self._tx, name)

    def plan_loan(self, product: LoanProduct, principal: Money, installments: int, on: date) -> tuple[Installment, ...]:
        return self._core.plan_loan(product, principal, installments, on)


def _ids(scope: Scope) -> list[int]:
    # A branch's lists come with the branch's pages; its acts name what they touch.
    return list(scope.ids) if isinstance(scope, Clients) else []


def _fee(payer: books.Account, fee: Money) -> list[Movement]:
    return [Movement(payer, FEE_INCOME, fee)] if fee.is_positive else []


def _line(row: Any) -> books.Line:
    delta = row.amount_minor if row.side == Side.CREDIT else -row.amount_minor
    return books.Line(
        row.line, row.journal, row.reference, row.kind, row.business_date, row.booked_at, delta, row.balance
    )
